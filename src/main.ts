import { readFileSync } from 'node:fs'
import { Command, CommanderError, Help } from 'commander'
import { toldErrors } from './cli/errors.ts'
import { printable } from './cli/printable.ts'
import { processSurroundings, type Surroundings } from './cli/surroundings.ts'

type Add = (program: Command, surroundings: Surroundings) => void

/** In the order of the help. Each is loaded when it is called: most need little of the rest, and start in half the time. */
const commands: ReadonlyMap<string, () => Promise<Add>> = new Map<string, () => Promise<Add>>([
  ['demo', async () => (await import('./cli/server/demo.ts')).addDemoCommand],
  ['serve', async () => (await import('./cli/server/serve.ts')).addServeCommand],
  ['users', async () => (await import('./cli/users/command.ts')).addUsersCommand],
  ['groups', async () => (await import('./cli/groups/command.ts')).addGroupsCommand],
  ['domains', async () => (await import('./cli/domains/command.ts')).addDomainsCommand],
  ['status', async () => (await import('./cli/status/command.ts')).addStatusCommand],
  ['audit', async () => (await import('./cli/audit/command.ts')).addAuditCommand],
  ['apps', async () => (await import('./cli/apps/command.ts')).addAppsCommand],
  ['keys', async () => (await import('./cli/keys/command.ts')).addKeysCommand],
  ['replay', async () => (await import('./cli/replay/command.ts')).addReplayCommand],
  ['forge', async () => (await import('./cli/forge/command.ts')).addForgeCommand],
  ['trace', async () => (await import('./cli/trace.ts')).addTraceCommand],
  ['config', async () => (await import('./cli/config.ts')).addConfigCommand],
])

/** The command that was called; all of them for the help and for a word that is none. */
async function called(name: string | undefined): Promise<readonly Add[]> {
  const one = commands.get(name ?? '')
  return Promise.all(one ? [one()] : [...commands.values()].map((load) => load()))
}

/** Of the package; it stands above src/ and dist/ alike. */
function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}

/**
 * The process entry: runs one command and resolves to its exit status: 0 done and all as expected, 1 something was refused or
 * differed, 2 wrong usage or unreadable input.
 */
export async function main(args: readonly string[]): Promise<number> {
  let status = 0
  const interruption = new AbortController()
  const interrupt = (): void => interruption.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  // `homerealm ... | head` closes the pipe early: that is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(status)
    throw error
  })

  const surroundings = processSurroundings(
    process.env,
    (exit) => {
      status = exit
    },
    interruption.signal,
  )
  const program = new Command('homerealm')
    .configureHelp({
      // Long terms, as those of `groups`, leave little room on a narrow terminal: wrap even so.
      minWidthToWrap: 20,
      subcommandTerm: (command) => new Help().subcommandTerm(command).replace(' [options]', ''),
    })
    .description(
      'Signs people in the way Microsoft Entra ID does for a domain whose identity provider is Okta',
    )
    .version(version(), '--version', 'print the version')
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for all options)')
    .exitOverride()
  for (const add of await called(args[0])) add(program, surroundings)

  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const told = toldErrors(error)
    if (told === null) throw error
    surroundings.complain(printable(`homerealm: ${told.message}`))
    return told.status
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
  return status
}
