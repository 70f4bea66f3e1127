import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

export const root = fileURLToPath(new URL('../../', import.meta.url))
const homerealm = fileURLToPath(new URL('../../src/homerealm.js', import.meta.url))

export interface ProgramOptions {
  /** `HOMEREALM_` variables; those of the surrounding process are not handed on. */
  readonly environment?: Readonly<Record<string, string>>
  /** What runs it; default the Node that runs the tests. */
  readonly node?: string
  /** For Node itself, before the script. */
  readonly nodeArguments?: readonly string[]
  /** Another script than `src/homerealm.js`. */
  readonly script?: string
  /** Standard input; null leaves it open for `write`. Default: nothing, and closed. */
  readonly input?: string | null
}

export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A `homerealm` process of its own. */
export class Program {
  stdout = ''
  stderr = ''
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  readonly #watchers = new Set<() => void>()

  constructor(args: readonly string[], options: ProgramOptions = {}) {
    const { environment = {}, node = process.execPath, nodeArguments = [], script } = options
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HOMEREALM_'))
    this.#child = spawn(node, [...nodeArguments, script ?? homerealm, ...args], {
      cwd: root,
      env: { ...Object.fromEntries(inherited), ...environment },
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      for (const look of this.#watchers) look()
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      for (const look of this.#watchers) look()
    })
    const stdin = this.#child.stdin?.on('error', () => {})
    if (options.input !== null) stdin?.end(options.input ?? '')
    this.ended = once(this.#child, 'close').then(([status, signal]) => ({
      status,
      signal,
      stdout: this.stdout,
      stderr: this.stderr,
    }))
  }

  /** Waits until the output says so; rejects when it ends before. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr)
        if (found === null) return
        this.#watchers.delete(look)
        resolve(found)
      }
      this.#watchers.add(look)
      look()
      this.ended.then(({ status, stdout, stderr }) =>
        reject(new Error(`ended (${status}) before ${pattern}:\n${stdout}\n${stderr}`)),
      )
    })
  }

  /** Writes to standard input; resolves when all but the last piece (a pipe holds 64 KB) has been read. */
  write(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#child.stdin?.write(text, () => resolve())
    })
  }

  signal(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  /** For `afterEach`: nothing of it stays. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }
}

/** Runs `homerealm` to its end. */
export function run(args: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  return new Program(args, options).ended
}

/** A port that somebody else holds. */
export async function takenPort(): Promise<{ port: number; free(): Promise<void> }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    async free() {
      server.close()
      await once(server, 'close')
    },
  }
}

/** Wrong usage or unreadable input: status 2, told in so many words, without a stack and with nothing on standard output. */
export function expectUsageError({ status, stdout, stderr }: Ended, message: RegExp): void {
  expect(stderr).to.match(message)
  expect(stderr).not.to.match(/\n\s+at /)
  expect([status, stdout]).to.deep.equal([2, ''])
}
