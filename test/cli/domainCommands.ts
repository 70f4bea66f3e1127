import { Command } from 'commander'
import { actor } from '../../src/cli/actor.ts'
import { addAppsCommand } from '../../src/cli/apps/command.ts'
import { addAuditCommand } from '../../src/cli/audit/command.ts'
import { auditedStorage } from '../../src/cli/auditedStorage.ts'
import { addDomainsCommand } from '../../src/cli/domains/command.ts'
import type { MakeLookup } from '../../src/cli/domains/ownership.ts'
import { toldErrors } from '../../src/cli/errors.ts'
import { addGroupsCommand } from '../../src/cli/groups/command.ts'
import { addKeysCommand } from '../../src/cli/keys/command.ts'
import { addStatusCommand } from '../../src/cli/status/command.ts'
import { addUsersCommand } from '../../src/cli/users/command.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { surroundingsOver } from './surroundingsOver.ts'

export interface Said {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** The commands over the directory, apps and keys in this process, over a storage in memory. */
export function domainCommands(
  options: {
    readonly storage?: Storage
    readonly environment?: Readonly<Record<string, string>>
    readonly lookup?: MakeLookup
    /** What is typed when it is asked for; absent when there is no terminal. */
    readonly typed?: () => string
    /** What is typed where nobody may see it. */
    readonly secret?: string
    /** Is handed the error that a command ends with, before it is told. */
    readonly onError?: (error: unknown) => void
  } = {},
) {
  const storage =
    options.storage ??
    memoryStorage({ tenant: { id: 't', displayName: 'Customer Inc.' }, principalNameKey })
  const { environment = {}, typed } = options

  async function command(...args: string[]): Promise<Said> {
    const printed: string[] = []
    const complained: string[] = []
    let status = 0
    const surroundings = surroundingsOver(storage, environment, {
      openStorage: async () => auditedStorage({ ...storage, close: async () => {} }, actor),
      print: (line) => void printed.push(line),
      complain: (line) => void complained.push(line),
      readSecret: async () => options.secret ?? '',
      ...(typed && {
        ask: async (question: string) => {
          complained.push(question)
          return typed()
        },
      }),
      exit: (given) => {
        status = given
      },
      isTerminal: typed !== undefined,
    })
    const program = new Command().exitOverride()
    addDomainsCommand(program, surroundings, options.lookup)
    addStatusCommand(program, surroundings)
    addUsersCommand(program, surroundings)
    addGroupsCommand(program, surroundings)
    addAuditCommand(program, surroundings)
    addAppsCommand(program, surroundings)
    addKeysCommand(program, surroundings)
    try {
      await program.parseAsync(args, { from: 'user' })
    } catch (error) {
      options.onError?.(error)
      const told = toldErrors(error)
      if (told === null) throw error
      complained.push(told.message)
      status = told.status
    }
    return { status, stdout: printed.join('\n'), stderr: complained.join('\n') }
  }

  const run = (...args: string[]) => command('domains', ...args)
  return { storage, run, command }
}
