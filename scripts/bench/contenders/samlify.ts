import * as samlifyPackage from 'samlify'
import { type Contender, succeeds } from '../contender.ts'
import { inProcess } from '../measure.ts'
import { idpKey, parties, testKey } from '../scene.ts'

const post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'

export const samlify: Contender = {
  id: 'samlify',
  title: 'samlify',
  includes: 'parseLoginResponse: one of the signatures only; its schema validator switched off',
  async open(kind, documents) {
    samlifyPackage.setSchemaValidator({ validate: async () => 'skipped' })
    const serviceProvider = samlifyPackage.ServiceProvider({
      entityID: parties.entityId,
      assertionConsumerService: [{ Binding: post, Location: parties.acs }],
      wantAssertionsSigned: true,
      ...(kind === 'encrypted' ? { encPrivateKey: testKey('decryption').privateKeyPem } : {}),
    })
    const identityProvider = samlifyPackage.IdentityProvider({
      entityID: parties.issuer,
      signingCert: idpKey.certificateBase64,
      isAssertionEncrypted: kind === 'encrypted',
      singleSignOnService: [{ Binding: post, Location: 'https://customer.okta.test/sso' }],
      singleLogoutService: [{ Binding: post, Location: 'https://customer.okta.test/slo' }],
    })
    const parse = async (base64: string) => {
      const { extract } = await serviceProvider.parseLoginResponse(identityProvider, 'post', {
        body: { SAMLResponse: base64 },
      })
      if (extract.nameID !== parties.nameId) throw new Error('samlify: another NameID')
    }
    return {
      ...inProcess(documents, ({ base64 }) => parse(base64)),
      accepts: (_document, base64) => succeeds(() => parse(base64)),
    }
  },
}
