import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../../lib/clock.ts'
import { printable, printableLine } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { UsageError } from '../usageError.ts'
import { writeWholeFiles } from '../wholeFiles.ts'
import { isAsWanted } from './asWanted.ts'
import { caseOfBareResponse } from './bareResponse.ts'
import { readCase } from './caseFile.ts'
import { type CaseResult, judgeCase } from './judgeCase.ts'
import { junitXml } from './junit.ts'
import { explained, resultLine, unprovenLine } from './report.ts'

interface ReplayOptions {
  readonly explain?: boolean
  readonly json?: boolean
  readonly junit?: string
  readonly database?: boolean
  readonly secondOpinion?: boolean
  readonly at?: string
  readonly acs?: string
  readonly audience?: string
  readonly certificate?: string
  readonly loginHint?: string
}

/** `homerealm replay CASE...` */
export function addReplayCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('replay')
    .description('judge captured responses at their own clock; writes to no database')
    .argument(
      '<case...>',
      'case files (.json), folders of them, or bare responses (XML, or base64 as posted)',
    )
    .option('--explain', 'print every check with what was expected, what was found, and what to do')
    .option('--json', 'print one JSON array, an object a case, and nothing else')
    .option('--junit <file>', 'write the results as JUnit XML too, for a CI system')
    .option('--database', 'take federations and users from the configured database')
    .option('--second-opinion', 'let @node-saml/node-saml judge accepted responses too')
    .option('--at <time>', 'for a bare response: the clock, like 2026-01-15T09:30:00Z')
    .option('--acs <url>', 'for a bare response: the ACS URL that it was posted to')
    .option('--audience <uri>', 'for a bare response: our entityID')
    .option(
      '--certificate <file>',
      'for a bare response: the signing certificate of its federation',
    )
    .option('--login-hint <email>', 'for a bare response: the e-mail typed at the start')
    .action(async (files: string[], options: ReplayOptions) => {
      surroundings.exit(await replay(files, options, surroundings))
    })
}

async function replay(
  files: readonly string[],
  options: ReplayOptions,
  { config, openStorage, secondOpinion, print, complain }: Surroundings,
): Promise<number> {
  const storage = options.database ? await openStorage({ readonly: true }) : null
  try {
    const results: CaseResult[] = []
    let unproven = 0
    for (const file of files.flatMap(casesIn)) {
      const { given, assumed, isProven } = file.endsWith('.json')
        ? wholeCase(file, options)
        : bare(file, options)
      const result = await judgeCase(given, {
        diagnose: Boolean(options.explain || options.json || options.junit),
        secondOpinion:
          options.secondOpinion || given.secondOpinion
            ? secondOpinion(given.acs, given.audience)
            : null,
        database: storage?.directory ?? null,
      })
      results.push(result)
      if (!isProven && result.outcome === 'signedIn') unproven += 1
      if (options.json) continue
      print(printableLine(isProven ? resultLine(result) : unprovenLine(result)))
      for (const each of assumed) print(printableLine(`    assumed ${each}`))
      if (options.explain) print(printable(explained(result.trace)))
    }
    if (options.junit) writeWholeFiles([[options.junit, junitXml(results)]], { replace: true })
    if (options.json) print(JSON.stringify(results, null, 2))
    else if (results.length > 1) print(summary(results))
    return unproven === 0 && results.every(isAsWanted) ? 0 : 1
  } finally {
    await storage?.close()
  }

  function wholeCase(file: string, { at, acs, audience, certificate, loginHint }: ReplayOptions) {
    if (at ?? acs ?? audience ?? certificate ?? loginHint) {
      complain(
        printableLine(
          `${file}: a case says all of it itself; --at, --acs, --audience, --certificate and --login-hint are for bare responses.`,
        ),
      )
    }
    return { given: readCase(file), assumed: [], isProven: true }
  }

  function bare(file: string, given: ReplayOptions) {
    const { case: made, ...rest } = caseOfBareResponse(file, {
      ...given,
      database: Boolean(given.database),
      now: systemClock(),
      entityId: config().entityId,
    })
    if (given.json) {
      for (const each of rest.assumed) complain(printableLine(`${file}: assumed ${each}`))
    }
    return { given: made, ...rest }
  }
}

/** A folder stands for the cases in it. */
function casesIn(path: string): readonly string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path]
  const cases = readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name))
  if (cases.length === 0) throw new UsageError(`${path}: no case (*.json) in this folder.`)
  return cases
}

function summary(results: readonly CaseResult[]): string {
  const different = results.filter((result) => !isAsWanted(result)).length
  const cases = `${results.length} cases`
  return different === 0
    ? `${cases}, all as expected`
    : `${cases}, ${different} refused or not as expected`
}
