import type { Finding } from '../../directory/drift/classify.ts'
import type {
  Comparison,
  Pairing,
  PersonHere,
  PersonThere,
  PlannedAnchor,
} from '../../directory/drift/ports.ts'
import type { RandomSource } from '../../lib/ids.ts'
import { csvText, openPendingFile, type PendingFile } from '../csv/files.ts'
import { oktaImportHeadings, oktaImportRows } from '../csv/oktaFile.ts'
import { formulaGuard } from '../csv/values.ts'
import { clearingLine, powershellHead, settingLine } from './powershell.ts'

/** The files that a comparison can write, and what they are called in messages. */
export const outputNames = {
  details: 'the details',
  repairOkta: 'the file for Okta',
  repairHere: 'the file to import here',
  powershell: 'the PowerShell script',
} as const

export type OutputName = keyof typeof outputNames
export type OutputPaths = Readonly<Partial<Record<OutputName, string>>>

const heads: Readonly<Record<OutputName, string>> = {
  details: csvText([
    ['class', 'place', 'login', 'userPrincipalName', 'pairedBy'].concat([
      'immutableIdThere',
      'immutableIdHere',
      'remark',
    ]),
  ]),
  repairOkta: csvText([oktaImportHeadings]),
  repairHere: csvText([
    ['userPrincipalName', 'givenName', 'surname', 'mail', 'onPremisesImmutableId'],
  ]),
  powershell: powershellHead,
}

/** The files that were asked for: each appears whole at the end, or not at all. Everything throws CsvError. */
export class Outputs {
  readonly #files = new Map<OutputName, PendingFile>()
  readonly #rows = new Map<OutputName, number>()

  static async open(paths: OutputPaths, random: RandomSource): Promise<Outputs> {
    const outputs = new Outputs()
    try {
      for (const [name, path] of Object.entries(paths) as [OutputName, string][]) {
        outputs.#files.set(name, await openPendingFile(path, random))
        await outputs.#files.get(name)?.write(heads[name])
      }
      return outputs
    } catch (error) {
      await outputs.discard()
      throw error
    }
  }

  has(name: OutputName): boolean {
    return this.#files.has(name)
  }

  /** How many rows, or people of the script, were written. */
  rows(name: OutputName): number {
    return this.#rows.get(name) ?? 0
  }

  async write(name: OutputName, text: string, rows: number): Promise<void> {
    if (text === '') return
    await this.#files.get(name)?.write(text)
    this.#rows.set(name, this.rows(name) + rows)
  }

  async keep(): Promise<void> {
    for (const file of this.#files.values()) await file.finish()
    for (const file of this.#files.values()) await file.keep()
  }

  async discard(): Promise<void> {
    for (const file of this.#files.values()) await file.discard()
  }
}

/**
 * A row of the details. An admin opens them in a spreadsheet, so that every cell is guarded against being run as a formula, ImmutableIds too:
 * they are not for importing.
 */
export function detailsRow(
  { class: name, remark }: Finding,
  pairing: Pick<Pairing, 'pairedBy'> & { readonly there: PersonThere | null },
  here: PersonHere | null,
): readonly string[] {
  const { there, pairedBy } = pairing
  const cells = [name, there ? String(there.place) : '', there?.login, here?.userPrincipalName]
  const anchors = [there?.anchor, here?.onPremisesImmutableId]
  return [...cells, pairedBy, ...anchors, remark].map((cell) => guarded(cell ?? ''))
}

/**
 * The row that gives a person's account at Okta the ImmutableId from here. What Okta's own file said stays exactly so, for Okta would
 * take an apostrophe before a name as part of it.
 */
export function oktaRepairRows(
  there: PersonThere,
  here: PersonHere,
): readonly (readonly string[])[] {
  return oktaImportRows(here).map(([, first = '', last = '', email = '', anchor = '']) => [
    there.login,
    there.firstName ?? first,
    there.lastName ?? last,
    there.email ?? email,
    anchor,
  ])
}

/** Writes what is planned here: rows for `users import`, and lines of the script. */
export async function writePlan(comparison: Comparison, outputs: Outputs): Promise<void> {
  if (outputs.has('powershell')) {
    for (const page of pagesOfPlan(comparison)) {
      const lines = page.flatMap(({ here, isWantedElsewhere }) =>
        here !== null && isWantedElsewhere ? [clearingLine(here.userPrincipalName)] : [],
      )
      await outputs.write('powershell', lines.join(''), 0)
    }
  }
  for (const page of pagesOfPlan(comparison)) {
    const rows = page.map(hereRepairRow)
    await outputs.write('repairHere', csvText(rows), rows.length)
    const lines = page.map(settingLine).filter((line) => line !== null)
    await outputs.write('powershell', lines.join(''), lines.length)
  }
}

/** One who is here already gets the ImmutableId only: an empty cell leaves a value as it is. */
function hereRepairRow({ there, here }: PlannedAnchor): readonly string[] {
  const anchor = there.anchor ?? ''
  if (here !== null) return [here.userPrincipalName, '', '', '', anchor]
  const { login, firstName, lastName, email } = there
  const first = formulaGuard('givenName', firstName ?? '')
  const last = formulaGuard('surname', lastName ?? '')
  return [login, first, last, email ?? '', anchor]
}

const pageSize = 1000

function* pagesOfPlan(comparison: Comparison): Generator<readonly PlannedAnchor[]> {
  for (let after = 0; ; ) {
    const page = comparison.planned(after, pageSize)
    if (page.length === 0) return
    yield page.map(({ plan }) => plan)
    after = page.at(-1)?.number ?? after
  }
}

/** Spreadsheets also begin a formula after a tab or a line break. */
function guarded(cell: string): string {
  return /^[\t\r\n]/.test(cell) ? `'${cell}` : formulaGuard('displayName', cell)
}
