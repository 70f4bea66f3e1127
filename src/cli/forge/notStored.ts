/** Why a case lies in no file of fixtures/cases. All of them are made and judged in the tests like any other. */
const reasons = {
  random: 'its signature is another at every run',
  large: 'it is large',
  sibling: 'another of its family is there, and it differs in little',
} as const

const names: readonly (readonly [keyof typeof reasons, string])[] = [
  ['random', 'okta.rsa-pss okta.ecdsa-sha256 situation.ecdsa'],
  [
    'large',
    'okta.groups-150 okta.attribute-value-large okta.too-many-nodes okta.too-many-elements',
  ],
  [
    'sibling',
    'okta.encrypted-gcm-192 okta.encrypted-oaep-mixed okta.rsa-sha384 okta.times-without-fraction',
  ],
  [
    'sibling',
    `okta.conditions-not-before-ahead okta.not-on-or-after-missing okta.issue-instant-missing okta.time-with-offset
     okta.time-date-only okta.time-in-seconds okta.time-empty okta.time-five-digit-year okta.time-with-blanks
     okta.not-before-without-zone okta.confirmation-time-in-words okta.authn-instant-ahead okta.confirmation-without-end`,
  ],
  [
    'sibling',
    `okta.status-lower-case okta.status-of-saml1 okta.status-empty okta.status-proto okta.status-code-two okta.issuer-missing
     okta.issuer-missing-in-assertion okta.issuer-white-space okta.issuer-upper-case okta.version-missing okta.response-text
     okta.extensions-encrypted`,
  ],
  [
    'sibling',
    `okta.audience-empty okta.audience-lower-case okta.audience-list okta.audience-white-space okta.audience-restriction-empty
     okta.conditions-two okta.condition-foreign okta.subject-missing okta.confirmation-missing
     okta.confirmation-method-missing okta.authz-statement-only`,
  ],
  [
    'sibling',
    `okta.nameid-url-encoded okta.nameid-tab okta.nameid-bom okta.nameid-257 okta.nameid-proto okta.nameid-format-email
     okta.nameid-decomposed okta.nameid-hex okta.attribute-name-empty okta.attribute-constructor
     okta.attribute-in-response-to okta.attribute-immutable-id`,
  ],
  ['sibling', 'okta.id-polluted-capital okta.id-polluted-small okta.id-polluted-assertion-id'],
  ['sibling', 'okta.keyinfo-two-data okta.keyinfo-key-name okta.keyinfo-no-certificate'],
  [
    'sibling',
    `okta.signature-method-empty okta.signature-method-none okta.signature-method-to-string okta.signature-method-dsa
     okta.signature-method-hmac-sha1 okta.signature-method-upper-case okta.digest-method-empty okta.digest-method-none
     okta.digest-method-constructor okta.digest-method-to-string okta.digest-method-md5 okta.c14n-method-empty
     okta.c14n-method-none okta.c14n-method-constructor okta.c14n-method-to-string okta.c14n-method-xslt
     okta.c14n-inclusive-with-comments okta.transform-empty okta.transform-none okta.transform-constructor
     okta.transform-to-string okta.transform-base64 okta.transform-xpath-filter`,
  ],
  [
    'sibling',
    `okta.reference-uri-hash okta.reference-uri-file okta.reference-uri-xpointer-root okta.reference-uri-white-space
     okta.reference-uri-encoded okta.reference-none okta.digest-value-nested okta.transforms-one okta.signed-info-text
     okta.signed-info-second okta.signed-info-in-keyinfo okta.keyinfo-two okta.signature-foreign-child
     okta.signature-value-missing okta.c14n-method-decoy`,
  ],
  [
    'sibling',
    `okta.comment-in-signature-value okta.comment-in-issuer okta.comment-in-attribute okta.comment-between-elements
     okta.comment-after-root okta.comment-in-key-info okta.pi-after-root okta.pi-in-audience okta.pi-in-key-info
     okta.xml-declaration-inside okta.cdata-audience okta.cdata-attribute okta.cdata-empty okta.doctype-parameter-entity
     okta.doctype-external-subset okta.doctype-attlist-id`,
  ],
  [
    'sibling',
    `okta.text-before-root okta.white-space-before-declaration okta.empty okta.end-tag-other okta.end-tag-missing
     okta.attribute-unquoted okta.attribute-without-value okta.attributes-without-space okta.less-than-in-attribute
     okta.ampersand-bare okta.reference-to-nul okta.reference-to-surrogate okta.control-character okta.noncharacter
     okta.cdata-end-in-text okta.name-with-two-colons okta.comment-unclosed okta.json okta.encoding-declared-latin1`,
  ],
  [
    'sibling',
    `okta.response-namespace-near okta.namespace-with-blank okta.prefix-xmlns-declared okta.namespace-xml-stolen
     okta.prefix-undeclared-again okta.prefix-declared-twice okta.element-of-prefix-xml okta.name-not-ascii`,
  ],
  [
    'sibling',
    `okta.base64-unpadded okta.base64-surplus-padding okta.base64-text-after-padding okta.base64-loose-bits
     okta.base64-percent okta.base64-twice okta.base64-of-nothing okta.xml-as-posted okta.utf-16-big-endian okta.utf-8-latin1
     okta.utf-8-overlong okta.utf-8-surrogate okta.utf-8-beyond okta.utf-8-cut okta.nul-byte`,
  ],
  [
    'sibling',
    `okta.encrypted-tag-short okta.encrypted-content-empty okta.encrypted-content-tampered okta.encrypted-type-content
     okta.encrypted-data-two okta.encrypted-two-inside okta.encrypted-nothing-inside okta.encrypted-comment-inside
     okta.encrypted-cipher-swapped okta.encrypted-keys-four`,
  ],
  [
    'sibling',
    `okta.message-artifact-response okta.message-metadata okta.message-ws-federation okta.message-authn-request
     okta.too-deep-empty`,
  ],
  [
    'sibling',
    `okta.time-february-30 okta.time-leap-second okta.not-before-missing okta.conditions-expired okta.issue-instant-old
     okta.status-two okta.issuer-missing-but-attribute okta.issuer-other-in-response okta.response-foreign-child
     okta.audience-trailing-slash okta.audience-prefix okta.authn-statement-two okta.recipient-http okta.destination-trailing-slash
     okta.nameid-two okta.nameid-zero-width okta.nameid-swapped-case okta.nameid-guid-text okta.attribute-issuer
     okta.nameid-missing-but-attribute okta.subject-two okta.sender-vouches okta.confirmation-two`,
  ],
  [
    'sibling',
    `okta.reference-uri-xpointer okta.reference-uri-quote okta.digest-value-empty okta.signed-info-foreign
     okta.signed-info-in-object okta.signature-value-decoy okta.object-manifest okta.signature-value-empty okta.id-changed
     okta.transforms-missing okta.keyinfo-retrieval-method okta.c14n-with-comments okta.transform-enveloped-twice`,
  ],
  [
    'sibling',
    `okta.comment-before-root okta.comment-in-audience okta.cdata-digest-value okta.pi-in-digest-value okta.cdata-split
     okta.doctype-external-entity okta.attribute-twice okta.prefix-undeclared okta.truncated okta.response-saml1
     okta.attributes-of-one-name okta.nameid-foreign-namespace-only okta.base64-empty okta.deflated`,
  ],
  [
    'sibling',
    `okta.encrypted-3des okta.encrypted-key-missing okta.encrypted-response-inside okta.encrypted-doctype-inside
     okta.encrypted-cbc-assertion-signed okta.encrypted-gcm-128 okta.encrypted-response-signed okta.message-soap
     okta.proxy-restriction okta.nameid-without-format okta.no-xml-declaration okta.signature-value-in-lines
     okta.status-with-message okta.issuer-in-assertion-only okta.base64 okta.rsa-sha512 okta.audiences-two
     okta.xsw-in-unknown-element okta.xsw-advice okta.xsw-confirmation-data okta.idp-email-two-values`,
  ],
]

/** Cases that lie in no file, by name, and why. */
export const notStored: ReadonlyMap<string, string> = new Map(
  names.flatMap(([reason, list]) =>
    list.split(/\s+/).map((name) => [name, reasons[reason]] as const),
  ),
)
