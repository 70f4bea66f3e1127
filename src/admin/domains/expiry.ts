import type { Federation } from '../../directory/types.ts'
import type { Instant } from '../../lib/clock.ts'
import { certificateValidity } from './certificates.ts'

/** Warnings come when so many days are left. */
export const warnAtDays = [60, 30, 14, 7, 1] as const

/** A certificate that will run out soon, or has. */
export interface ExpiryFinding {
  readonly federation: string
  readonly federationId: string
  readonly slot: 'signingCertificate' | 'nextSigningCertificate'
  readonly notAfter: Instant
  /** Whole days, negative when it is over. */
  readonly daysLeft: number
  /** The smallest of `warnAtDays` that is not below the days that are left; 0 when it is over. */
  readonly threshold: number
  /** No certificate of the federation is good for longer than the first threshold: somebody must do something. */
  readonly needsAttention: boolean
  readonly message: string
}

/** What is to be said of a federation's certificates at `now`; one that was not valid yet is no longer warned of than others. */
export function expiryFindings(federation: Federation, now: Instant): readonly ExpiryFinding[] {
  const slots = (['signingCertificate', 'nextSigningCertificate'] as const).flatMap((slot) => {
    const base64 = federation[slot]
    return base64 === null ? [] : [{ slot, ...certificateValidity(base64, now) }]
  })
  const isSafe = slots.some(({ daysLeft, state }) => daysLeft > warnAtDays[0] && state === 'valid')
  return slots.flatMap(({ slot, notAfter, daysLeft }) => {
    const threshold = thresholdOf(notAfter, daysLeft, now)
    if (threshold === null) return []
    const name = federation.displayName
    const when =
      threshold === 0 ? 'has run out' : `runs out in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}`
    const advice = isSafe
      ? 'The other one is good for longer: homerealm domains certificates DOMAIN says when to rotate.'
      : 'Make a new one in Okta and register it as the next: homerealm domains federate DOMAIN --next-certificate FILE.'
    return [
      {
        federation: name,
        federationId: federation.id,
        slot,
        notAfter,
        daysLeft,
        threshold,
        needsAttention: !isSafe,
        message: `The ${slot} of ${name} ${when}. ${advice}`,
      },
    ]
  })
}

function thresholdOf(notAfter: Instant, daysLeft: number, now: Instant): number | null {
  if (now > notAfter) return 0
  return warnAtDays.findLast((days) => daysLeft <= days) ?? null
}

/**
 * Remembers what was told, so that each threshold of each certificate is told once: at the first look, and when the next threshold is
 * reached. A restart tells what stands then.
 */
export function expiryWatch(): (
  federations: readonly Federation[],
  now: Instant,
) => readonly ExpiryFinding[] {
  const told = new Map<string, number>()
  return (federations, now) => {
    const news: ExpiryFinding[] = []
    for (const federation of federations) {
      for (const finding of expiryFindings(federation, now)) {
        const key = JSON.stringify([federation.id, federation[finding.slot]])
        if ((told.get(key) ?? Number.POSITIVE_INFINITY) <= finding.threshold) continue
        told.set(key, finding.threshold)
        news.push(finding)
      }
    }
    return news
  }
}
