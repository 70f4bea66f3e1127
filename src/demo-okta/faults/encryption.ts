import { ns } from '../xml.ts'
import type { Fault } from './fault.ts'
import { contentValue, flipped, honest, inHolder, open, sealed, sealing } from './sealing.ts'
import { elementText, inOrder, insertedBefore, reachingIn, replaced, rewritten } from './text.ts'

/** What is encrypted, to whom, by what, and what is hidden inside. */
export const encryptionFaults: readonly Fault[] = [
  honest({ name: 'encrypted', title: 'Encrypted: AES-256-GCM and RSA-OAEP' }),
  honest({
    name: 'encrypted-gcm-128',
    title: 'Encrypted with AES-128-GCM',
    choice: () => ({ cipher: 'aes128-gcm' }),
  }),
  honest({
    name: 'encrypted-gcm-192',
    title: 'Encrypted with AES-192-GCM',
    choice: () => ({ cipher: 'aes192-gcm' }),
  }),
  honest({
    name: 'encrypted-oaep-sha256',
    title: 'Encrypted, RSA-OAEP with SHA-256 throughout',
    choice: () => ({ transport: 'rsa-oaep-sha256' }),
  }),
  honest({
    name: 'encrypted-oaep-mixed',
    title: 'Encrypted, RSA-OAEP with SHA-256 and MGF1 with SHA-1',
    choice: () => ({ transport: 'rsa-oaep-sha256-mgf1p' }),
  }),
  honest({
    name: 'encrypted-assertion-signed',
    title: 'Encrypted, only the assertion inside is signed',
    signed: 'assertion',
  }),
  honest({
    name: 'encrypted-response-signed',
    title: 'Encrypted, only the Response around it is signed',
    signed: 'response',
  }),
  {
    name: 'encrypted-nameid',
    title: 'The NameID alone is encrypted',
    group: 'Honest variants',
    before: (spec, scene) => {
      const seal = sealing(scene)
      const assertion = (xml: string) => {
        const nameId = elementText(xml, 'saml2:NameID')
        const standing = nameId.replace(
          '<saml2:NameID',
          `<saml2:NameID xmlns:saml2="${ns.assertion}"`,
        )
        return replaced(nameId, inHolder('EncryptedID', seal(standing)))(xml)
      }
      return reachingIn({ assertion })(spec)
    },
  },
  sealed({
    name: 'encrypted-cbc',
    title: 'Encrypted with AES-256-CBC',
    twin: 'encrypted',
    choice: () => ({ cipher: 'aes256-cbc' }),
  }),
  sealed({
    name: 'encrypted-cbc-assertion-signed',
    title: 'Encrypted with AES-256-CBC, only the assertion inside is signed',
    twin: 'encrypted-assertion-signed',
    signed: 'assertion',
    choice: () => ({ cipher: 'aes256-cbc' }),
  }),
  sealed({
    name: 'encrypted-3des',
    title: 'Encrypted with Triple DES',
    twin: 'encrypted',
    choice: () => ({ cipher: 'tripledes' }),
  }),
  sealed({
    name: 'encrypted-rsa-1-5',
    title: 'Encrypted, the key by RSA PKCS#1 v1.5',
    twin: 'encrypted',
    choice: () => ({ transport: 'rsa-1.5' }),
  }),
  sealed({
    name: 'encrypted-to-another',
    title: 'Encrypted to somebody else',
    twin: 'encrypted',
    choice: ({ facts }) => ({ certificatePem: facts.key.certificatePem }),
  }),
  {
    ...sealed({
      name: 'encrypted-unsigned',
      title: 'A forged assertion encrypted to us, signed by nobody',
      twin: 'encrypted',
    }),
    before: (spec, scene) => {
      const seal = sealing(scene)
      const signedAssertion = (xml: string) => inHolder('EncryptedAssertion', seal(xml))
      return { ...reachingIn({ signedAssertion })(spec), signed: 'none' }
    },
  },
  {
    ...sealed({
      name: 'encrypted-foreign-key',
      title: 'A forged assertion encrypted to us, signed inside with a foreign key',
    }),
    twin: 'encrypted-assertion-signed',
    before: async (spec, scene) => {
      const seal = sealing(scene)
      const signedAssertion = (xml: string) => inHolder('EncryptedAssertion', seal(xml))
      const key = await scene.foreignKey()
      return { ...reachingIn({ signedAssertion }, 'assertion')(spec), key }
    },
  },
  open({
    name: 'encrypted-tag-tampered',
    title: 'The last byte of the GCM tag changed',
    outside: contentValue((it) => flipped(it, it.length - 1)),
  }),
  open({
    name: 'encrypted-content-tampered',
    title: 'A byte of the encrypted content changed',
    outside: contentValue((it) => flipped(it, 40)),
  }),
  open({
    name: 'encrypted-tag-short',
    title: 'The GCM tag cut to four bytes',
    outside: contentValue((it) => it.subarray(0, -12)),
  }),
  open({
    name: 'encrypted-content-empty',
    title: 'Nothing for encrypted content',
    outside: contentValue(() => Buffer.alloc(0)),
  }),
  open({
    name: 'encrypted-cipher-swapped',
    title: 'AES-GCM called AES-CBC after encrypting',
    outside: rewritten(
      /http:\/\/www\.w3\.org\/2009\/xmlenc11#aes256-gcm/,
      () => 'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
    ),
  }),
  open({
    name: 'encrypted-key-missing',
    title: 'No EncryptedKey',
    outside: rewritten(/<xenc:EncryptedKey>.*<\/xenc:EncryptedKey>/, () => ''),
  }),
  open({
    name: 'encrypted-keys-four',
    title: 'Four EncryptedKeys',
    outside: (xml) => {
      const key = elementText(xml, 'xenc:EncryptedKey')
      return replaced(key, key.repeat(4))(xml)
    },
  }),
  open({
    name: 'encrypted-cipher-reference',
    title: 'Encrypted content that lies on another server',
    outside: (xml) => {
      const content =
        /<xenc:CipherValue>[^<]*<\/xenc:CipherValue>(?=<\/xenc:CipherData><\/xenc:EncryptedData>)/
      return rewritten(
        content,
        () => '<xenc:CipherReference URI="http://attacker.example/x"/>',
      )(xml)
    },
  }),
  open({
    name: 'encrypted-type-content',
    title: 'Encrypted content that is called content, not an element',
    outside: replaced('#Element"', '#Content"'),
  }),
  open({
    name: 'encrypted-data-two',
    title: 'Two EncryptedData in one EncryptedAssertion',
    outside: (xml) => {
      const data = elementText(xml, 'xenc:EncryptedData')
      return replaced(data, data + data)(xml)
    },
  }),
  open({
    name: 'encrypted-twice',
    title: 'Encrypted twice',
    inside: (xml, scene) => inHolder('EncryptedAssertion', sealing(scene)(xml)),
  }),
  open({
    name: 'encrypted-two-inside',
    title: 'Two assertions inside',
    inside: (xml) => xml + xml,
  }),
  open({ name: 'encrypted-nothing-inside', title: 'Nothing inside', inside: () => '' }),
  open({
    name: 'encrypted-response-inside',
    title: 'A Response inside',
    inside: (xml) =>
      `<saml2p:Response xmlns:saml2p="${ns.protocol}" ID="idInside" Version="2.0">${xml}</saml2p:Response>`,
  }),
  open({
    name: 'encrypted-doctype-inside',
    title: 'A DOCTYPE inside',
    inside: insertedBefore('<saml2:Assertion', '<!DOCTYPE saml2:Assertion>'),
  }),
  open({
    name: 'encrypted-comment-inside',
    title: 'A comment inside',
    inside: insertedBefore('<saml2:Subject>', '<!-- -->'),
  }),
  open({
    name: 'encrypted-id-again-inside',
    title: 'An ID inside that stands outside too',
    signedInside: (xml, { facts }) =>
      replaced('<saml2:Subject>', `<saml2:Subject Id="${facts.responseId}">`)(xml),
  }),
  open({
    name: 'encrypted-xsw-inside',
    title: 'A forged assertion around the signed one inside',
    inside: (xml, { newId, forgedNameId }) =>
      inOrder(
        rewritten(/ ID="[^"]*"/, () => ` ID="${newId()}"`),
        rewritten(/<ds:Signature .*<\/ds:Signature>/s, () => ''),
        rewritten(/(<saml2:NameID[^>]*>)[^<]*/, (_all, start = '') => start + forgedNameId),
        insertedBefore('<saml2:AuthnStatement', `<saml2:Advice>${xml}</saml2:Advice>`),
      )(xml),
  }),
  open({
    name: 'encrypted-and-plain',
    title: 'A forged plain assertion beside the encrypted one',
    outside: (xml, { facts, newId, forgedNameId }) =>
      `${xml}<saml2:Assertion xmlns:saml2="${ns.assertion}" ID="${newId()}" Version="2.0"><saml2:Issuer>${facts.issuer}</saml2:Issuer><saml2:Subject><saml2:NameID>${forgedNameId}</saml2:NameID></saml2:Subject></saml2:Assertion>`,
  }),
]
