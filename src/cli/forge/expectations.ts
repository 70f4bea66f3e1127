import type { Reason } from '../../aadsts/reasons.ts'

/**
 * The reason that each fault of the demo Okta must be refused with, under the usual circumstances; those under `null` must sign in.
 * Written down by hand, once, so that forged cases carry an expectation of their own instead of what the judgement happens to
 * say. A fault that is missing here fails the tests.
 */
const faultsByReason: readonly (readonly [Reason | null, string])[] = [
  [
    null,
    `assertion-signed response-signed rsa-sha384 rsa-sha512 rsa-pss keyinfo-none keyinfo-foreign-certificate
     signature-value-in-lines nameid-persistent nameid-without-format nameid-as-character-references no-attributes
     attributes-of-many-scripts groups-150 attribute-value-large one-time-use proxy-restriction audiences-two
     issuer-in-assertion-only destination-missing-unsigned in-response-to-stripped extensions-harmless times-without-fraction
     times-with-seven-digits other-prefixes indented single-quotes no-xml-declaration status-with-message base64
     base64-in-lines encrypted encrypted-gcm-128 encrypted-gcm-192 encrypted-oaep-sha256 encrypted-oaep-mixed
     encrypted-assertion-signed encrypted-response-signed encrypted-nameid nameid-other authn-context-multipleauthn idp-email-two-values
     attribute-proto attribute-constructor attribute-nameid attribute-issuer attribute-in-response-to attribute-immutable-id`,
  ],
  ['messageTooLarge', 'too-large'],
  [
    'notBase64',
    `base64-junk base64-blank base64-url base64-unpadded base64-surplus-padding base64-text-after-padding base64-loose-bits
     base64-percent base64-empty base64-of-nothing xml-as-posted`,
  ],
  [
    'notUtf8',
    `deflated byte-order-mark utf-16 utf-8-invalid-byte utf-8-latin1 utf-8-overlong utf-8-surrogate utf-8-beyond utf-8-cut`,
  ],
  [
    'notWellFormed',
    `text-before-root text-after-root two-roots truncated empty end-tag-other end-tag-missing attribute-unquoted
     attribute-twice attribute-without-value attributes-without-space less-than-in-attribute ampersand-bare entity-undeclared
     reference-to-control reference-to-nul reference-to-surrogate control-character noncharacter cdata-end-in-text
     prefix-undeclared name-with-two-colons html json base64-twice utf-16-big-endian nul-byte
     prefix-declared-twice attributes-of-one-name encrypted-two-inside encrypted-nothing-inside`,
  ],
  [
    'forbiddenMarkup',
    `prefix-undeclared-again nameid-comment processing-instruction cdata doctype comment-in-digest-value comment-in-signature-value comment-in-audience
     comment-in-issuer comment-in-attribute comment-between-elements comment-before-root comment-after-root comment-in-key-info
     comment-hides-audience comment-unclosed pi-before-root pi-after-root pi-in-digest-value pi-in-audience pi-in-key-info
     xml-declaration-inside white-space-before-declaration xml-1-1 encoding-declared-latin1 cdata-digest-value cdata-audience
     cdata-attribute cdata-split cdata-empty doctype-internal-entity doctype-external-entity doctype-parameter-entity
     doctype-external-subset doctype-attlist-id doctype-attlist-namespace doctype-billion-laughs namespace-relative
     namespace-with-blank void-canonicalization prefix-xml-redeclared prefix-xmlns-declared namespace-xml-stolen
     element-of-prefix-xml name-not-ascii xsw-id-by-entity encrypted-doctype-inside encrypted-comment-inside`,
  ],
  [
    'tooComplex',
    `too-deep too-deep-empty too-many-elements too-many-attributes too-many-namespaces too-many-nodes encrypted-keys-four`,
  ],
  [
    'notAResponse',
    `version-1-1 version-missing assertion-version-1-1 id-missing-in-response response-foreign-child
     response-text response-foreign-namespace response-saml1 response-namespace-near assertion-foreign-namespace
     message-logout-response message-logout-request message-authn-request message-artifact-response message-metadata
     message-assertion message-soap message-ws-federation xsw-assertion-as-root`,
  ],
  [
    'duplicateId',
    `duplicate-id id-polluted id-polluted-capital id-polluted-small id-polluted-xml id-polluted-prefixed
     id-polluted-assertion-id id-same-for-both id-begins-with-digit id-missing-in-assertion id-decoy-with-signature
     encrypted-id-again-inside`,
  ],
  [
    'severalAssertions',
    `two-assertions xsw3 xsw4 xsw5 xsw6 xsw-signature-copied xsw-status-detail xsw-advice xsw-attribute-value
     xsw-confirmation-data xsw-in-unknown-element xsw-second-assertion-unsigned advice-assertion encrypted-twice
     encrypted-response-inside encrypted-xsw-inside encrypted-and-plain`,
  ],
  [
    'extensionsNotAllowed',
    'extensions-assertion extensions-signature extensions-encrypted xsw7 xsw-extensions xsw-signed-metadata',
  ],
  [
    'signaturePlacement',
    `message-response-in-response xsw-signed-refusal xsw2 xsw1 object-in-signature xsw8 xsw-object-of-decoy xsw-object-same-id xsw-evil-signature-first xsw-signature-transplanted
     xsw-signature-of-refusal signed-info-two signed-info-second signed-info-in-keyinfo signed-info-in-object
     signed-info-foreign signed-info-text c14n-method-decoy signature-value-decoy keyinfo-two object-manifest
     signature-foreign-child signature-value-missing signature-empty signature-twice signature-last signature-detached
     reference-to-assertion reference-two reference-none digest-value-two digest-value-nested transforms-missing
     transforms-one transforms-three hmac-output-length id-changed reference-uri-empty reference-uri-missing
     reference-uri-hash reference-uri-external reference-uri-file reference-uri-xpointer reference-uri-xpointer-root
     reference-uri-quote reference-uri-white-space reference-uri-encoded`,
  ],
  [
    'statusNotSuccess',
    `status-request-denied status-responder status-lower-case status-of-saml1 status-empty status-proto status-missing
     status-two status-code-two status-message-script`,
  ],
  ['assertionMissing', 'status-missing-assertion'],
  [
    'issuerNotFederated',
    'issuer-other issuer-trailing-slash issuer-missing issuer-other-in-response issuer-white-space issuer-upper-case',
  ],
  [
    'issuerMismatch',
    'issuer-missing-in-assertion issuer-missing-but-attribute issuer-other-in-assertion issuer-two',
  ],
  ['notSigned', 'unsigned encrypted-unsigned'],
  [
    'algorithmNotAllowed',
    `sha1 hmac transform-xslt signature-method-empty signature-method-none signature-method-constructor signature-method-proto
     signature-method-to-string signature-method-md5 signature-method-dsa signature-method-hmac-sha1
     signature-method-upper-case digest-method-empty digest-method-none digest-method-constructor digest-method-proto
     digest-method-to-string digest-method-md5 digest-method-sha1 c14n-method-empty c14n-method-none c14n-method-constructor
     c14n-method-proto c14n-method-to-string c14n-method-xslt c14n-inclusive c14n-with-comments c14n-inclusive-with-comments
     transform-empty transform-none transform-constructor transform-proto transform-to-string transform-base64
     transform-xpath transform-xpath-filter transform-enveloped-twice transforms-swapped
     encrypted-cbc encrypted-cbc-assertion-signed encrypted-3des encrypted-rsa-1-5 encrypted-cipher-swapped`,
  ],
  [
    'signingKeyUnknown',
    'foreign-key keyinfo-same-subject keyinfo-two-certificates keyinfo-two-data keyinfo-no-certificate encrypted-foreign-key',
  ],
  [
    'signatureInvalid',
    `bad-signature-value signature-value-empty keyinfo-poses keyinfo-none-foreign keyinfo-key-value keyinfo-key-name
     keyinfo-retrieval-method ecdsa-sha256`,
  ],
  ['digestMismatch', 'nameid-tampered bad-digest digest-value-empty digest-of-nothing'],
  [
    'decryptionFailed',
    `encrypted-to-another encrypted-tag-tampered encrypted-content-tampered encrypted-tag-short encrypted-content-empty
     encrypted-key-missing encrypted-cipher-reference encrypted-type-content encrypted-data-two`,
  ],
  [
    'assertionExpired',
    'expired conditions-expired confirmation-expired issue-instant-old session-over',
  ],
  [
    'assertionNotYetValid',
    'not-yet-valid conditions-not-before-ahead issue-instant-ahead authn-instant-ahead',
  ],
  ['lifetimeTooLong', 'lifetime-too-long lifetime-25-hours'],
  [
    'timeMissing',
    `no-conditions-times confirmation-without-end not-before-missing not-on-or-after-missing issue-instant-missing
     time-without-zone time-with-offset time-in-words time-year-only time-date-only time-in-seconds time-empty
     time-leap-second time-february-30 time-five-digit-year time-with-blanks not-before-without-zone
     confirmation-time-in-words`,
  ],
  [
    'audienceMismatch',
    `audience-other audience-missing audience-empty audience-trailing-slash audience-lower-case audience-white-space
     audience-prefix audience-list audience-second-restriction audience-restriction-empty conditions-missing conditions-two`,
  ],
  ['conditionUnknown', 'unknown-condition condition-foreign'],
  [
    'recipientMismatch',
    'recipient-other recipient-missing recipient-other-tenant recipient-http confirmation-data-missing',
  ],
  [
    'destinationMismatch',
    'destination-other destination-missing destination-other-unsigned destination-trailing-slash',
  ],
  [
    'subjectConfirmationInvalid',
    `holder-of-key sender-vouches subject-two subject-missing confirmation-missing confirmation-two confirmation-not-before
     confirmation-method-missing in-response-to-stapled in-response-to-stapled-on in-response-to-in-response-only`,
  ],
  [
    'authnStatementMissing',
    'no-authn-statement authn-statement-two authn-instant-missing authz-statement-only',
  ],
  ['attributeMalformed', 'duplicate-attribute attribute-name-missing attribute-name-empty'],
  ['responseReplayed', 'replay'],
  ['unsolicitedNotAllowed', 'unsolicited'],
  ['requestUnknown', 'in-response-to-other'],
  [
    'nameIdMissing',
    'nameid-missing nameid-empty nameid-two nameid-missing-but-attribute nameid-foreign-namespace nameid-foreign-namespace-only nameid-prefix-rebound',
  ],
  ['nameIdFormatNotAllowed', 'nameid-format-transient nameid-format-email'],
  [
    'nameIdMalformed',
    'nameid-whitespace nameid-child-element nameid-zero-width nameid-tab nameid-decomposed nameid-bom nameid-257',
  ],
  [
    'immutableIdMismatch',
    `nameid-swapped-case nameid-unpadded nameid-base64url nameid-hex nameid-guid-text nameid-url-encoded nameid-homograph
     nameid-proto nameid-of-nobody`,
  ],
]

export const expectations: ReadonlyMap<string, Reason | null> = new Map(
  faultsByReason.flatMap(([reason, names]) =>
    names.split(/\s+/).map((name) => [name, reason] as const),
  ),
)
