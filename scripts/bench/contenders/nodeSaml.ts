import { SAML, type SamlConfig, ValidateInResponseTo } from '@node-saml/node-saml'
import { Strategy, type VerifyWithoutRequest } from '@node-saml/passport-saml'
import { type Contender, succeeds } from '../contender.ts'
import type { Kind } from '../documents.ts'
import { inProcess } from '../measure.ts'
import { clockSkew, idpKey, parties, testKey } from '../scene.ts'

/** Settings that ask for what homerealm's core checks; the request is matched by neither. */
function settings(kind: Kind): SamlConfig {
  return {
    issuer: parties.entityId,
    audience: parties.entityId,
    callbackUrl: parties.acs,
    idpIssuer: parties.issuer,
    idpCert: idpKey.certificatePem,
    wantAuthnResponseSigned: kind === 'bothSigned' || kind === 'thousandGroups',
    wantAssertionsSigned: true,
    acceptedClockSkewMs: clockSkew,
    validateInResponseTo: ValidateInResponseTo.never,
    ...(kind === 'encrypted' ? { decryptionPvk: testKey('decryption').privateKeyPem } : {}),
  }
}

export const nodeSaml: Contender = {
  id: 'nodeSaml',
  title: '@node-saml/node-saml',
  includes: 'validatePostResponseAsync: the signatures that are wanted, times, audience, profile',
  async open(kind, documents) {
    const saml = new SAML(settings(kind))
    const validate = async (base64: string) => {
      const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: base64 })
      if (profile?.nameID !== parties.nameId) throw new Error('node-saml: another NameID')
    }
    return {
      ...inProcess(documents, ({ base64 }) => validate(base64)),
      accepts: (_document, base64) => succeeds(() => validate(base64)),
    }
  },
}

export const passportSaml: Contender = {
  id: 'passportSaml',
  title: '@node-saml/passport-saml',
  includes: 'the same through the strategy: authenticate to success',
  async open(kind, documents) {
    const verify: VerifyWithoutRequest = (profile, done) => done(null, { nameId: profile?.nameID })
    const strategy = new Strategy(settings(kind), verify, verify)
    const authenticate = (base64: string) =>
      new Promise<void>((resolve, reject) => {
        // passport gives each request an instance of its own with these actions on it
        const own = Object.assign(Object.create(strategy) as Strategy, {
          success: (user: object) =>
            'nameId' in user && user.nameId === parties.nameId
              ? resolve()
              : reject(new Error('passport-saml: another NameID')),
          fail: () => reject(new Error('passport-saml: failed')),
          error: reject,
          pass: () => reject(new Error('passport-saml: passed')),
          redirect: () => reject(new Error('passport-saml: redirected')),
        })
        const request = { query: {}, body: { SAMLResponse: base64 } }
        own.authenticate(request as unknown as Parameters<Strategy['authenticate']>[0], {})
      })
    return {
      ...inProcess(documents, ({ base64 }) => authenticate(base64)),
      accepts: (_document, base64) => succeeds(() => authenticate(base64)),
    }
  },
}
