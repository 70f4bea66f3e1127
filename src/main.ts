import { Command, CommanderError } from 'commander'
import { addAppsCommand } from './cli/apps/command.ts'
import { addConfigCommand } from './cli/config.ts'
import { addDomainsCommand } from './cli/domains/command.ts'
import { toldErrors } from './cli/errors.ts'
import { addKeysCommand } from './cli/keys/command.ts'
import { addReplayCommand } from './cli/replay/command.ts'
import { addDemoCommand } from './cli/server/demo.ts'
import { addServeCommand } from './cli/server/serve.ts'
import { processSurroundings } from './cli/surroundings.ts'
import { addTraceCommand } from './cli/trace.ts'
import { addUsersCommand } from './cli/users/command.ts'

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
    .description(
      'Signs people in the way Microsoft Entra ID does for a domain whose identity provider is Okta',
    )
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for all options)')
    .exitOverride()
  addDemoCommand(program, surroundings)
  addServeCommand(program, surroundings)
  addUsersCommand(program, surroundings)
  addDomainsCommand(program, surroundings)
  addAppsCommand(program, surroundings)
  addKeysCommand(program, surroundings)
  addReplayCommand(program, surroundings)
  addTraceCommand(program, surroundings)
  addConfigCommand(program, surroundings)

  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const told = toldErrors(error)
    if (told === null) throw error
    surroundings.complain(`homerealm: ${told.message}`)
    return told.status
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
  return status
}
