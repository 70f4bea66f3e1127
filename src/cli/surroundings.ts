/**
 * cli/: the commands of `homerealm`: arguments in, text and an exit status out. The rules are elsewhere; a command calls them
 * and says what came of it.
 */
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { type Config, parseConfig } from '../config.ts'
import { principalNameKey } from '../directory/upn.ts'
import { systemClock } from '../lib/clock.ts'
import { defaultLimits } from '../saml/types.ts'
import type { SecondOpinion } from '../signin/circumstances.ts'
import { nodeSamlOpinion } from '../signin/secondOpinion.ts'
import { openSqliteStorage } from '../storage/sqlite/index.ts'
import type { Storage } from '../storage/storage.ts'
import { actor } from './actor.ts'
import { auditedStorage, keepOrTell } from './auditedStorage.ts'
import { readNewSecret } from './secretInput.ts'

/** What a command works with, as arguments, so that a test can run it in its own process. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Parsed at first use: `replay` of a case needs none. */
  readonly config: (purpose?: 'serve' | 'demo' | 'command') => Config
  /** What is changed in it is recorded in the audit. */
  readonly openStorage: (options: { readonly readonly: boolean }) => Promise<Storage>
  readonly secondOpinion: (acs: string, audience: string) => SecondOpinion
  /** A line on standard output. */
  readonly print: (line: string) => void
  /** A line on standard error. */
  readonly complain: (line: string) => void
  /** A new secret that nobody may see, from the terminal (twice) or from standard input. */
  readonly readSecret: (prompt: string) => Promise<string>
  /** A line that is typed at the terminal; absent when nobody sits there. */
  readonly ask?: (question: string) => Promise<string>
  readonly exit: (status: number) => void
  /** Aborted at the first Ctrl-C or SIGTERM. */
  readonly interrupted: AbortSignal
  readonly isTerminal: boolean
}

export const databaseName = 'homerealm.sqlite'

/** The real ones. */
export function processSurroundings(
  environment: Readonly<Record<string, string | undefined>>,
  exit: (status: number) => void,
  interrupted: AbortSignal,
): Surroundings {
  const config = (purpose: 'serve' | 'demo' | 'command' = 'command') =>
    parseConfig(environment, purpose)
  const complain = (line: string) => void process.stderr.write(`${line}\n`)
  return {
    environment,
    config,
    openStorage: async ({ readonly }) => {
      const storage = openSqliteStorage({
        file: join(config().dataFolder, databaseName),
        mustExist: true,
        readonly,
        now: systemClock,
        principalNameKey,
      })
      return auditedStorage(storage, actor, keepOrTell(storage.directory.audit, { complain, exit }))
    },
    secondOpinion: (acs, audience) => nodeSamlOpinion(acs, audience, defaultLimits),
    print: (line) => process.stdout.write(`${line}\n`),
    complain,
    readSecret: (prompt) => readNewSecret(process.stdin, process.stderr, prompt),
    ...(process.stdin.isTTY && { ask: (question) => readLineAt(question, interrupted) }),
    exit,
    interrupted,
    isTerminal: process.stderr.isTTY === true,
  }
}

/** Ctrl-C is no answer. */
async function readLineAt(question: string, interrupted: AbortSignal): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return await reader.question(question, { signal: interrupted })
  } catch {
    return ''
  } finally {
    reader.close()
  }
}
