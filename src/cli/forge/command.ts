import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { allFaults, FaultUnavailable } from '../../demo-okta/faults/index.ts'
import { systemRandom } from '../../lib/ids.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { UsageError } from '../usageError.ts'
import { type NewFile, writeWholeFiles } from '../wholeFiles.ts'
import { expectations } from './expectations.ts'
import { type CasePlan, type ForgedCase, filesOf, forgeCase } from './forgeCase.ts'
import { type SettingOptions, settingFrom } from './options.ts'
import { allPlans, goodPlan, planOfFaults, planOfSituation } from './plans.ts'
import { acs, alice, at, audience, issuer, requestId, type Setting } from './setting.ts'
import { situations } from './situations.ts'

interface ForgeOptions extends SettingOptions {
  readonly fault?: readonly string[]
  readonly situation?: readonly string[]
  readonly all?: boolean
  readonly listFaults?: boolean
  readonly out: string
  readonly force?: boolean
}

/** `homerealm forge`: signed cases, good and broken. */
export function addForgeCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('forge')
    .description(
      'make cases for homerealm replay: responses signed as Okta signs them, good ones and broken ones',
    )
    .option(
      '--fault <name...>',
      'a case with this fault, each a case of its own; a+b puts two into one response',
    )
    .option('--situation <name...>', 'a case that is judged under other circumstances than usual')
    .option('--all', 'the good case, every fault and every situation')
    .option('--list-faults', 'list all of them, with the reason each must be refused with')
    .option('--out <folder>', 'where the cases go; it is made when it is missing', '.')
    .option('--force', 'replace cases that are there already')
    .option('--user <upn>', `who signs in (default ${alice.login})`)
    .option('--name-id <value>', 'their NameID and ImmutableId')
    .option('--at <time>', `the clock of the cases (default ${at})`)
    .option('--key <file>', 'the federation’s private key, RSA, in PEM (default a public test key)')
    .option('--certificate <file>', 'the certificate of that key, in PEM')
    .option('--issuer <uri>', `Issuer (default ${issuer})`)
    .option('--acs <url>', `Destination and Recipient (default ${acs})`)
    .option('--audience <uri>', `the SP’s entityID (default ${audience})`)
    .option('--request-id <id>', `ID of the request that is answered (default ${requestId})`)
    .action(async (options: ForgeOptions) => {
      if (options.listFaults) surroundings.print(faultTable())
      else await forge(options, surroundings)
    })
}

/** Makes everything first and writes it then: all of the cases or none. */
async function forge(options: ForgeOptions, { print, complain }: Surroundings): Promise<void> {
  const plans = plansFrom(options)
  const setting: Setting = { ...settingFrom(options), randomFor: () => systemRandom }
  const cases: ForgedCase[] = []
  for (const plan of plans) {
    const made = await forged(plan, setting)
    if (typeof made !== 'string') cases.push(made)
    else if (options.all) complain(`${plan.name}: left out. ${made}`)
    else throw new UsageError(`${plan.name}: cannot be made. ${made}`)
  }
  const files = cases
    .flatMap(filesOf)
    .map(([name, text]): NewFile => [join(options.out, name), text])
  const existing = options.force
    ? []
    : files.map(([path]) => path).filter((path) => existsSync(path))
  if (existing.length > 0) {
    const more = existing.length > 3 ? ` and ${existing.length - 3} more` : ''
    throw new UsageError(
      `${existing.slice(0, 3).join(', ')}${more}: there already. Give another --out, or --force to replace them. Nothing was written.`,
    )
  }
  makeFolder(options.out)
  writeWholeFiles(files, { replace: Boolean(options.force) })
  for (const { name, content } of cases) {
    print(`${join(options.out, `${name}.json`)}: ${expectedInWords(content.expect)}`)
  }
}

function plansFrom({ fault = [], situation = [], all }: ForgeOptions): readonly CasePlan[] {
  if (all) {
    if (fault.length + situation.length > 0) {
      throw new UsageError('--all makes every case: leave --fault and --situation out.')
    }
    return allPlans()
  }
  const plans = [
    ...fault.map((names) => planOfFaults(names.split('+').map(knownFault))),
    ...situation.map((name) => planOfSituation(known(situations, name, 'situation'))),
  ]
  const byName = new Map(plans.map((plan) => [plan.name, plan]))
  return plans.length === 0 ? [goodPlan] : [...byName.values()]
}

function knownFault(name: string): string {
  return known(allFaults, name, 'fault').name
}

function known<T>(all: ReadonlyMap<string, T>, name: string, what: string): T {
  const found = all.get(name)
  if (found !== undefined) return found
  const similar = [...all.keys()].filter((one) => one.includes(name) || name.includes(one))
  const meant = similar.length > 0 ? ` Did you mean ${similar.slice(0, 5).join(', ')}?` : ''
  throw new UsageError(
    `No ${what} is called "${name}".${meant} homerealm forge --list-faults has all.`,
  )
}

/** The case, or why it cannot be had of this person. */
async function forged(plan: CasePlan, setting: Setting): Promise<ForgedCase | string> {
  try {
    return await forgeCase(plan, setting)
  } catch (error) {
    if (error instanceof FaultUnavailable) return error.message
    throw new UsageError(`${plan.name}: cannot be made: ${(error as Error).message}`)
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    const isFile = statSync(folder, { throwIfNoEntry: false })?.isFile()
    throw new UsageError(
      `--out ${folder}: cannot be made: ${isFile ? 'it is a file' : (error as Error).message}.`,
    )
  }
}

function expectedInWords(expected: ForgedCase['content']['expect']): string {
  if (expected === undefined) return 'several faults; nothing is expected'
  return expected.outcome === 'signedIn'
    ? `signs in ${expected.user}`
    : `refused, ${expected.reason} (AADSTS${expected.aadsts})`
}

function faultTable(): string {
  const faults = [...allFaults.values()].map(({ name, group, title }) => [
    name,
    group,
    expectations.get(name) ?? 'signs in',
    title,
  ])
  const others = [...situations.values()].map(({ name, title, expected }) => [
    name,
    'Situations (--situation)',
    expected ?? 'signs in',
    title,
  ])
  return table(['NAME', 'GROUP', 'EXPECTED', 'WHAT'], [...faults, ...others])
}
