import { createInterface } from 'node:readline'
import { type Readable, Writable } from 'node:stream'
import { UsageError } from './usageError.ts'

type Input = Readable & { readonly isTTY?: boolean }

/** A new secret: at a terminal, where nobody sees what they type, it is asked for twice. As `readSecretLine` otherwise. */
export async function readNewSecret(
  input: Input,
  output: Writable,
  prompt: string,
): Promise<string> {
  const secret = await readSecretLine(input, output, prompt)
  if (input.isTTY !== true) return secret
  if ((await readSecretLine(input, output, 'Once more: ')) === secret) return secret
  throw new UsageError('Nothing was set: the two were not the same.')
}

/**
 * Reads one line that nobody may see: typed at a terminal without echo, or the first line of what is piped in. Never an
 * argument, which every process list shows. Throws UsageError when there is none.
 */
export async function readSecretLine(
  input: Input,
  output: Writable,
  prompt: string,
): Promise<string> {
  const isTerminal = input.isTTY === true
  if (isTerminal) output.write(prompt)
  // readline echoes to its output: this one swallows everything.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: silent, terminal: isTerminal })
  try {
    for await (const line of lines) return line
    throw new UsageError('No password was given: type it, or pipe it in as one line.')
  } finally {
    lines.close()
    if (isTerminal) output.write('\n')
  }
}
