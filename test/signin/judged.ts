import type { Circumstances, Refused, SignedIn } from '../../src/signin/circumstances.ts'
import { checks, judge } from '../../src/signin/judge.ts'
import {
  circumstancesOf,
  federation,
  otherFederation,
  type World,
} from '../support/circumstances.ts'
import { key, type Said, signedMessage } from '../support/signedMessage.ts'

/** The federation of the sound response, trusting its key. */
export const trusting = { ...federation, signingCertificate: key.certificateBase64 }
/** With another one that trusts the same key. */
export const federations = [
  trusting,
  { ...otherFederation, signingCertificate: key.certificateBase64 },
]

/** The verdict on the sound response with what is given instead. */
export const judged = (
  said: Partial<Said> = {},
  world: World = {},
  more: Partial<Circumstances> = {},
) => judge(signedMessage(said), circumstancesOf({ federations, ...world }, more))

export async function refused(...given: Parameters<typeof judged>): Promise<Refused> {
  const verdict = await judged(...given)
  if (verdict.outcome === 'refused') return verdict
  throw new Error(`signed in ${verdict.user.userPrincipalName}`)
}

export async function signedIn(...given: Parameters<typeof judged>): Promise<SignedIn> {
  const verdict = await judged(...given)
  if (verdict.outcome === 'signedIn') return verdict
  throw new Error(`refused: ${verdict.reason} ${JSON.stringify(verdict.trace)}`)
}

/** Names of checks by the way they went. */
/** Names of checks by the way they went. */
export const namesOf = (verdict: SignedIn | Refused, result: string) =>
  verdict.trace.filter((entry) => entry.result === result).map(({ check }) => check)

export const allNames = checks.map(({ name }) => name)
