import {
  type DriftClass,
  driftClasses,
  driftClassNames,
  isDrift,
} from '../../directory/drift/classes.ts'
import type { Finding, PlaceNoun } from '../../directory/drift/classify.ts'
import type { PersonHere, PersonThere } from '../../directory/drift/ports.ts'
import { isMendable } from '../../directory/drift/repair.ts'
import { type OutputName, type OutputPaths, type Outputs, outputNames } from './outputs.ts'

/** One person who differs. No ImmutableId is in it. */
export interface DriftExample {
  readonly class: DriftClass
  readonly place: number | null
  readonly login: string | null
  readonly userPrincipalName: string | null
  readonly remark: string | null
}

export interface DriftReport {
  readonly file: string
  readonly placeNoun: PlaceNoun
  readonly there: number
  readonly here: number
  /** How many people are in each class. */
  readonly classes: Readonly<Record<DriftClass, number>>
  /** How many are in a class with something to do. */
  readonly differing: number
  /** The first three of each class that differs, most dangerous classes first; twenty at most. */
  readonly examples: readonly DriftExample[]
  /** The files that were written, and how many people are in each. */
  readonly files: Readonly<
    Partial<Record<OutputName, { readonly path: string; readonly people: number }>>
  >
  /** How many could be mended by changing an ImmutableId, and are in none of the repair files; null when none was asked for. */
  readonly notMended: number | null
  readonly warnings: readonly string[]
}

/** How many people of one class are named, and how many on a terminal. */
const examplesOfClass = 3
const maxExamples = 20

/** Counts, and keeps the first few of each class that differs. */
export class DriftReportBuilder {
  readonly #file: string
  readonly #placeNoun: PlaceNoun
  readonly #counts = new Map<DriftClass, number>()
  readonly #examples = new Map<DriftClass, DriftExample[]>()
  #mendable = 0

  constructor(file: string, placeNoun: PlaceNoun) {
    this.#file = file
    this.#placeNoun = placeNoun
  }

  add({ class: name, remark }: Finding, there: PersonThere | null, here: PersonHere | null): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
    if (isMendable(name)) this.#mendable++
    if (!isDrift(name)) return
    const examples = this.#examples.get(name) ?? []
    if (examples.length === examplesOfClass) return
    const { place, login } = there ?? { place: null, login: null }
    const userPrincipalName = here?.userPrincipalName ?? null
    examples.push({ class: name, place, login, userPrincipalName, remark })
    this.#examples.set(name, examples)
  }

  done(end: {
    readonly there: number
    readonly here: number
    /** How many are to be changed here. */
    readonly planned: number
    readonly paths: OutputPaths
    readonly outputs: Outputs
    readonly warnings: readonly string[]
  }): DriftReport {
    const classes = Object.fromEntries(
      driftClassNames.map((name) => [name, this.#counts.get(name) ?? 0]),
    ) as Record<DriftClass, number>
    const differing = driftClassNames.filter(isDrift).reduce((sum, name) => sum + classes[name], 0)
    const written = Object.entries(end.paths) as [OutputName, string][]
    const files = Object.fromEntries(
      written.map(([name, path]) => [name, { path, people: end.outputs.rows(name) }]),
    )
    // The script makes no users, so that those who are to be made are in the import file only.
    const mendedHere = end.outputs.has('repairHere') ? end.planned : end.outputs.rows('powershell')
    const mended = end.outputs.rows('repairOkta') + mendedHere
    const isRepairAsked = written.some(([name]) => name !== 'details')
    return {
      file: this.#file,
      placeNoun: this.#placeNoun,
      there: end.there,
      here: end.here,
      classes,
      differing,
      examples: driftClassNames
        .flatMap((name) => this.#examples.get(name) ?? [])
        .slice(0, maxExamples),
      files,
      notMended: isRepairAsked ? this.#mendable - mended : null,
      warnings: end.warnings,
    }
  }
}

/**
 * The report for a terminal: a table of the classes that somebody is in, what to do, who the first are, and the files. Every line stands
 * by itself when read aloud; nobody's ImmutableId is in it.
 */
export function formatDriftReport(report: DriftReport): string {
  const paragraphs = [
    [`${report.file}: ${people(report.there)} there, ${counted(report.here, 'user')} here.`],
    classTable(report),
    report.warnings.map((warning) => `Warning: ${warning}`),
    todo(report),
    exampleLines(report),
    fileLines(report),
    [conclusion(report)],
  ]
  return paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function classTable({ classes }: DriftReport): readonly string[] {
  const present = driftClassNames.filter((name) => classes[name] > 0)
  const nameWidth = Math.max(5, ...present.map((name) => name.length))
  const countWidth = Math.max(6, ...present.map((name) => grouped(classes[name]).length))
  const line = (name: string, count: string, words: string) =>
    `${name.padEnd(nameWidth)}  ${count.padStart(countWidth)}  ${words}`
  return [
    line('CLASS', 'PEOPLE', 'WHAT IS SO'),
    ...present.map((name) => line(name, grouped(classes[name]), driftClasses[name].words)),
  ]
}

function todo({ classes }: DriftReport): readonly string[] {
  const byAdvice = new Map<string, DriftClass[]>()
  for (const name of driftClassNames) {
    const { advice } = driftClasses[name]
    if (classes[name] === 0 || advice === null) continue
    byAdvice.set(advice, [...(byAdvice.get(advice) ?? []), name])
  }
  const lines = Array.from(byAdvice, ([advice, names]) => `  ${names.join(', ')}: ${advice}.`)
  return lines.length === 0 ? [] : ['To do:', ...lines]
}

function exampleLines({ examples, differing, placeNoun, files }: DriftReport): readonly string[] {
  if (examples.length === 0) return []
  const lines = examples.map(({ class: name, place, login, userPrincipalName, remark }) => {
    const who = userPrincipalName ?? login
    const where = place === null ? '' : `${placeNoun} ${place}, `
    return printable(
      `  ${where}${who || 'no name'}: ${name}.${remark === null ? '' : ` ${remark}`}`,
    )
  })
  const rest = differing - examples.length
  const how = files.details === undefined ? 'all of them with --details FILE.csv' : 'in the details'
  return ['Who:', ...lines, ...(rest > 0 ? [`  and ${grouped(rest)} more, ${how}.`] : [])]
}

function fileLines({ files, notMended }: DriftReport): readonly string[] {
  const lines = (Object.keys(outputNames) as OutputName[]).flatMap((name) => {
    const file = files[name]
    if (file === undefined) return []
    const title = `${outputNames[name][0]?.toUpperCase()}${outputNames[name].slice(1)}`
    return [`${title} (${people(file.people)}): ${file.path}`]
  })
  if (files.repairOkta !== undefined || files.repairHere !== undefined) {
    lines.push(
      'Do not open a repair file in a spreadsheet: it may damage ImmutableIds as it saves.',
    )
  }
  if (notMended !== null && notMended > 0) {
    lines.push(
      `${people(notMended)} with a difference cannot be mended by these files: the side to change was not chosen, the value is not allowed here, or somebody else keeps it.`,
    )
  }
  return lines
}

function conclusion({ differing }: DriftReport): string {
  if (differing === 0)
    return 'Nothing to do: whoever is federated and enabled is equal on both sides.'
  return `${people(differing)} with something to do.`
}

function people(number: number): string {
  return number === 1 ? '1 person' : `${grouped(number)} people`
}

function counted(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`
}

function grouped(number: number): string {
  return number.toLocaleString('en-US')
}

/** A name out of a file must not command a terminal, nor begin a line of its own, nor fill the screen. */
function printable(line: string): string {
  const shown = line.length > 300 ? `${line.slice(0, 300)}...` : line
  return shown.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD')
}
