import { expiryFindings } from '../../admin/domains/expiry.ts'
import type { Domain, Federation } from '../../directory/types.ts'
import type { Instant } from '../../lib/clock.ts'
import type { App } from '../../oidc/types.ts'
import { readSigningCertificate } from '../../saml/certificates.ts'
import { publicTestThumbprints } from '../publicTestKeys.ts'
import type { OpenToOthers } from '../server/dataFolder.ts'
import { demoIssuer } from '../server/demoTenant.ts'
import { appCredentialProblems } from './appCredentials.ts'

/** Something that somebody should know of. */
export interface StatusProblem {
  /** `attention` makes the command end with status 1; a `notice` does not. */
  readonly level: 'attention' | 'notice'
  readonly message: string
}

/** The switches of a federation that weaken it. */
export const looseSettings = [
  'allowSha1Signatures',
  'allowCbcEncryption',
  'allowInclusiveCanonicalization',
  'allowUnsolicited',
] as const satisfies readonly (keyof Federation)[]

/** Everything that is wrong, or will be soon, with the domains and federations of a tenant. */
export function problemsOf(found: {
  readonly domains: readonly Domain[]
  readonly federations: readonly Federation[]
  readonly breakGlassReady: number
  /** Users of federated domains that no NameID can match. */
  readonly withoutImmutableId: number
  readonly hasRequestSigningKey: boolean
  readonly apps: readonly App[]
  readonly openToOthers: readonly OpenToOthers[]
  readonly now: Instant
}): readonly StatusProblem[] {
  const problems: StatusProblem[] = []
  const attention = (message: string) => problems.push({ level: 'attention', message })
  const notice = (message: string) => problems.push({ level: 'notice', message })
  const { domains, federations, now } = found

  for (const { kind, message } of found.openToOthers) {
    if (kind === 'file') attention(message)
    else notice(message)
  }
  for (const { id, isVerified } of domains) {
    if (!isVerified) attention(`${id} is not verified: homerealm domains verify ${id}`)
  }
  for (const federation of federations) {
    const { displayName: name, isEnabled } = federation
    for (const finding of expiryFindings(federation, now)) {
      problems.push({
        level: finding.needsAttention ? 'attention' : 'notice',
        message: finding.message,
      })
    }
    if (federation.nextSigningCertificate !== null) {
      notice(
        `${name} has a next certificate: homerealm domains certificates DOMAIN says when to rotate.`,
      )
    }
    if (!isEnabled) attention(`${name} is disabled: nobody of its domains can sign in.`)
    const loose = looseSettings.filter((setting) => federation[setting])
    if (loose.length > 0) attention(`${name} is weakened: ${loose.join(', ')}.`)
    if (federation.issuerUri === demoIssuer || hasPublicKey(federation)) {
      attention(
        `ANYBODY CAN SIGN IN by ${name}: it is the demo’s, or its key is a public test key.`,
      )
    }
    if (federation.isSignedAuthenticationRequestRequired && !found.hasRequestSigningKey) {
      attention(`${name} wants signed requests, and HOMEREALM_SIGNING_KEY is not set here.`)
    }
  }
  if (federations.length > 0 && found.breakGlassReady === 0) {
    attention(
      'No break-glass account could sign in when an identity provider fails: homerealm users break-glass add UPN.',
    )
  }
  problems.push(...appCredentialProblems(found.apps, now))
  if (found.withoutImmutableId > 0) {
    notice(
      `${found.withoutImmutableId} users of federated domains have no ImmutableId and cannot sign in.`,
    )
  }
  return problems
}

function hasPublicKey({ signingCertificate, nextSigningCertificate }: Federation): boolean {
  return [signingCertificate, nextSigningCertificate].some(
    (base64) =>
      base64 !== null && publicTestThumbprints().has(readSigningCertificate(base64).thumbprint),
  )
}
