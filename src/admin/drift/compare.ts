import { setImmediate } from 'node:timers/promises'
import {
  classifyOnlyHere,
  classifyPairing,
  type Finding,
  type IsFederated,
} from '../../directory/drift/classify.ts'
import type { Comparison, Pairing, PersonHere } from '../../directory/drift/ports.ts'
import { isMendable, type Sides, sideToChange } from '../../directory/drift/repair.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { Domain } from '../../directory/types.ts'
import { domainAndAncestors } from '../../directory/upn.ts'
import type { RandomSource } from '../../lib/ids.ts'
import { csvText, refuseSameFile } from '../csv/files.ts'
import type { CsvSource } from '../csv/lines.ts'
import {
  detailsRow,
  type OutputPaths,
  Outputs,
  oktaRepairRows,
  outputNames,
  writePlan,
} from './outputs.ts'
import { type DriftReport, DriftReportBuilder } from './report.ts'
import { openThereFile, type ThereFile } from './thereFile.ts'

export interface DriftOptions {
  readonly random: RandomSource
  readonly outputs?: OutputPaths
  /** The column or attribute that Okta sends as NameID, when it has no usual name. */
  readonly anchorColumn?: string
  /** Ends the comparison; no file is written. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: DriftProgress) => void
}

export interface DriftProgress {
  readonly phase: 'reading' | 'loading' | 'pairing' | 'comparing'
  readonly people: number
  /** Null where it is not known. */
  readonly total: number | null
}

const pageSize = 1000

/**
 * Compares the other side's people with the directory: puts everybody in one class, and writes the files that were asked for. The
 * directory is only read. Both sides lie in `comparison`, a new one, and memory holds a page of each.
 *
 * Throws CsvError when the file cannot be read or an output cannot be written, the signal's reason when it is aborted, and the
 * stores' errors; then no file was written.
 */
export async function compareDirectories(
  store: DirectoryStore,
  source: CsvSource,
  comparison: Comparison,
  options: DriftOptions,
): Promise<DriftReport> {
  const paths = options.outputs ?? {}
  await refuseSameFile([
    ['the file to compare', source.name],
    ...Object.entries(paths).map(
      ([name, path]) => [outputNames[name as keyof OutputPaths], path] as const,
    ),
  ])
  const file = await openThereFile(source, options.anchorColumn)
  const outputs = await Outputs.open(paths, options.random)
  try {
    const there = await loadThere(file, comparison, options)
    const here = await loadHere(store, comparison, options)
    options.onProgress?.({ phase: 'pairing', people: 0, total: null })
    await turn(options.signal)
    comparison.pair()

    const work: Work = {
      comparison,
      outputs,
      isFederated: await federatedDomains(store),
      domains: new Map((await store.domains()).map((domain) => [domain.id, domain])),
      report: new DriftReportBuilder(source.name, file.placeNoun),
      file,
    }
    await classifyAll(work, there + here, options)
    const planned = comparison.settlePlan()
    await writePlan(comparison, outputs)
    options.signal?.throwIfAborted()
    await outputs.keep()
    return work.report.done({ there, here, planned, paths, outputs, warnings: file.warnings })
  } finally {
    await outputs.discard()
  }
}

interface Work {
  readonly comparison: Comparison
  readonly outputs: Outputs
  readonly isFederated: IsFederated
  readonly domains: ReadonlyMap<string, Domain>
  readonly report: DriftReportBuilder
  readonly file: ThereFile
}

async function loadThere(
  { batches }: ThereFile,
  comparison: Comparison,
  { signal, onProgress }: DriftOptions,
): Promise<number> {
  let people = 0
  for await (const batch of batches) {
    comparison.addThere(batch)
    people += batch.length
    onProgress?.({ phase: 'reading', people, total: null })
    await turn(signal)
  }
  return people
}

async function loadHere(
  store: DirectoryStore,
  comparison: Comparison,
  { signal, onProgress }: DriftOptions,
): Promise<number> {
  const total = await store.countUsers()
  let people = 0
  let batch: PersonHere[] = []
  const add = async (): Promise<void> => {
    comparison.addHere(batch)
    people += batch.length
    batch = []
    onProgress?.({ phase: 'loading', people, total })
    await turn(signal)
  }
  for await (const user of store.users()) if (batch.push(user) === pageSize) await add()
  await add()
  return people
}

async function classifyAll(work: Work, total: number, options: DriftOptions): Promise<void> {
  const { comparison, isFederated, file } = work
  const sides: Sides = {
    okta: work.outputs.has('repairOkta'),
    here: work.outputs.has('repairHere') || work.outputs.has('powershell'),
  }
  let people = 0
  const tell = async (more: number): Promise<void> => {
    people += more
    options.onProgress?.({ phase: 'comparing', people, total })
    await turn(options.signal)
  }
  for (let after = 0; ; ) {
    const page = comparison.pairings(after, pageSize)
    if (page.length === 0) break
    const found = page.map((pairing) => ({
      pairing,
      finding: classifyPairing(pairing, isFederated, file.placeNoun),
    }))
    await takePage(work, found, sides)
    after = page.at(-1)?.number ?? after
    await tell(page.reduce((sum, { here }) => sum + (here === null ? 1 : 2), 0))
  }
  for (let after = 0; ; ) {
    const page = comparison.onlyHere(after, pageSize)
    if (page.length === 0) break
    const rows = page.map(({ here }) => {
      const finding = classifyOnlyHere(here, isFederated)
      work.report.add(finding, null, here)
      return detailsRow(finding, { there: null, pairedBy: null }, here)
    })
    await work.outputs.write('details', csvText(rows), rows.length)
    after = page.at(-1)?.number ?? after
    await tell(page.length)
  }
}

async function takePage(
  { comparison, outputs, report, domains }: Work,
  found: readonly { readonly pairing: Pairing; readonly finding: Finding }[],
  sides: Sides,
): Promise<void> {
  const details: (readonly string[])[] = []
  const forOkta: (readonly string[])[] = []
  const forHere: number[] = []
  for (const { pairing, finding } of found) {
    const { there, here } = pairing
    report.add(finding, there, here)
    if (finding.class === 'equal') continue
    details.push(detailsRow(finding, pairing, here))
    if (!isMendable(finding.class)) continue
    const side = sideToChange(finding, pairing, sides, domains)
    if (side === 'here') forHere.push(pairing.number)
    if (side === 'okta' && here !== null) forOkta.push(...oktaRepairRows(there, here))
  }
  await outputs.write('details', csvText(details), details.length)
  await outputs.write('repairOkta', csvText(forOkta), forOkta.length)
  comparison.plan(forHere)
}

/** Whether people of a domain sign in at an identity provider: as home-realm discovery has it, from all domains at once. */
async function federatedDomains(store: DirectoryStore): Promise<IsFederated> {
  const domains = new Map((await store.domains()).map((domain) => [domain.id, domain]))
  const enabled = new Set(
    (await store.federations()).filter(({ isEnabled }) => isEnabled).map(({ id }) => id),
  )
  return (name) => {
    const nearest = domainAndAncestors(name).find((each) => domains.has(each))
    const domain = nearest === undefined ? undefined : domains.get(nearest)
    return domain?.isVerified === true && enabled.has(domain.federationId ?? '')
  }
}

/** Lets other work have its turn, and ends here when it is to end. */
async function turn(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate()
  signal?.throwIfAborted()
}
