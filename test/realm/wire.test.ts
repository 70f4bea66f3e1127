import { expect } from 'chai'
import type { Realm } from '../../src/realm/discover.ts'
import { credentialType } from '../../src/realm/wire/credentialType.ts'
import { getUserRealm } from '../../src/realm/wire/getUserRealm.ts'
import { userRealm } from '../../src/realm/wire/userRealm.ts'
import { customerDomain, federation, managedDomain } from '../support/circumstances.ts'

const at = {
  host: 'login.example.test',
  entityId: 'urn:federation:MicrosoftOnline',
  tenantName: 'Customer Inc.',
}
const federated: Realm = { kind: 'federated', domain: customerDomain, federation }
const managed: Realm = { kind: 'managed', domain: managedDomain }
const unknown: Realm = { kind: 'unknown', domain: 'elsewhere.example' }
const alice = { login: 'alice+x@customer.com', realm: federated }
const max = { login: 'max@managed.example', realm: managed }
const nobody = { login: 'x@elsewhere.example', realm: unknown }
const authUrl = `${federation.passiveSignInUri}?username=alice%2Bx%40customer.com`

describe('the wire shapes of home-realm discovery', () => {
  describe('userrealm 1.0', () => {
    it('of a managed domain has no word of federation', () => {
      expect(userRealm('1.0', max, at)).to.deep.equal({
        ver: '1.0',
        account_type: 'Managed',
        domain_name: 'managed.example',
        cloud_instance_name: 'login.example.test',
        cloud_audience_urn: 'urn:federation:MicrosoftOnline',
      })
    })

    it('of a federated domain names the protocol, and no address that takes passwords', () => {
      expect(userRealm('1.0', alice, at)).to.deep.equal({
        ver: '1.0',
        account_type: 'Federated',
        domain_name: 'customer.com',
        federation_protocol: 'SAML20',
        cloud_instance_name: 'login.example.test',
        cloud_audience_urn: 'urn:federation:MicrosoftOnline',
      })
    })

    it('names the metadata of a federation that has an address for it', () => {
      const metadataExchangeUri = 'https://customer.okta.com/app/exk1/sso/saml/metadata'
      const realm: Realm = { ...federated, federation: { ...federation, metadataExchangeUri } }
      const answer = userRealm('1.0', { ...alice, realm }, at)
      expect(answer).to.include({ federation_metadata_url: metadataExchangeUri })
    })

    it('of an unknown domain says Unknown and nothing else', () => {
      const answer = userRealm('1.0', nobody, at)
      expect(answer).to.deep.equal({ ver: '1.0', account_type: 'Unknown' })
    })
  })

  for (const version of ['2.0', '2.1'] as const) {
    it(`userrealm ${version} of a federated domain leads to its identity provider, with the name as typed`, () => {
      expect(userRealm(version, alice, at)).to.deep.equal({
        NameSpaceType: 'Federated',
        Login: 'alice+x@customer.com',
        federation_protocol: 'SAML20',
        AuthURL: authUrl,
        DomainName: 'customer.com',
        FederationBrandName: 'Customer Okta',
        TenantBrandingInfo: null,
        cloud_instance_name: 'login.example.test',
      })
    })
  }

  it('userrealm 2.1 of a managed domain has no AuthURL', () => {
    expect(userRealm('2.1', max, at)).to.deep.equal({
      NameSpaceType: 'Managed',
      Login: 'max@managed.example',
      DomainName: 'managed.example',
      FederationBrandName: 'Customer Inc.',
      TenantBrandingInfo: null,
      cloud_instance_name: 'login.example.test',
    })
  })

  it('getuserrealm.srf has the states of each realm', () => {
    expect(getUserRealm(alice, at)).to.deep.equal({
      State: 3,
      UserState: 2,
      Login: 'alice+x@customer.com',
      NameSpaceType: 'Federated',
      DomainName: 'customer.com',
      FederationGlobalVersion: -1,
      AuthURL: authUrl,
      FederationBrandName: 'Customer Okta',
      CloudInstanceName: 'login.example.test',
      CloudInstanceIssuerUri: 'urn:federation:MicrosoftOnline',
    })
    expect(getUserRealm(max, at)).to.include({ State: 4, UserState: 1, NameSpaceType: 'Managed' })
    expect(getUserRealm(nobody, at)).to.deep.equal({
      State: 4,
      UserState: 1,
      Login: 'x@elsewhere.example',
      NameSpaceType: 'Unknown',
    })
  })

  describe('GetCredentialType', () => {
    it('of a federated domain prefers the federation and redirects to it', () => {
      const answer = credentialType(alice, 'flow')
      expect(answer).to.deep.include({
        Username: 'alice+x@customer.com',
        IfExistsResult: 0,
        ThrottleStatus: 0,
        EstsProperties: { UserTenantBranding: null, DomainType: 4 },
        FlowToken: 'flow',
      })
      expect(answer.Credentials).to.include({
        PrefCredential: 4,
        HasPassword: false,
        FederationRedirectUrl: authUrl,
      })
    })

    it('of a managed domain asks for the password', () => {
      const { Credentials, EstsProperties, IfExistsResult } = credentialType(max, null)
      expect(Credentials).to.deep.equal({
        PrefCredential: 1,
        HasPassword: true,
        RemoteNgcParams: null,
        FidoParams: null,
        SasParams: null,
      })
      expect([IfExistsResult, EstsProperties.DomainType]).to.deep.equal([0, 3])
    })

    it('of an unknown domain says that the name does not exist', () => {
      const { IfExistsResult, EstsProperties } = credentialType(nobody, null)
      expect([IfExistsResult, EstsProperties.DomainType]).to.deep.equal([1, 1])
    })
  })
})
