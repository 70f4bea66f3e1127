import type { Runner } from './contender.ts'
import { contenders } from './contenders/all.ts'
import { type BenchDocument, type Kind, kinds, kindTitles, makeDocuments } from './documents.ts'
import { type Measured, ratio, sideBySide } from './measure.ts'
import { inOwnProcess } from './ownProcess.ts'
import { type PartShare, timeByPart } from './parts.ts'
import type { Report } from './report.ts'
import { type Cell, markdownTable, percent } from './table.ts'

/** How many different documents a contender goes round, and its share of the time that all kinds have together. */
const plans: Readonly<Record<Kind, { readonly documents: number; readonly share: number }>> = {
  bothSigned: { documents: 16, share: 0.3 },
  assertionSigned: { documents: 16, share: 0.2 },
  encrypted: { documents: 16, share: 0.2 },
  thousandGroups: { documents: 2, share: 0.2 },
}
const partsShare = 0.1
const rounds = 9

/** One line of the table. */
interface Line {
  readonly responsesPerSecond: number
  readonly cpuMicroseconds: number
  readonly timesNodeSaml: number | null
  readonly shareOfLimit: number | null
  readonly timesXmlsec: number | null
}

/** Measures every verifier on every kind of document, `seconds` of wall time in all. */
export async function samlBench(seconds: number): Promise<Report> {
  const results: [Kind, ReadonlyMap<string, Line | null>, number][] = []
  for (const kind of kinds) {
    const documents = makeDocuments(kind, plans[kind].documents)
    const lines = await measureKind(kind, documents, seconds * 1000 * plans[kind].share)
    results.push([kind, lines, documents[0]?.xml.length ?? 0])
  }
  const documents = makeDocuments('bothSigned', plans.bothSigned.documents)
  const parts = await timeByPart(documents, seconds * 1000 * partsShare)
  return { text: textOf(results, parts), json: jsonOf(results, parts) }
}

async function measureKind(
  kind: Kind,
  documents: readonly BenchDocument[],
  budget: number,
): Promise<ReadonlyMap<string, Line | null>> {
  const runners = new Map<string, Runner | null>()
  for (const contender of contenders)
    runners.set(contender.id, await inOwnProcess(contender).open(kind, documents))
  try {
    const measured = await sideBySide(runners, budget, rounds)
    return new Map([...measured].map(([id, own]) => [id, own && lineOf(own, measured)]))
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

function textOf(
  results: readonly (readonly [Kind, ReadonlyMap<string, Line | null>, number])[],
  parts: readonly PartShare[],
): string {
  const heads = [
    'verifier',
    'responses/s',
    'CPU us',
    'x node-saml',
    'share of the limit',
    'x xmlsec',
  ]
  const tables = results.map(([kind, lines, size]) => {
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
    return `### ${kindTitles[kind]}: ${size.toLocaleString('en-US')} bytes\n\n${markdownTable(heads, rows)}`
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

function jsonOf(
  results: readonly (readonly [Kind, ReadonlyMap<string, Line | null>, number])[],
  parts: readonly PartShare[],
): Record<string, unknown> {
  return {
    kinds: Object.fromEntries(
      results.map(([kind, lines, bytes]) => [
        kind,
        { bytes, verifiers: Object.fromEntries(lines) },
      ]),
    ),
    parts,
  }
}
