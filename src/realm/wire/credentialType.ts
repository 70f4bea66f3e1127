import { type Asked, authUrl } from './circumstances.ts'

/** IfExistsResult. Of a known domain every name "exists": the domain alone is looked at, so that nobody learns who does. */
const EXISTS = 0
const EXISTS_NOT = 1

/** PrefCredential: how the name signs in. */
const PASSWORD = 1
const FEDERATION = 4

/** EstsProperties.DomainType. */
const domainTypes = { unknown: 1, managed: 3, federated: 4 } as const

/** `POST /common/GetCredentialType`: what Entra's sign-in page asks when the name was typed. `flowToken` comes back as it was sent. */
export function credentialType({ login, realm }: Asked, flowToken: string | null) {
  const isFederated = realm.kind === 'federated'
  return {
    Username: login,
    Display: login,
    IfExistsResult: realm.kind === 'unknown' ? EXISTS_NOT : EXISTS,
    IsUnmanaged: false,
    ThrottleStatus: 0,
    Credentials: {
      PrefCredential: isFederated ? FEDERATION : PASSWORD,
      HasPassword: !isFederated,
      RemoteNgcParams: null,
      FidoParams: null,
      SasParams: null,
      ...(isFederated && {
        FederationRedirectUrl: authUrl(realm.federation.passiveSignInUri, login),
      }),
    },
    EstsProperties: { UserTenantBranding: null, DomainType: domainTypes[realm.kind] },
    FlowToken: flowToken,
    IsSignupDisallowed: true,
  } as const
}
