import { certificateThumbprint } from './certificateThumbprint.ts'
import { changedProperties, forbid, type PropertyChange } from './directoryError.ts'
import { domainName, existingDomain } from './domains.ts'
import { domainTree, mayHaveOwnSignin } from './domainTree.ts'
import { checkFederateInput } from './federationInput.ts'
import type { DirectoryStore } from './ports.ts'
import { type Domain, type Federation, federationDefaults } from './types.ts'

/** The settings that may be given beside issuer, URL and certificate; what is absent stays, or takes its default. */
export type FederationSettings = Partial<
  Omit<
    Federation,
    'id' | 'issuerUri' | 'passiveSignInUri' | 'signingCertificate' | 'formerSigningCertificates'
  >
>

export interface FederateInput extends FederationSettings {
  /** The domains to federate, as typed; at least one. */
  readonly domains: readonly string[]
  /** Equal to the Issuer of the responses byte for byte. */
  readonly issuerUri: string
  /** Where AuthnRequests go: https, or http on a loopback host. */
  readonly passiveSignInUri: string
  /** base64 of the DER, one line, as `saml/certificates` gives it. */
  readonly signingCertificate: string
  /** Take domains away from the federation that serves them now. */
  readonly replace?: boolean
}

/** What `federate` did, for the report and the audit. */
export interface FederationChange {
  /** Null when the federation is new. */
  readonly before: Federation | null
  readonly after: Federation
  readonly changes: readonly PropertyChange[]
  /** All domains it serves now, in order of name. */
  readonly domains: readonly string[]
  /** Those that it did not serve before: the given ones, and subdomains that followed them. */
  readonly addedDomains: readonly string[]
  /** Federations that lost their last domain to this one and were removed. */
  readonly removed: readonly Federation[]
}

export const settingNames = [
  'displayName',
  'issuerUri',
  'passiveSignInUri',
  'signOutUri',
  'metadataExchangeUri',
  'signingCertificate',
  'nextSigningCertificate',
  'isSignedAuthenticationRequestRequired',
  'federatedIdpMfaBehavior',
  'requestBinding',
  'nameIdFormats',
  'allowUnsolicited',
  'requireIdpEmailMatch',
  'allowSha1Signatures',
  'allowInclusiveCanonicalization',
  'requireSignedResponse',
  'requireEncryptedAssertion',
  'allowCbcEncryption',
  'expiredCertificates',
  'groupsAttribute',
  'isEnabled',
] as const satisfies readonly (keyof Federation)[]

/**
 * Federates domains with the identity provider of that issuer. The federation with this `issuerUri` is updated when there is one
 * (it keeps its other domains and the settings that are not given), else made; so no two ever share an issuer. Registered
 * subdomains that followed a domain so far go on following it.
 *
 * Throws DirectoryError, with nothing kept: `domainMalformed`, `domainNotFound`, `domainNotVerified`; `domainCannotBeFederated`
 * (*.onmicrosoft.com) and `domainIsDefault`, as in Entra (entra.md section 4); `domainFollowsAnother` for a subdomain that was not
 * promoted; `domainFederatedElsewhere` without `replace`;
 * `issuerMalformed`, `uriMalformed`, `certificateMalformed`, `valueRequired`, `valueMalformed`.
 */
export function federate(
  store: DirectoryStore,
  input: FederateInput,
  newId: () => string,
): Promise<FederationChange> {
  return store.transaction((tx) => federateWithin(tx, input, newId))
}

/** `federate` inside a transaction of the caller's. */
export async function federateWithin(
  tx: DirectoryStore,
  input: FederateInput,
  newId: () => string,
): Promise<FederationChange> {
  checkFederateInput(input)
  const names = [...new Set(input.domains.map(domainName))]
  const before = await tx.federationByIssuer(input.issuerUri)
  const after = settled(input, before, newId)
  const tree = await domainTree(tx)
  const joining: Domain[] = []
  for (const name of names) {
    const domain = await existingDomain(tx, name)
    checkMayJoin(domain, after.id, input.replace === true)
    if (domain.federationId !== after.id) mayHaveOwnSignin(domain, tree, names)
    const followers = tree.followers(domain)
    for (const follower of followers) checkMayJoin(follower, after.id, true)
    joining.push(domain, ...followers)
  }
  await tx.putFederation(after)
  const added = new Map(
    joining.filter((d) => d.federationId !== after.id).map((domain) => [domain.id, domain]),
  )
  for (const domain of added.values()) {
    await tx.putDomain({ ...domain, authenticationType: 'Federated', federationId: after.id })
  }
  return {
    before,
    after,
    changes: before === null ? [] : changedProperties(before, after, settingNames),
    domains: (await tx.domainsOf(after.id)).map(({ id }) => id).sort(),
    addedDomains: [...added.keys()].sort(),
    removed: await removeUnused(tx, [...added.values()]),
  }
}

function settled(input: FederateInput, before: Federation | null, newId: () => string): Federation {
  const { domains: _domains, replace: _replace, ...given } = input
  const name = before?.displayName ?? new URL(input.passiveSignInUri).host
  const settings = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as typeof given
  const federation: Federation = {
    ...federationDefaults,
    id: before?.id ?? newId(),
    displayName: name,
    ...before,
    ...settings,
  }
  // Metadata often names one certificate for several uses; a next one equal to the first would only be tried twice.
  const repeated = federation.nextSigningCertificate === federation.signingCertificate
  return {
    ...federation,
    nextSigningCertificate: repeated ? null : federation.nextSigningCertificate,
    formerSigningCertificates: formerCertificates(before, federation),
  }
}

const mostFormerCertificates = 5

/** The thumbprints that `before` had or remembered and `after` no longer has, newest first. */
export function formerCertificates(
  before: Federation | null,
  after: Federation,
): readonly string[] {
  if (before === null) return []
  const thumbprints = (federation: Federation) =>
    [federation.signingCertificate, federation.nextSigningCertificate]
      .filter((base64) => base64 !== null)
      .map(certificateThumbprint)
  const now = new Set(thumbprints(after))
  const former = new Set([...thumbprints(before), ...before.formerSigningCertificates])
  return [...former].filter((each) => !now.has(each)).slice(0, mostFormerCertificates)
}

function checkMayJoin(domain: Domain, federationId: string, replace: boolean): void {
  const { id } = domain
  if (id === 'onmicrosoft.com' || id.endsWith('.onmicrosoft.com')) {
    const message = `${id} cannot be federated: Microsoft's own domains stay managed.`
    forbid('domainCannotBeFederated', 'domains', message)
  }
  if (!domain.isVerified) {
    forbid(
      'domainNotVerified',
      'domains',
      `${id} is not verified, so it cannot be federated: homerealm domains verify ${id}.`,
    )
  }
  if (domain.isDefault) {
    const message = `${id} is the default domain and cannot be federated: make another one the default first.`
    forbid('domainIsDefault', 'domains', message)
  }
  const elsewhere = domain.federationId !== null && domain.federationId !== federationId
  if (elsewhere && !replace) {
    const message = `${id} is federated with another issuer already: give its issuer to change that federation, or --replace to move the domain.`
    forbid('domainFederatedElsewhere', 'domains', message)
  }
}

/** Removes the federations that the domains had and that serve none any more. */
export async function removeUnused(
  store: DirectoryStore,
  movedDomains: readonly Domain[],
): Promise<readonly Federation[]> {
  const removed: Federation[] = []
  for (const id of new Set(movedDomains.map(({ federationId }) => federationId))) {
    const former = id === null ? null : await store.federation(id)
    if (former === null || (await store.domainsOf(former.id)).length > 0) continue
    await store.deleteFederation(former.id)
    removed.push(former)
  }
  return removed
}
