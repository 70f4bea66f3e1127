/** What one slice of measuring saw. */
export interface Sample {
  readonly responses: number
  /** How long the thread that did it ran, in microseconds: waiting for a core, on a busy machine, is not in it. */
  readonly time: number
  /** CPU time of the whole process in microseconds: garbage collection and compilation on other threads included. */
  readonly cpu: number
}

/** Something that can be measured for some milliseconds at a time. */
export interface Measurable {
  measure(milliseconds: number): Promise<Sample>
}

/** The median figures of one contender, and its samples, one a round. */
export interface Measured {
  /** On one thread. */
  readonly responsesPerSecond: number
  /** Microseconds of CPU for one response. */
  readonly cpu: number
  readonly samples: readonly Sample[]
}

/**
 * Work on a list of items, one after the other and round and round. `prepare` runs before each pass through it, and counts. Time is
 * taken once for a slice: a kernel may count a thread's time in steps of milliseconds.
 */
export function inProcess<Item>(
  items: readonly Item[],
  work: (item: Item) => unknown,
  prepare: () => Promise<void> = async () => {},
): Measurable {
  return {
    async measure(milliseconds) {
      let responses = 0
      const end = performance.now() + milliseconds
      const cpuBefore = process.cpuUsage()
      const start = threadTime()
      do {
        await prepare()
        for (const item of items) {
          const outcome = work(item)
          if (outcome instanceof Promise) await outcome
        }
        responses += items.length
      } while (performance.now() < end)
      const time = threadTime() - start
      const { user, system } = process.cpuUsage(cpuBefore)
      return { responses, time, cpu: user + system }
    },
  }
}

/** How long this thread has run, in microseconds; where Node cannot tell (before 23.9), the wall clock. */
export function threadTime(): number {
  if (process.threadCpuUsage === undefined) return performance.now() * 1000
  const { user, system } = process.threadCpuUsage()
  return user + system
}

/** How long to measure all contenders together, in milliseconds. */
export interface Plan {
  readonly warmUp: number
  readonly budget: number
  readonly rounds: number
}

/**
 * Measures contenders side by side: a warm-up of each, then rounds in which each gets one slice, in turn, so that whatever else the
 * machine does falls on all of them. Null stays null.
 */
export async function sideBySide<Name extends string>(
  contenders: ReadonlyMap<Name, Measurable | null>,
  { warmUp, budget, rounds }: Plan,
): Promise<Map<Name, Measured | null>> {
  const present = [...contenders].filter((each): each is [Name, Measurable] => each[1] !== null)
  const slice = budget / (rounds * present.length)
  const samples = new Map<Name, Sample[]>()
  for (const [name, contender] of present) {
    await warmedUp(contender, warmUp / present.length)
    samples.set(name, [])
  }
  for (let round = 0; round < rounds; round++)
    for (const [name, contender] of present) samples.get(name)?.push(await contender.measure(slice))
  return new Map(
    [...contenders.keys()].map((name) => {
      const own = samples.get(name)
      return [name, own === undefined ? null : measured(own)]
    }),
  )
}

/**
 * Code that is compiled while it is measured is not what a server runs. So that a busy machine does not cut the warm-up short, it lasts
 * until the thread itself has run so long, or four times that by the clock.
 */
async function warmedUp(contender: Measurable, milliseconds: number): Promise<void> {
  const end = performance.now() + 4 * milliseconds
  let ran = 0
  do ran += (await contender.measure(milliseconds / 4)).time / 1000
  while (ran < milliseconds && performance.now() < end)
}

function measured(samples: readonly Sample[]): Measured {
  return {
    responsesPerSecond: median(samples.map(rate)),
    cpu: median(samples.map(({ cpu, responses }) => cpu / responses)),
    samples,
  }
}

function rate({ responses, time }: Sample): number {
  return (responses / time) * 1e6
}

/**
 * How many times as fast `one` is as `other`: the median of the ratios within each round, in which both met the same machine.
 * Null when either is.
 */
export function ratio(
  one: Measured | null | undefined,
  other: Measured | null | undefined,
): number | null {
  if (!one || !other) return null
  return median(
    one.samples.map((sample, round) => {
      const beside = other.samples[round]
      return beside === undefined ? Number.NaN : rate(sample) / rate(beside)
    }),
  )
}

/** The middle value, or the mean of the two in the middle. NaN for nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}
