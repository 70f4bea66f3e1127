import { createPrivateKey } from 'node:crypto'
import type { Reason } from '../../aadsts/reasons.ts'
import { aadstsCode } from '../../aadsts/reasons.ts'
import type { DirectoryReader } from '../../directory/ports.ts'
import {
  type Domain,
  type Federation,
  federationDefaults,
  type User,
  userDefaults,
} from '../../directory/types.ts'
import { principalNameKey } from '../../directory/upn.ts'
import { hours, seconds } from '../../lib/clock.ts'
import { readSigningCertificate, signingTrust } from '../../saml/certificates.ts'
import { defaultLimits, type SigningCertificate } from '../../saml/types.ts'
import { acceptedAcsUrls } from '../../signin/acsUrls.ts'
import type { Circumstances, SecondOpinion, Verdict } from '../../signin/circumstances.ts'
import { judge } from '../../signin/judge.ts'
import type { SigninState } from '../../signin/ports.ts'
import { REQUEST_LIFETIME } from '../../signin/start.ts'
import type { Trace } from '../../signin/trace.ts'
import { memoryDirectory, memorySigninState } from '../../storage/memory.ts'
import { UsageError } from '../usageError.ts'
import type { Case } from './caseFile.ts'

/** What `--json` prints for each case (DESIGN.md section 7). */
export interface CaseResult {
  readonly file: string
  readonly name: string
  readonly outcome: 'signedIn' | 'refused'
  readonly user: string | null
  readonly reason: Reason | null
  readonly aadsts: number | null
  /** Null when the case expects nothing. */
  readonly asExpected: boolean | null
  readonly trace: Trace
}

export interface JudgeOptions {
  readonly diagnose: boolean
  readonly secondOpinion: SecondOpinion | null
  /** Federations and users of a database, in place of the case's own. */
  readonly database: DirectoryReader | null
}

/** Judges a case at its own clock, by the same `judge` as the server. Nothing is written anywhere. */
export async function judgeCase(given: Case, options: JudgeOptions): Promise<CaseResult> {
  const at = Date.parse(given.at)
  const own = directoryOf(given, at)
  const directory = options.database ?? own.directory
  const state = memorySigninState()
  await rememberRequest(given, directory, state, at)
  await markUsed(given, directory, state, at)
  const verdict = await judge({ encoding: given.encoding, body: given.body }, {
    now: at,
    limits: defaultLimits,
    tenantId: tenantOf(given.acs),
    audience: given.audience,
    acs: acsOf(given.acs),
    clockSkew: seconds(given.clockSkewSeconds),
    maxLifetime: hours(24),
    browser: given.request?.otherBrowser ? 'another' : 'this',
    directory,
    state,
    decryptionKeys: given.decryptionKeyPem ? [readKey(given)] : [],
    trustOf: options.database ? signingTrust : own.trustOf,
    secondOpinion: options.secondOpinion,
    diagnose: options.diagnose,
  } satisfies Circumstances)
  return resultOf(given, verdict)
}

function resultOf(given: Case, verdict: Verdict): CaseResult {
  const reason = verdict.outcome === 'refused' ? verdict.reason : null
  const result = {
    file: given.file,
    name: given.name,
    outcome: verdict.outcome,
    user: verdict.outcome === 'signedIn' ? verdict.user.userPrincipalName : null,
    reason,
    aadsts: reason && aadstsCode(reason),
  }
  const wanted = given.expect
  const asExpected = wanted
    ? wanted.outcome === result.outcome &&
      (wanted.reason === undefined || wanted.reason === result.reason) &&
      (wanted.aadsts === undefined || wanted.aadsts === result.aadsts) &&
      (wanted.user === undefined || wanted.user === result.user)
    : null
  return { ...result, asExpected, trace: verdict.trace }
}

/** The case's federations and users as a directory; ids are their place in the case. */
function directoryOf(given: Case, at: number) {
  const certificates = given.certificateTexts.map((texts, index) =>
    texts.map((text) => readCertificate(given, index, text)),
  )
  const federations = given.federations.map((each, index): Federation => {
    const {
      domains: _domains,
      signingCertificate: _own,
      nextSigningCertificate: _next,
      ...settings
    } = each
    const set = Object.fromEntries(Object.entries(settings).filter(([, v]) => v !== undefined))
    return {
      ...federationDefaults,
      id: `federation-${index}`,
      displayName: each.issuerUri,
      passiveSignInUri: 'https://identity-provider.invalid/',
      signingCertificate: certificates[index]?.[0]?.base64 ?? '',
      nextSigningCertificate: certificates[index]?.[1]?.base64 ?? null,
      issuerUri: each.issuerUri,
      allowUnsolicited: given.unsolicited,
      ...set,
    }
  })
  const domains = given.federations.flatMap((each, index) =>
    each.domains.map(
      (id): Domain => ({
        id,
        authenticationType: 'Federated',
        isVerified: true,
        isDefault: false,
        federationId: `federation-${index}`,
      }),
    ),
  )
  const users = given.users.map((each, index) => userOf(each, index, at))
  const tenant = { id: tenantOf(given.acs), displayName: 'replay' }
  const directory = memoryDirectory({ tenant, domains, federations, users, principalNameKey })
  const byId = new Map(federations.map((each, index) => [each.id, certificates[index] ?? []]))
  return {
    directory,
    trustOf: (federation: Federation) => ({
      ...signingTrust(federation),
      certificates: byId.get(federation.id) ?? [],
    }),
  }
}

function userOf(given: Case['users'][number], index: number, at: number): User {
  return {
    ...userDefaults,
    id: `user-${index}`,
    userPrincipalName: given.userPrincipalName,
    onPremisesImmutableId: given.onPremisesImmutableId,
    accountEnabled: given.accountEnabled ?? true,
    displayName: given.displayName ?? given.userPrincipalName,
    mailNickname: given.userPrincipalName.split('@')[0] ?? '',
    createdDateTime: at,
    lastModifiedDateTime: at,
  }
}

async function rememberRequest(
  given: Case,
  directory: DirectoryReader,
  state: SigninState,
  at: number,
): Promise<void> {
  const { request } = given
  if (request === null) return
  const federation = await directory.federationByIssuer(request.federation)
  if (federation === null) {
    throw new UsageError(`${given.file}: no federation has the issuerUri "${request.federation}".`)
  }
  const createdAt = at - seconds(request.ageSeconds ?? 0)
  await state.rememberRequest({
    id: request.id,
    federationId: federation.id,
    loginHint: request.loginHint ?? null,
    browser: 'this',
    returnTo: '/me',
    requiresMfa: false,
    askedForMfa: false,
    createdAt,
    expiresAt: createdAt + REQUEST_LIFETIME,
  })
}

async function markUsed(
  given: Case,
  directory: DirectoryReader,
  state: SigninState,
  at: number,
): Promise<void> {
  for (const each of given.federations) {
    const federation = await directory.federationByIssuer(each.issuerUri)
    for (const assertionId of federation ? given.usedAssertions : []) {
      await state.consume({
        requestId: null,
        browser: null,
        federationId: federation?.id ?? '',
        assertionId,
        rememberUntil: at + hours(24),
        now: at,
      })
    }
  }
}

function readCertificate(given: Case, index: number, text: string): SigningCertificate {
  try {
    return readSigningCertificate(text)
  } catch (error) {
    throw new UsageError(
      `${given.file}: federations.${index}.signingCertificate: ${(error as Error).message}`,
    )
  }
}

function readKey(given: Case) {
  try {
    return createPrivateKey(given.decryptionKeyPem ?? '')
  } catch {
    throw new UsageError(`${given.file}: decryptionKey is no PEM private key without passphrase.`)
  }
}

function tenantOf(acs: string): string {
  return new URL(acs).pathname.split('/')[1] ?? ''
}

function acsOf(acs: string): Circumstances['acs'] {
  const url = new URL(acs)
  const tenantInPath = url.pathname !== '/login.srf'
  return {
    accepted: tenantInPath ? acceptedAcsUrls(url.origin, tenantOf(acs), acs) : [acs],
    tenantInPath,
  }
}
