import { type Asked, authUrl, type Deployment, namespaceType } from './circumstances.ts'

/** State and UserState, as public captures show them; an unknown domain answers as a managed one does in both. */
const states = {
  managed: { State: 4, UserState: 1 },
  federated: { State: 3, UserState: 2 },
  unknown: { State: 4, UserState: 1 },
} as const

/** `GET /getuserrealm.srf?login=...&json=1`: the oldest of the three, still asked by Office and by many tools. */
export function getUserRealm(
  { login, realm }: Asked,
  { host, entityId, tenantName }: Deployment,
): Readonly<Record<string, string | number>> {
  const answer = {
    ...states[realm.kind],
    Login: login,
    NameSpaceType: namespaceType[realm.kind],
  }
  if (realm.kind === 'unknown') return answer
  const cloud = { CloudInstanceName: host, CloudInstanceIssuerUri: entityId }
  if (realm.kind === 'managed') {
    return { ...answer, DomainName: realm.domain.id, FederationBrandName: tenantName, ...cloud }
  }
  return {
    ...answer,
    DomainName: realm.domain.id,
    FederationGlobalVersion: -1,
    AuthURL: authUrl(realm.federation.passiveSignInUri, login),
    FederationBrandName: realm.federation.displayName,
    ...cloud,
  }
}
