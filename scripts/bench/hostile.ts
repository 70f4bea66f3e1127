import { defaultLimits, type MessageLimits } from '../../src/saml/types.ts'
import type { Circumstances } from '../../src/signin/circumstances.ts'
import { judge } from '../../src/signin/judge.ts'
import { type Family, families } from './hostile/families.ts'
import { hostileRequestIds, hostileXml, type Maker } from './hostile/message.ts'
import { median } from './measure.ts'
import type { Report } from './report.ts'
import { circumstances } from './scene.ts'
import { markdownTable } from './table.ts'

/** Sizes of what a family grows by, in KiB; the largest leaves no room for the rest of the message under the default limit. */
export const sizes = [64, 128, 250] as const
/** What no body may cost, in milliseconds of CPU (issue 3). */
const mostMilliseconds = 100

/**
 * As wide as configuration lets them be (configOptions.ts), and the counts of elements without bound: shows how the cost of the
 * algorithms grows where the default limits would end the work.
 */
export const liftedLimits: MessageLimits = {
  maxBytes: 1024 * 1024,
  maxDepth: 128,
  maxElements: 1_000_000,
  maxNodes: 2_000_000,
  maxAttributesPerElement: 128,
  maxNamespacesPerElement: 256,
}

const makers: readonly Maker[] = ['forged', 'stolen', 'signed']

/** What a family costs at most: at each size, by the maker who is worst there. */
interface Worst {
  /** CPU milliseconds, one for each of the sizes. */
  readonly milliseconds: readonly number[]
  /** Of the largest message: who made it, and how it ended (a reason, or `signedIn`). */
  readonly maker: Maker
  readonly outcome: string
  /** The cost at the largest size through that at the smallest. */
  readonly growth: number
}

interface Cost {
  readonly maker: Maker
  readonly milliseconds: number
  readonly outcome: string
}

interface FamilyResult {
  readonly family: string
  readonly default: Worst
  readonly lifted: Worst
}

/** Judges every family of hostile messages, by every maker, at every size, under both limits. */
export async function hostileBench(seconds: number): Promise<Report> {
  const perFamily = (seconds * 1000) / families.length
  const results: FamilyResult[] = []
  await warmUp()
  for (const family of families) {
    results.push({
      family: family.name,
      default: await worstOf(family, defaultLimits, perFamily / 2),
      lifted: await worstOf(family, liftedLimits, perFamily / 2),
    })
  }
  return { text: textOf(results), json: jsonOf(results) }
}

/** So that the first family does not pay for compiling. */
async function warmUp(): Promise<void> {
  for (const family of families)
    for (const maker of makers) await judged(family, 4096, maker, liftedLimits)
}

async function worstOf(family: Family, limits: MessageLimits, budget: number): Promise<Worst> {
  const perMessage = budget / (makers.length * sizes.length)
  const worst: Cost[] = []
  for (const size of sizes) {
    const costs: Cost[] = []
    for (const maker of makers) {
      const run = prepare(family, size * 1024, maker, limits)
      if (run !== null) costs.push({ maker, ...(await cost(run, limits, perMessage)) })
    }
    worst.push(costs.reduce((a, b) => (b.milliseconds > a.milliseconds ? b : a)))
  }
  const [first, last] = [worst[0], worst.at(-1)]
  if (first === undefined || last === undefined) throw new Error('bench: no sizes')
  return {
    milliseconds: worst.map((each) => each.milliseconds),
    maker: last.maker,
    outcome: last.outcome,
    growth: last.milliseconds / first.milliseconds,
  }
}

/** CPU of one judgement: the median of several, three at least, of the whole process (garbage collection included). */
async function cost(
  run: Run,
  limits: MessageLimits,
  budget: number,
): Promise<{ milliseconds: number; outcome: string }> {
  const runs: number[] = []
  let outcome = ''
  const end = performance.now() + budget
  while (runs.length < 3 || (performance.now() < end && runs.length < 25)) {
    const now = await circumstances(hostileRequestIds, limits)
    const before = process.cpuUsage()
    outcome = await run(now)
    const { user, system } = process.cpuUsage(before)
    runs.push((user + system) / 1000)
  }
  return { milliseconds: median(runs), outcome }
}

/** Judges one message, and says how it ended. */
type Run = (now: Circumstances) => Promise<string>

/** Null when this maker cannot make it. */
function prepare(family: Family, bytes: number, maker: Maker, limits: MessageLimits): Run | null {
  const body = encoded(family, bytes, maker)
  if (body === null) return null
  return async (now) => {
    const verdict = await judge({ encoding: 'base64', body }, { ...now, limits, diagnose: true })
    return verdict.outcome === 'refused' ? verdict.reason : verdict.outcome
  }
}

/** How a message of a family ends, null when this maker cannot make it. For the warm-up, and for the tests. */
export async function judged(
  family: Family,
  bytes: number,
  maker: Maker,
  limits: MessageLimits,
): Promise<string | null> {
  const run = prepare(family, bytes, maker, limits)
  return run === null ? null : run(await circumstances(hostileRequestIds, limits))
}

/** The form field; null when even a signer gone bad cannot make it, because it is no XML that canonicalizes. */
function encoded(family: Family, bytes: number, maker: Maker): string | null {
  try {
    const xml = hostileXml(family.parts(bytes), maker, liftedLimits)
    return family.encode?.(xml) ?? Buffer.from(xml, 'utf8').toString('base64')
  } catch (error) {
    if (maker === 'signed') return null
    throw error
  }
}

function textOf(results: readonly FamilyResult[]): string {
  const sorted = [...results].sort((a, b) => most(b.default) - most(a.default))
  const row = (result: FamilyResult, worst: Worst) => [
    result.family,
    ...worst.milliseconds,
    worst.growth,
    `${worst.maker}: ${worst.outcome}`,
    most(worst) > mostMilliseconds ? 'over' : '',
  ]
  const heads = [
    'family',
    ...sizes.map((size) => `${size} KiB`),
    'growth',
    'worst maker',
    '> 100 ms',
  ]
  const over = results.filter((each) => most(each.default) > mostMilliseconds)
  return [
    `CPU milliseconds of one judge(), every check run (diagnosis). Growth: the largest size through the smallest, ${ratioOfSizes.toFixed(1)} when linear.`,
    `### Default limits\n\n${markdownTable(
      heads,
      sorted.map((each) => row(each, each.default)),
    )}`,
    `### Limits lifted\n\n${markdownTable(
      heads,
      sorted.map((each) => row(each, each.lifted)),
    )}`,
    over.length === 0
      ? `Under the default limits no family costs more than ${mostMilliseconds} ms.`
      : `Over ${mostMilliseconds} ms under the default limits: ${over.map((each) => each.family).join(', ')}.`,
  ].join('\n\n')
}

const ratioOfSizes = Math.max(...sizes) / Math.min(...sizes)

function most({ milliseconds }: Worst): number {
  return Math.max(...milliseconds)
}

function jsonOf(results: readonly FamilyResult[]): Record<string, unknown> {
  return {
    kibibytes: sizes,
    linearGrowth: ratioOfSizes,
    mostMilliseconds,
    worstMilliseconds: Math.max(...results.map((each) => most(each.default))),
    over: results
      .filter((each) => most(each.default) > mostMilliseconds)
      .map((each) => each.family),
    families: results,
  }
}
