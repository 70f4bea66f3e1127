import type { Contender, Runner } from './contender.ts'
import { contenders } from './contenders/all.ts'
import { type Kind, kinds, kindTitles, makeDocuments } from './documents.ts'
import { type Measured, ratio, sideBySide } from './measure.ts'
import { inOwnProcess } from './ownProcess.ts'
import { type PartShare, timeByPart } from './parts.ts'
import type { Report } from './report.ts'
import { type Cell, markdownTable, percent } from './table.ts'

/**
 * How many different documents a contender goes round, and which shares of the time go to warming all of them up and to measuring.
 * The first kind warms up most of what the others use.
 */
const plans: Readonly<
  Record<Kind, { readonly documents: number; readonly warmUp: number; readonly budget: number }>
> = {
  bothSigned: { documents: 16, warmUp: 0.18, budget: 0.2 },
  assertionSigned: { documents: 16, warmUp: 0.04, budget: 0.12 },
  encrypted: { documents: 16, warmUp: 0.04, budget: 0.11 },
  thousandGroups: { documents: 2, warmUp: 0.04, budget: 0.11 },
}
const partsShare = 0.15
const rounds = 9

/** One line of the table. */
interface Line {
  readonly responsesPerSecond: number
  readonly cpuMicroseconds: number
  readonly timesNodeSaml: number | null
  readonly shareOfLimit: number | null
  readonly timesXmlsec: number | null
}

interface Result {
  readonly kind: Kind
  /** Of the XML of one document. */
  readonly bytes: number
  readonly lines: ReadonlyMap<string, Line | null>
}

/** Measures every verifier on every kind of document, `seconds` of wall time in all. */
export async function samlBench(seconds: number): Promise<Report> {
  const milliseconds = seconds * 1000
  const processes = contenders.map(inOwnProcess)
  try {
    const results: Result[] = []
    for (const kind of kinds) results.push(await measureKind(kind, processes, milliseconds))
    const documents = makeDocuments('bothSigned', plans.bothSigned.documents)
    const parts = await timeByPart(documents, milliseconds * partsShare)
    return { text: textOf(results, parts), json: jsonOf(results, parts) }
  } finally {
    for (const each of processes) each.end()
  }
}

async function measureKind(
  kind: Kind,
  processes: readonly Contender[],
  milliseconds: number,
): Promise<Result> {
  const plan = plans[kind]
  const documents = makeDocuments(kind, plan.documents)
  const runners = new Map<string, Runner | null>()
  for (const each of processes) runners.set(each.id, await each.open(kind, documents))
  try {
    const measured = await sideBySide(runners, {
      warmUp: plan.warmUp * milliseconds,
      budget: plan.budget * milliseconds,
      rounds,
    })
    const lines = new Map([...measured].map(([id, own]) => [id, own && lineOf(own, measured)]))
    return { kind, bytes: documents[0]?.xml.length ?? 0, lines }
  } finally {
    for (const runner of runners.values()) runner?.close?.()
  }
}

function lineOf(own: Measured, all: ReadonlyMap<string, Measured | null>): Line {
  return {
    responsesPerSecond: own.responsesPerSecond,
    cpuMicroseconds: own.cpu,
    timesNodeSaml: ratio(own, all.get('nodeSaml')),
    shareOfLimit: ratio(own, all.get('limit')),
    timesXmlsec: ratio(own, all.get('xmlsec')),
  }
}

function textOf(results: readonly Result[], parts: readonly PartShare[]): string {
  const heads = [
    'verifier',
    'responses/s',
    'CPU us',
    'x node-saml',
    'share of the limit',
    'x xmlsec',
  ]
  const tables = results.map(({ kind, lines, bytes }) => {
    const rows = contenders.map(({ id, title }): Cell[] => {
      const line = lines.get(id)
      if (!line) return [title]
      return [
        title,
        line.responsesPerSecond,
        line.cpuMicroseconds,
        line.timesNodeSaml,
        line.shareOfLimit,
        line.timesXmlsec,
      ]
    })
    return `### ${kindTitles[kind]}: ${bytes.toLocaleString('en-US')} bytes\n\n${markdownTable(heads, rows)}`
  })
  const shares = markdownTable(
    ['part', 'us', 'share'],
    parts.map(({ part, microseconds, share }) => [part, microseconds, percent(share)]),
  )
  const notes = contenders.map(({ title, includes }) => `- ${title}: ${includes}`).join('\n')
  return [
    ...tables,
    `### Time by part: ${kindTitles.bothSigned}\n\n${shares}`,
    `What is measured:\n\n${notes}\n\nA dash: not installed, or it cannot do this kind.`,
  ].join('\n\n')
}

function jsonOf(results: readonly Result[], parts: readonly PartShare[]): Record<string, unknown> {
  return {
    kinds: Object.fromEntries(
      results.map(({ kind, lines, bytes }) => [
        kind,
        { bytes, verifiers: Object.fromEntries(lines) },
      ]),
    ),
    parts,
  }
}
