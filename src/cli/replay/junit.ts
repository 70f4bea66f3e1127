import { dirname } from 'node:path'
import { printable } from '../printable.ts'
import { isAsWanted } from './asWanted.ts'
import type { CaseResult } from './judgeCase.ts'
import { explained, resultLine } from './report.ts'

/**
 * The results as JUnit XML, in the form that CI systems agree on: one suite a folder, one test a case; a case that is not as expected
 * (or, expecting nothing, is refused) is a failure, with its trace. There are no times in it: the same results give the same text.
 */
export function junitXml(results: readonly CaseResult[]): string {
  const suites = new Map<string, CaseResult[]>()
  for (const result of results) {
    const folder = dirname(result.file)
    suites.set(folder, [...(suites.get(folder) ?? []), result])
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="homerealm replay" ${counts(results)}>`,
    ...[...suites].map(([folder, cases]) => suite(folder, cases)),
    '</testsuites>',
    '',
  ].join('\n')
}

function suite(folder: string, results: readonly CaseResult[]): string {
  return [
    `  <testsuite name="${escaped(folder)}" ${counts(results)}>`,
    ...results.map((result) => testCase(folder, result)),
    '  </testsuite>',
  ].join('\n')
}

function testCase(folder: string, result: CaseResult): string {
  const names = `name="${escaped(result.name)}" classname="${escaped(folder)}" file="${escaped(result.file)}" time="0"`
  if (isAsWanted(result)) return `    <testcase ${names}/>`
  const message = resultLine(result).slice(4)
  const type = result.reason ?? result.outcome
  return [
    `    <testcase ${names}>`,
    `      <failure message="${escaped(message)}" type="${type}">${escaped(explained(result.trace))}</failure>`,
    '    </testcase>',
  ].join('\n')
}

function counts(results: readonly CaseResult[]): string {
  const failures = results.filter((result) => !isAsWanted(result)).length
  return `tests="${results.length}" failures="${failures}" errors="0" skipped="0" time="0"`
}

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
])

/** Traces hold text from outside: what XML cannot carry is shown as code points, the rest is escaped. */
function escaped(text: string): string {
  return printable(text)
    .replace(/[\p{Cs}\ufffe\uffff]/gu, (it) => `\\u{${it.codePointAt(0)?.toString(16)}}`)
    .replace(/[&<>"]/g, (character) => entities.get(character) ?? character)
}
