import { createPublicKey } from 'node:crypto'
import type { IdpKey } from '../keys.ts'
import { element, inLines } from '../xml.ts'
import { type Fault, type FaultScene, workshopOf } from './fault.ts'
import { reachingIn } from './text.ts'

const group = 'Keys'

/** Signed with a foreign key, under a KeyInfo that is to mislead. Nothing but the signing key is wrong. */
function misled(
  name: string,
  title: string,
  keyInfo: (genuine: IdpKey, foreign: IdpKey) => string,
): Fault {
  return {
    name,
    title,
    group,
    before: async (spec, { facts, foreignKey }) => {
      const foreign = await foreignKey()
      const text = keyInfo(facts.key, foreign)
      return reachingIn({ keyInfo: () => text })({ ...spec, key: foreign })
    },
  }
}

const keyInfoOf = (...content: string[]) => element('ds:KeyInfo', {}, ...content)
const x509Data = (...keys: IdpKey[]) =>
  element(
    'ds:X509Data',
    {},
    ...keys.map((key) => element('ds:X509Certificate', {}, inLines(key.certificateBase64))),
  )

/** RSAKeyValue (XML Signature section 4.5.2.2): the bare numbers of a key. */
function keyValue(key: IdpKey): string {
  const { n = '', e = '' } = createPublicKey(key.privateKeyPem).export({ format: 'jwk' })
  const number = (name: string, value: string) =>
    element(name, {}, Buffer.from(value, 'base64url').toString('base64'))
  const rsa = element('ds:RSAKeyValue', {}, number('ds:Modulus', n), number('ds:Exponent', e))
  return element('ds:KeyValue', {}, rsa)
}

/** A verifier must take its keys from the federation, whatever KeyInfo says. */
export const keyFaults: readonly Fault[] = [
  {
    name: 'keyinfo-same-subject',
    title: 'Signed with a foreign key whose certificate has the subject of ours',
    group,
    before: (spec, scene: FaultScene) => ({ ...spec, key: workshopOf(scene).impostorKey }),
  },
  misled('keyinfo-poses', 'A foreign key’s signature under our certificate', (genuine) =>
    keyInfoOf(x509Data(genuine)),
  ),
  misled(
    'keyinfo-two-certificates',
    'A foreign key’s signature under our certificate and its own',
    (genuine, foreign) => keyInfoOf(x509Data(genuine, foreign)),
  ),
  misled(
    'keyinfo-two-data',
    'A foreign key’s signature under its own certificate, ours in a second X509Data',
    (genuine, foreign) => keyInfoOf(x509Data(foreign), x509Data(genuine)),
  ),
  misled('keyinfo-none-foreign', 'A foreign key’s signature without KeyInfo', () => ''),
  misled(
    'keyinfo-key-value',
    'A foreign key’s signature with the key itself in KeyInfo',
    (_genuine, foreign) => keyInfoOf(keyValue(foreign)),
  ),
  misled(
    'keyinfo-key-name',
    'A foreign key’s signature that names our certificate by subject',
    () => keyInfoOf(element('ds:KeyName', {}, 'CN=demo-okta,OU=SSOProvider,O=Okta demo,C=US')),
  ),
  misled(
    'keyinfo-retrieval-method',
    'A foreign key’s signature whose KeyInfo points to another server',
    () =>
      keyInfoOf(
        element('ds:RetrievalMethod', {
          URI: 'http://keys.attacker.example/key.cer',
          Type: 'http://www.w3.org/2000/09/xmldsig#rawX509Certificate',
        }),
      ),
  ),
  misled(
    'keyinfo-no-certificate',
    'A foreign key’s signature with an X509Certificate that is none',
    () =>
      keyInfoOf(
        element('ds:X509Data', {}, element('ds:X509Certificate', {}, 'bm8gY2VydGlmaWNhdGU=')),
      ),
  ),
  {
    name: 'keyinfo-foreign-certificate',
    title: 'Our key’s signature under a foreign certificate: KeyInfo decides nothing',
    group: 'Honest variants',
    before: async (spec, { foreignKey }) => {
      const text = keyInfoOf(x509Data(await foreignKey()))
      return reachingIn({ keyInfo: () => text })(spec)
    },
  },
  {
    name: 'ecdsa-sha256',
    title: 'Called ECDSA (honest with an EC key, nonsense with the usual RSA key)',
    group,
    before: (spec) => ({ ...spec, algorithm: 'ecdsa-sha256' }),
  },
]
