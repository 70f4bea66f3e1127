import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Contender, Runner } from '../contender.ts'
import type { BenchDocument } from '../documents.ts'

const source = fileURLToPath(new URL('xmlsec.c', import.meta.url))
const keyFile = (name: string) => fileURLToPath(new URL(`../../../certs/${name}`, import.meta.url))

/** C: libxml2 and libxmlsec1, in a process of its own, compiled here when compiler and headers are there. */
export const xmlsec: Contender = {
  id: 'xmlsec',
  title: 'C: libxml2 + libxmlsec1',
  includes: 'base64, parse, decryption, all signatures, the NameID; no checks',
  startsProcess: true,
  async open(_kind, documents) {
    const folder = mkdtempSync(join(tmpdir(), 'homerealm-bench-'))
    const program = compiled(folder)
    if (program === null) {
      rmSync(folder, { recursive: true })
      return null
    }
    const messages = [
      ...documents.map(({ base64 }) => base64),
      ...documents.map(({ tamperedBase64 }) => tamperedBase64),
    ]
    const file = join(folder, 'documents')
    writeFileSync(file, [`${documents.length} ${messages.length}`, ...messages, ''].join('\n'))
    const child = spawn(program, [keyFile('demo-okta.pem'), keyFile('decryption.key.pem'), file])
    return driver(child, messages, () => rmSync(folder, { recursive: true, force: true }))
  },
}

/** The program, or null when it cannot be made: no compiler, no headers. */
function compiled(folder: string): string | null {
  const program = join(folder, 'xmlsec')
  const flags = (kind: string) =>
    execFileSync('pkg-config', [kind, 'xmlsec1-openssl'], { encoding: 'utf8', stdio: quiet })
      .trim()
      .split(/\s+/)
  try {
    execFileSync('cc', ['-O2', ...flags('--cflags'), source, '-o', program, ...flags('--libs')], {
      stdio: quiet,
    })
    return program
  } catch {
    return null
  }
}

const quiet: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']

/** Talks with the program: a line there, a line back. */
function driver(
  child: ChildProcessWithoutNullStreams,
  messages: readonly string[],
  cleanUp: () => void,
): Runner {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error('xmlsec: the program ended')
    return value
  }
  return {
    async measure(milliseconds) {
      const [responses, time] = (await ask(`run ${milliseconds}`)).split(' ').map(Number)
      if (!responses || !time) throw new Error('xmlsec: not understood')
      return { responses, time, cpu: time }
    },
    accepts: async (_document: BenchDocument, base64) =>
      (await ask(`check ${messages.indexOf(base64)}`)) === '1',
    close() {
      child.kill()
      cleanUp()
    },
  }
}
