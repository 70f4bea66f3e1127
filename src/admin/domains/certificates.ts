import type { Federation } from '../../directory/types.ts'
import { hours, type Instant, isoSeconds } from '../../lib/clock.ts'
import { readSigningCertificate, validityAt } from '../../saml/certificates.ts'

/** Sign-ins of one day by one certificate, as they are counted. */
export interface CountedByCertificate {
  readonly day: number
  readonly federationId: string
  readonly thumbprint: string
  readonly count: number
  readonly lastAt: Instant
}

/** One certificate that a federation has, or had. */
export interface CertificateUse {
  readonly slot: 'signingCertificate' | 'nextSigningCertificate' | 'former'
  /** SHA-256, lower-case hex. */
  readonly thumbprint: string
  /** Null for a former one, of which the thumbprint alone is kept. */
  readonly validity: CertificateValidity | null
  /** In the last seven days. */
  readonly signins: number
  /** Of the sign-ins of those days, from 0 to 1; null when there were none. */
  readonly share: number | null
  /** Within ninety days. */
  readonly lastSigninAt: Instant | null
}

export interface CertificateValidity {
  readonly subject: string
  readonly notBefore: Instant
  readonly notAfter: Instant
  readonly state: 'valid' | 'expired' | 'notYetValid'
  /** Whole days until the end; negative when it is over. */
  readonly daysLeft: number
}

export type RolloverVerdict = 'onlyOne' | 'safeToRetire' | 'oldStillSigns' | 'nothingSeen'

export interface CertificateReport {
  readonly certificates: readonly CertificateUse[]
  readonly verdict: RolloverVerdict
  /** The verdict in a sentence, with what to do. */
  readonly message: string
}

const day = hours(24)
const recentDays = 7
/** The old one must have been silent for so long: people sign in by day, and some only once. */
export const quietTime = day

/** The certificates of a federation, who signs with each, and whether the old one can go. */
export function certificateReport(
  federation: Federation,
  counted: readonly CountedByCertificate[],
  now: Instant,
): CertificateReport {
  const own = counted.filter(({ federationId }) => federationId === federation.id)
  const recent = own.filter((each) => each.day > Math.floor(now / day) - recentDays)
  const all = sum(recent)
  const used = (slot: CertificateUse['slot'], thumbprint: string, base64: string | null) => {
    const signins = sum(recent.filter((each) => each.thumbprint === thumbprint))
    const times = own.filter((each) => each.thumbprint === thumbprint).map(({ lastAt }) => lastAt)
    return {
      slot,
      thumbprint,
      validity: base64 === null ? null : certificateValidity(base64, now),
      signins,
      share: all === 0 ? null : signins / all,
      lastSigninAt: times.length === 0 ? null : Math.max(...times),
    }
  }
  const { signingCertificate: current, nextSigningCertificate: next } = federation
  const certificates: CertificateUse[] = [
    used('signingCertificate', thumbprintOf(current), current),
    ...(next === null ? [] : [used('nextSigningCertificate', thumbprintOf(next), next)]),
    ...federation.formerSigningCertificates.map((each) => used('former', each, null)),
  ]
  return { certificates, ...judged(certificates, now) }
}

/** Both ends of a certificate's validity, and what is left of it. */
export function certificateValidity(base64: string, now: Instant): CertificateValidity {
  const certificate = readSigningCertificate(base64)
  const { subject, notBefore, notAfter } = certificate
  const daysLeft = Math.floor((notAfter - now) / day)
  return { subject, notBefore, notAfter, state: validityAt(certificate, now), daysLeft }
}

function judged(
  [old, next]: readonly CertificateUse[],
  now: Instant,
): Pick<CertificateReport, 'verdict' | 'message'> {
  if (old === undefined || next?.slot !== 'nextSigningCertificate') {
    return { verdict: 'onlyOne', message: 'There is one certificate, and nothing to retire.' }
  }
  const [oldAt, nextAt] = [old.lastSigninAt, next.lastSigninAt]
  if (oldAt === null && nextAt === null) {
    return {
      verdict: 'nothingSeen',
      message: 'Nobody signed in lately: nothing says which certificate Okta signs with.',
    }
  }
  const isQuiet = oldAt === null || oldAt <= now - quietTime
  if (nextAt !== null && isQuiet && nextAt > (oldAt ?? 0)) {
    const since = oldAt === null ? 'in 90 days' : `since ${isoSeconds(oldAt)}`
    return {
      verdict: 'safeToRetire',
      message: `safe to retire the old one: nobody signed in by it ${since}, and by the next one until ${isoSeconds(nextAt)}. Do it: homerealm domains certificates rotate DOMAIN`,
    }
  }
  if (oldAt === null) {
    return { verdict: 'nothingSeen', message: 'Nobody signed in by either certificate lately.' }
  }
  const share =
    old.share === null ? '' : ` (${percent(old.share)} of the sign-ins of ${recentDays} days)`
  return {
    verdict: 'oldStillSigns',
    message: `Okta still signs with the old one${share}, last at ${isoSeconds(oldAt)}. Activate the next one in Okta, then wait until the old one was silent for a day.`,
  }
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function sum(counted: readonly CountedByCertificate[]): number {
  return counted.reduce((total, { count }) => total + count, 0)
}

function thumbprintOf(base64: string): string {
  return readSigningCertificate(base64).thumbprint
}
