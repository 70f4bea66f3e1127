import { rmSync } from 'node:fs'
import { expect } from 'chai'
import type { DemoOktaUser } from '../../src/demo-okta/honest.ts'
import { type IdpKey, makeIdpKey } from '../../src/demo-okta/keys.ts'
import { addDomain } from '../../src/directory/domains.ts'
import { federate } from '../../src/directory/federations.ts'
import type { User } from '../../src/directory/types.ts'
import { newGuid, systemRandom } from '../../src/lib/ids.ts'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { eachAssertion, IdentityProvider } from '../support/identityProvider.ts'

const otherIssuer = 'http://www.okta.com/exkpartner'

describe('two federations', () => {
  for (const [what, isShared] of [
    ['each with its own key', false],
    ['with one key', true],
  ] as const) {
    describe(`${what}, cannot speak for each other`, () => {
      let deployment: Deployment
      let partner: IdentityProvider
      let mallory: DemoOktaUser
      let partnerKey: IdpKey
      const alice = () => deployment.person('alice@customer.com')

      before(async () => {
        deployment = await startDeployment()
        partnerKey = isShared ? deployment.idp.key : await makeIdpKey({ now: deployment.clock.at })
        mallory = {
          ...alice(),
          login: 'mallory@partner.example',
          email: 'mallory@partner.example',
          nameId: 'bWFsbG9yeSBvZiBwYXJ0bmVyIQ==',
        }
        partner = new IdentityProvider({
          issuer: otherIssuer,
          acs: deployment.acs,
          audience: deployment.config.entityId,
          key: partnerKey,
          clock: () => deployment.clock.at,
        })
        const { directory } = deployment.storage
        await addDomain(directory, 'partner.example')
        await federate(
          directory,
          {
            domains: ['partner.example'],
            issuerUri: otherIssuer,
            passiveSignInUri: 'https://partner.example/sso',
            signingCertificate: partnerKey.certificateBase64,
          },
          () => newGuid(systemRandom),
        )
        const like = (await directory.userByPrincipalName('alice@customer.com')) as User
        const user = {
          ...like,
          id: newGuid(systemRandom),
          userPrincipalName: mallory.login,
          onPremisesImmutableId: mallory.nameId,
        }
        await directory.writeUsers([{ kind: 'create', user }])
      })
      after(() => deployment?.close())

      it('each signs in its own people', async () => {
        const visitor = deployment.visitor()
        const begun = await visitor.begin(mallory.login)
        expect(new URL(begun.action).origin).to.equal('https://partner.example')
        expect((await visitor.deliver(partner.respond(mallory, begun.requestId))).status).to.equal(
          303,
        )
        expect(await visitor.signedInAs()).to.equal(mallory.login)
        await visitor.signIn('alice@customer.com')
        expect(await visitor.signedInAs()).to.equal('alice@customer.com')
      })

      it('a genuine response of the partner to a request that went to the other is refused', async () => {
        const visitor = deployment.visitor()
        const { requestId } = await visitor.begin('alice@customer.com')
        const answer = await visitor.deliver(partner.respond(mallory, requestId))
        expect(await deployment.reason(answer)).to.equal('issuerMismatch')
        expect(answer.aadsts).to.equal(500083)
        // It used nothing up: the one who was asked can still answer.
        const right = await visitor.deliver(deployment.idp.respond(alice(), requestId))
        expect(right.status).to.equal(303)
      })

      it('the partner asserts a person of the other domain: refused, whoever was typed', async () => {
        const visitor = deployment.visitor()
        const { requestId } = await visitor.begin(mallory.login)
        const answer = await visitor.deliver(partner.respond(alice(), requestId))
        expect(await deployment.reason(answer)).to.equal('upnDomainNotFederatedHere')
        expect(answer.aadsts).to.equal(5000820)
        expect(answer.body).not.to.include('alice@customer.com')
        expect(await visitor.signedInAs()).to.equal(null)
      })

      it('the partner signs under the name of the other', async () => {
        const visitor = deployment.visitor()
        const { requestId } = await visitor.begin('alice@customer.com')
        const forged = partner.respond(alice(), requestId, (spec) => ({
          ...eachAssertion(() => ({ issuer: deployment.idp.issuer }))(spec),
          issuer: deployment.idp.issuer,
        }))
        const answer = await visitor.deliver(forged)
        if (isShared) {
          // One key is one speaker: who shares a key with somebody is trusted to be them, so the other checks must hold.
          expect(answer.status).to.equal(303)
          return
        }
        expect(await deployment.reason(answer)).to.equal('signingKeyUnknown')
        expect(answer.aadsts).to.equal(5000811)
      })

      it('the name of one on the Response, of the other in the signed assertion', async () => {
        const visitor = deployment.visitor()
        const { requestId } = await visitor.begin('alice@customer.com')
        const mixed = partner.respond(alice(), requestId, (spec) => ({
          ...spec,
          issuer: deployment.idp.issuer,
          signed: 'assertion',
        }))
        const expected = isShared ? 'issuerMismatch' : 'signingKeyUnknown'
        expect(await deployment.reason(await visitor.deliver(mixed))).to.equal(expected)
      })
    })
  }

  it('one that allows unsolicited responses takes each once, and only where the tenant knows the person', async () => {
    const deployment = await startDeployment()
    try {
      const { directory } = deployment.storage
      const federation = await directory.federationByIssuer(deployment.idp.issuer)
      if (federation === null) throw new Error('no federation')
      await directory.putFederation({ ...federation, allowUnsolicited: true })
      const alice = deployment.person('alice@customer.com')
      const response = deployment.idp.respond(alice, null)
      const visitor = deployment.visitor()
      expect((await visitor.deliver(response)).status).to.equal(303)
      expect(await visitor.signedInAs()).to.equal(alice.login)
      const again = await deployment.visitor().deliver(response)
      expect(await deployment.reason(again)).to.equal('responseReplayed')
      const nobody = { ...alice, nameId: 'bm9ib2R5IGhlcmUgYXQgYWxsIQ==' }
      for (const [path, reason, aadsts] of [
        ['/login.srf', 'tenantNotIdentified', 90019],
        ['/common/saml2', 'immutableIdMismatch', 51004],
      ] as const) {
        const { samlResponse } = deployment.idp.respond(nobody, null)
        const answer = await deployment.visitor().post(path, { SAMLResponse: samlResponse })
        expect([await deployment.reason(answer), answer.aadsts]).to.deep.equal([reason, aadsts])
      }
    } finally {
      await deployment.close()
    }
  })

  it('a restart of the demo keeps what an admin changed at the federation; address and key follow the demo Okta', async () => {
    const dataFolder = newDataFolder()
    try {
      const first = await startDeployment({ dataFolder })
      const before = await first.storage.directory.federationByIssuer(first.idp.issuer)
      if (before === null) throw new Error('no federation')
      const changed = {
        ...before,
        displayName: 'Our own Okta',
        requireIdpEmailMatch: true,
        passiveSignInUri: 'http://127.0.0.1:1/sso',
      }
      await first.storage.directory.putFederation(changed)
      await first.close()
      const second = await startDeployment({ dataFolder })
      const after = await second.storage.directory.federationByIssuer(second.idp.issuer)
      expect(after).to.deep.equal({ ...changed, passiveSignInUri: second.ssoUrl })
      expect((await second.signInOverSockets('alice@customer.com')).status).to.equal(303)
      await second.close()
    } finally {
      rmSync(dataFolder, { recursive: true, force: true })
    }
  })

  it('no two can share an issuer: to federate it again changes the one that is there', async () => {
    const deployment = await startDeployment()
    try {
      const { directory } = deployment.storage
      await addDomain(directory, 'partner.example')
      await federate(
        directory,
        {
          domains: ['partner.example'],
          issuerUri: deployment.idp.issuer,
          passiveSignInUri: deployment.ssoUrl,
          signingCertificate: deployment.idp.key.certificateBase64,
        },
        () => newGuid(systemRandom),
      )
      expect((await directory.federations()).length).to.equal(1)
      expect((await deployment.signInOverSockets('alice@customer.com')).status).to.equal(303)
    } finally {
      await deployment.close()
    }
  })
})
