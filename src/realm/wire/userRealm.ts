import { type Asked, authUrl, type Deployment, namespaceType } from './circumstances.ts'

/** The versions of `/common/userrealm` that clients ask for. */
export const userRealmVersions = ['1.0', '2.0', '2.1'] as const

export type UserRealmVersion = (typeof userRealmVersions)[number]

type Answer = Readonly<Record<string, string | null>>

/**
 * `GET /common/userrealm/{upn}`: version 1.0 is what MSAL and ADAL ask before they send a password, 2.0 and 2.1 what Entra's
 * own sign-in page asked. The fields are those of public captures (docs/divergences.md says which are ours).
 */
export function userRealm(version: UserRealmVersion, asked: Asked, at: Deployment): Answer {
  return version === '1.0' ? versionOne(asked, at) : versionTwo(asked, at)
}

function versionOne({ realm }: Asked, { host, entityId }: Deployment): Answer {
  const answer = { ver: '1.0', account_type: namespaceType[realm.kind] }
  if (realm.kind === 'unknown') return answer
  const cloud = { cloud_instance_name: host, cloud_audience_urn: entityId }
  if (realm.kind === 'managed') return { ...answer, domain_name: realm.domain.id, ...cloud }
  const metadata = realm.federation.metadataExchangeUri
  return {
    ...answer,
    domain_name: realm.domain.id,
    // SAML has no endpoint that takes passwords (WS-Trust), so no federation_active_auth_url.
    federation_protocol: 'SAML20',
    ...(metadata !== null && { federation_metadata_url: metadata }),
    ...cloud,
  }
}

function versionTwo({ login, realm }: Asked, { host, tenantName }: Deployment): Answer {
  const answer = { NameSpaceType: namespaceType[realm.kind], Login: login }
  if (realm.kind === 'unknown') return { ...answer, cloud_instance_name: host }
  const brand = realm.kind === 'federated' ? realm.federation.displayName : tenantName
  return {
    ...answer,
    ...(realm.kind === 'federated' && {
      federation_protocol: 'SAML20',
      AuthURL: authUrl(realm.federation.passiveSignInUri, login),
    }),
    DomainName: realm.domain.id,
    FederationBrandName: brand,
    TenantBrandingInfo: null,
    cloud_instance_name: host,
  }
}
