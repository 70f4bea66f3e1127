import type { Tally } from './fuzz.ts'

/** No document may cost more (saml-security: no body of any shape). Measured, never a failure: machines differ. */
const boundMillis = 100

/** One line on how far it has come. */
export function progressLine(tally: Tally, elapsedMillis: number): string {
  const { documents, accepted, slowest } = tally
  return `${clock(elapsedMillis)}  ${count(documents)} documents, ${percent(accepted, documents)} accepted unchanged, slowest ${slowest.cpuMillis.toFixed(1)} ms of CPU`
}

/** What came of it: how many, how many accepted, the refusals by reason, the slowest. */
export function summary(tally: Tally, elapsedMillis: number): string {
  const { documents, accepted, refusals, slowest } = tally
  const rows: (readonly [string, number])[] = [
    ['accepted unchanged', accepted],
    ...[...refusals].sort(([, a], [, b]) => b - a),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(
    ([name, many]) =>
      `  ${name.padEnd(width)} ${count(many).padStart(12)} ${percent(many, documents).padStart(8)}`,
  )
  const verdict = slowest.cpuMillis > boundMillis ? 'ABOVE' : 'below'
  return [
    '',
    `${count(documents)} documents in ${clock(elapsedMillis)}`,
    ...lines,
    `slowest: ${slowest.cpuMillis.toFixed(1)} ms of CPU, ${verdict} the bound of ${boundMillis} ms; document ${slowest.number}, ${slowest.kind}, ${count(slowest.bytes)} characters of base64, by ${slowest.mutators.join(', ')}`,
  ].join('\n')
}

function count(many: number): string {
  return many.toLocaleString('en')
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(2)} %`
}

function clock(millis: number): string {
  const seconds = Math.floor(millis / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
