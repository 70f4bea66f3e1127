import { setImmediate } from 'node:timers/promises'
import { examine, type Outcome, type Verifier } from '../../test/support/examine.ts'
import { Choices, seededShares } from '../../test/support/mutators/choices.ts'
import { mutatedField, randomMutations } from '../../test/support/mutators/mutate.ts'
import type { Mutation } from '../../test/support/mutators/mutator.ts'
import { type SignedKind, verify } from '../../test/support/signedKinds.ts'

/** A document that was accepted and must not be, or that ended in anything but a refusal. */
export interface Finding {
  readonly seed: number
  /** Which document of that seed, from 0. */
  readonly number: number
  readonly kind: string
  readonly what: string
  /** Those of the mutations without which it would be none. */
  readonly mutations: readonly Mutation[]
  /** The form field SAMLResponse. */
  readonly field: string
}

/** The document that cost most. */
export interface Slowest {
  readonly number: number
  readonly kind: string
  readonly mutators: readonly string[]
  readonly bytes: number
  readonly cpuMillis: number
}

export interface Tally {
  readonly documents: number
  /** Accepted, with every value as it was signed. */
  readonly accepted: number
  readonly refusals: ReadonlyMap<string, number>
  readonly slowest: Slowest
}

/** One document to examine. */
interface Mutated {
  readonly kind: SignedKind
  readonly document: Buffer
  /** Another one that the same key signed, in this kind or another. */
  readonly partner: Buffer
  readonly mutations: readonly Mutation[]
}

function fieldOf({ document, partner, mutations }: Mutated): string {
  return mutatedField(document, partner, mutations)
}

/** Of one document; no more than a few meet a check that only a lone change gets to. */
const mostMutations = 4
const documentsBetweenBreaths = 64

/** Examines mutated responses until it finds something, or `goOn` (asked now and then) says no. */
export async function fuzz(
  kinds: readonly SignedKind[],
  seed: number,
  goOn: (tally: Tally) => boolean,
  verifier: Verifier = verify,
): Promise<{ tally: Tally; finding: Finding | null }> {
  const refusals = new Map<string, number>()
  let accepted = 0
  let slowest: Slowest = { number: 0, kind: '', mutators: [], bytes: 0, cpuMillis: 0 }
  for (let number = 0; ; number++) {
    const tally = { documents: number, accepted, refusals, slowest }
    if (number % documentsBetweenBreaths === 0) {
      if (!goOn(tally)) return { tally, finding: null }
      await setImmediate() // lets a signal in
    }
    const one = mutated(kinds, seed, number)
    const field = fieldOf(one)
    const { outcome, cpuMillis } = measured(
      () => examine(field, one.kind, verifier),
      slowest.cpuMillis,
    )
    if (outcome.is === 'finding')
      return { tally, finding: smallest(seed, number, one, verifier, outcome.what) }
    if (outcome.is === 'accepted') accepted++
    else refusals.set(outcome.reason, (refusals.get(outcome.reason) ?? 0) + 1)
    if (cpuMillis > slowest.cpuMillis) {
      const mutators = one.mutations.map(({ mutator }) => mutator)
      slowest = { number, kind: one.kind.name, mutators, bytes: field.length, cpuMillis }
    }
  }
}

function mutated(kinds: readonly SignedKind[], seed: number, number: number): Mutated {
  const share = seededShares(Math.imul(seed, 0x9e3779b1) ^ number)
  const choose = new Choices([share(), share(), share(), share()])
  const kind = choose.of(kinds)
  const likeSigned = kinds.filter(({ signed }) => signed === kind.signed)
  return {
    kind,
    document: choose.of(kind.documents),
    partner: choose.of(choose.of(likeSigned).documents),
    mutations: randomMutations(share, mostMutations),
  }
}

/** Runs that a collector or a compiler fell into are told from costly documents by running these again. */
const secondLooks = 3

function measured(run: () => Outcome, most: number): { outcome: Outcome; cpuMillis: number } {
  const first = once(run)
  let { cpuMillis } = first
  for (let look = 0; look < secondLooks && cpuMillis > most; look++)
    cpuMillis = Math.min(cpuMillis, once(run).cpuMillis)
  return { outcome: first.outcome, cpuMillis }
}

function once(run: () => Outcome): { outcome: Outcome; cpuMillis: number } {
  const start = process.cpuUsage()
  const outcome = run()
  const { user, system } = process.cpuUsage(start)
  return { outcome, cpuMillis: (user + system) / 1000 }
}

/** The finding without every mutation that it does not need. */
function smallest(
  seed: number,
  number: number,
  one: Mutated,
  verifier: Verifier,
  what: string,
): Finding {
  let finding: Finding = {
    seed,
    number,
    kind: one.kind.name,
    what,
    mutations: one.mutations,
    field: fieldOf(one),
  }
  for (const mutation of one.mutations) {
    const mutations = finding.mutations.filter((it) => it !== mutation)
    const field = fieldOf({ ...one, mutations })
    const outcome = examine(field, one.kind, verifier)
    if (outcome.is === 'finding') finding = { ...finding, what: outcome.what, mutations, field }
  }
  return finding
}
