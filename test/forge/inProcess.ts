/** `homerealm forge` and `homerealm replay` in this process: as `main.ts` runs them, without a Node to start each time. */
import { Command, CommanderError } from 'commander'
import { toldErrors } from '../../src/cli/errors.ts'
import { addForgeCommand } from '../../src/cli/forge/command.ts'
import { addReplayCommand } from '../../src/cli/replay/command.ts'
import { processSurroundings } from '../../src/cli/surroundings.ts'

export interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export async function run(args: readonly string[]): Promise<Ended> {
  const [stdout, stderr]: [string[], string[]] = [[], []]
  let status = 0
  const exit = (given: number) => {
    status = given
  }
  const surroundings = {
    ...processSurroundings({}, exit, new AbortController().signal),
    print: (line: string) => void stdout.push(`${line}\n`),
    complain: (line: string) => void stderr.push(`${line}\n`),
  }
  const program = new Command('homerealm').exitOverride().configureOutput({
    writeOut: (text) => void stdout.push(text),
    writeErr: (text) => void stderr.push(text),
  })
  addForgeCommand(program, surroundings)
  addReplayCommand(program, surroundings)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    const told = toldErrors(error)
    if (told === null && !(error instanceof CommanderError)) throw error
    status = told?.status ?? 2
    if (told) surroundings.complain(`homerealm: ${told.message}`)
  }
  return { status, stdout: stdout.join(''), stderr: stderr.join('') }
}
