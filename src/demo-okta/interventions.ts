import type { ResponseSpec } from './response.ts'

/**
 * Where a forger who owns the key reaches in between the steps of making a response, so that what is wrong is genuinely signed.
 * Each gets XML and gives XML. An honest response has none.
 */
export interface Interventions {
  /** Each assertion before it is signed. */
  readonly assertion?: (xml: string) => string
  /** Each assertion after that, before it is put into the Response: encryption for example. */
  readonly signedAssertion?: (xml: string) => string
  /** The Response, assertions and all, before it is signed itself. */
  readonly response?: (xml: string) => string
  /** Each SignedInfo, which is then signed as it is returned. */
  readonly signedInfo?: (xml: string) => string
  /** Each whole KeyInfo, which no signature of its own element covers. */
  readonly keyInfo?: (xml: string) => string
}

/** The spec with further interventions; those that it has already come first. */
export function intervene(spec: ResponseSpec, further: Interventions): ResponseSpec {
  const { interventions: earlier = {} } = spec
  const both: Record<string, (xml: string) => string> = { ...earlier }
  for (const [step, change] of Object.entries(further) as [
    keyof Interventions,
    (xml: string) => string,
  ][]) {
    const before = earlier[step]
    both[step] = before ? (xml) => change(before(xml)) : change
  }
  return { ...spec, interventions: both }
}
