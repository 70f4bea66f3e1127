import { basename } from 'node:path'
import { Refusal } from '../../aadsts/reasons.ts'
import { principalNameDomain, readEmail } from '../../directory/upn.ts'
import { decodeResponse } from '../../saml/decode.ts'
import { type ClaimedResponse, defaultLimits, type EncodedMessage } from '../../saml/types.ts'
import { UsageError } from '../usageError.ts'
import { type Case, isCaseTime, readText } from './caseFile.ts'

/** What the command line says about a captured response that comes without a case. */
export interface BareOptions {
  readonly at?: string | undefined
  readonly acs?: string | undefined
  readonly audience?: string | undefined
  readonly certificate?: string | undefined
  readonly loginHint?: string | undefined
  /** Federations and users come from the configured database. */
  readonly database: boolean
  readonly now: number
  readonly entityId: string
}

/**
 * Makes a case of a bare captured response (XML, base64 as posted, or the whole form body), and lists what had to be assumed.
 * Assumptions come from unsigned bytes, so that they can make a forged response look good: the list says so.
 */
export function caseOfBareResponse(
  file: string,
  options: BareOptions,
): { readonly case: Case; readonly assumed: readonly string[]; readonly isProven: boolean } {
  checkOptions(options)
  const message = messageOf(file, readText(file))
  const claimed = claimedOf(message)
  const assumed: string[] = []
  const assume = (what: string, value: string, why: string): string => {
    assumed.push(`${what}: ${value} (${why})`)
    return value
  }

  const at =
    options.at ?? assume('clock', new Date(options.now).toISOString(), 'now; set it with --at')
  const destination = claimed?.destination ?? ''
  const acs =
    options.acs ??
    (isWebAddress(destination)
      ? assume('ACS', destination, 'the response’s Destination; set it with --acs')
      : assume(
          'ACS',
          'https://login.invalid/login.srf',
          'the response names no URL as Destination; set it with --acs',
        ))
  const audience =
    options.audience ?? assume('audience', options.entityId, 'our entityID; set it with --audience')
  const issuer = claimed?.issuer ?? 'none'
  const request = claimed?.inResponseTo
    ? {
        id: assume(
          'request',
          claimed.inResponseTo,
          'the response’s InResponseTo, sent by this browser',
        ),
        federation: issuer,
        loginHint: options.loginHint ?? null,
      }
    : null
  if (request !== null && options.loginHint === undefined) {
    assumed.push(
      'typed e-mail: none, so no user is compared with the NameID (set it with --login-hint)',
    )
  }
  if (request === null) assumed.push('request: none, so unsolicited responses are allowed here')
  const trust = options.database
    ? databaseTrust(issuer)
    : assumedTrust(options, message, claimed, assume)

  return {
    assumed,
    isProven: options.database || options.certificate !== undefined,
    case: {
      file,
      name: basename(file),
      at,
      response: file,
      encoding: message.encoding,
      body: message.body,
      acs,
      audience,
      clockSkewSeconds: 120,
      request,
      unsolicited: request === null,
      usedAssertions: [],
      decryptionKeyPem: null,
      ...trust,
    },
  }
}

function checkOptions({ at, acs, loginHint }: BareOptions): void {
  if (at !== undefined && !isCaseTime(at)) {
    throw new UsageError(
      `--at ${at}: expected an ISO 8601 time with its zone, like 2026-01-15T09:30:00Z.`,
    )
  }
  if (acs !== undefined && !isWebAddress(acs)) {
    throw new UsageError(`--acs ${acs}: expected a URL, like https://login.example.com/login.srf.`)
  }
  const email = loginHint === undefined ? null : readEmail(loginHint)
  if (email !== null && 'problem' in email) {
    throw new UsageError(`--login-hint ${loginHint}: expected an e-mail address: ${email.problem}.`)
  }
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

type Trust = Pick<Case, 'federations' | 'users' | 'certificateTexts'>

function databaseTrust(issuer: string): Trust {
  return {
    federations: [{ issuerUri: issuer, domains: [], signingCertificate: '-' }],
    users: [],
    certificateTexts: [[]],
  }
}

function assumedTrust(
  options: BareOptions,
  message: EncodedMessage,
  claimed: ClaimedResponse | null,
  assume: (what: string, value: string, why: string) => string,
): Trust {
  const issuer = assume('federation', claimed?.issuer ?? 'none', 'the response’s Issuer')
  const certificate = options.certificate ? readText(options.certificate) : embedded(message)
  if (certificate === null) {
    throw new UsageError(
      'The response names no certificate. Give the federation’s with --certificate FILE, or take it from the store with --database.',
    )
  }
  if (!options.certificate) {
    assume(
      'certificate',
      'the one inside the response',
      'ANYONE can sign with a key of their own and send its certificate along; give the true one with --certificate',
    )
  }
  const nameId = claimed?.nameId ?? null
  const upn = options.loginHint ?? 'someone@assumed.invalid'
  assume(
    'user',
    upn,
    'with the response’s NameID as onPremisesImmutableId, in a domain of the federation',
  )
  return {
    federations: [
      {
        issuerUri: issuer,
        domains: [principalNameDomain(upn) ?? ''],
        signingCertificate: certificate,
      },
    ],
    users: [{ userPrincipalName: upn, onPremisesImmutableId: nameId }],
    certificateTexts: [[certificate]],
  }
}

/** XML, or base64, or a captured form body `SAMLResponse=...&RelayState=...`. */
function messageOf(file: string, text: string): EncodedMessage {
  if (text.trimStart().startsWith('<')) return { encoding: 'xml', body: text.trim() }
  const posted = /(?:^|&)SAMLResponse=([^&\s]+)/.exec(text.trim())?.[1]
  const body = posted === undefined ? text.trim() : decodeForm(posted)
  if (!/^[A-Za-z0-9+/=\s]+$/.test(body)) {
    throw new UsageError(
      `${file}: expected a case (.json), a response as XML or base64, or a form body with SAMLResponse; it is none of them.`,
    )
  }
  return { encoding: 'base64', body }
}

function decodeForm(value: string): string {
  return new URLSearchParams(`v=${value}`).get('v') ?? ''
}

/** Null when it cannot be read: the judgement will then say why. */
function claimedOf(message: EncodedMessage): ClaimedResponse | null {
  try {
    return decodeResponse(message, defaultLimits)
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

function embedded(message: EncodedMessage): string | null {
  const xml =
    message.encoding === 'xml' ? message.body : Buffer.from(message.body, 'base64').toString('utf8')
  const found = /<(?:[\w.-]+:)?X509Certificate[^>]{0,200}>([A-Za-z0-9+/=\s]{1,20000})</.exec(xml)
  return found?.[1]?.replace(/\s+/g, '') ?? null
}
