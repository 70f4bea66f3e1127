import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { AnchorPlace } from '../../src/admin/scim/userWrite.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { provisioner, type ScimAnswer, type Sent } from './support.ts'

/** What a provisioning client sends, one request after the other, and what it hears. */
interface Case {
  /** The property, as a sentence. */
  readonly about: string
  readonly immutableIdFrom?: AnchorPlace
  readonly steps: readonly {
    /** `{name}` stands for a value that was kept from an earlier answer. */
    readonly send: Sent
    readonly expect: {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      /** Members that are not named may be there. `<absent>` and `<any>` stand for themselves. */
      readonly body?: unknown
    }
    /** Names of values to keep, and where in the answer they stand: `id`, `meta.version`. */
    readonly keep?: Readonly<Record<string, string>>
  }[]
}

const folder = new URL('./cases/', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.json'))

describe('the SCIM door, case by case', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  for (const file of files) {
    const {
      about,
      immutableIdFrom = 'extension',
      steps,
    }: Case = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    it(`${file.replace(/\.json$/, '')}: ${about}`, async () => {
      const client = await provisioner(deployment, {
        displayName: file,
        scim: { immutableIdFrom },
      })
      const kept = new Map([['base', `${deployment.publicUrl}/scim/v2`]])
      for (const [index, step] of steps.entries()) {
        const sent: Sent = JSON.parse(filled(JSON.stringify(step.send), kept))
        const answer = await client.send({
          ...sent,
          path: encodeURI(sent.path).replaceAll('+', '%2B'),
        })
        const where = `step ${index + 1} (${sent.method ?? 'GET'} ${sent.path}): ${answer.text}`
        expect(answer.status, where).to.equal(step.expect.status)
        const wanted = JSON.parse(filled(JSON.stringify(step.expect), kept)) as typeof step.expect
        for (const [name, value] of Object.entries(wanted.headers ?? {})) {
          expect(answer.headers.get(name), where).to.equal(value)
        }
        if (step.expect.body !== undefined) mustFit(answer.body, wanted.body, where)
        for (const [name, path] of Object.entries(step.keep ?? {})) {
          kept.set(name, valueAt(answer, path))
        }
      }
    })
  }
})

function filled(json: string, kept: ReadonlyMap<string, string>): string {
  return json.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = kept.get(name)
    return value === undefined ? whole : JSON.stringify(value).slice(1, -1)
  })
}

function valueAt({ body }: ScimAnswer, path: string): string {
  let value: unknown = body
  for (const name of path.split('.')) value = (value as Record<string, unknown>)[name]
  return String(value)
}

/** Members have no order (RFC 7643 section 2.4). */
function byValue(members: unknown): unknown {
  if (!Array.isArray(members)) return members
  return members.toSorted((a, b) => (String(a.value) < String(b.value) ? -1 : 1))
}

function mustFit(actual: unknown, wanted: unknown, where: string): void {
  if (wanted === '<any>') {
    expect(actual, where).not.to.equal(undefined)
  } else if (Array.isArray(wanted)) {
    expect(actual, where).to.be.an('array').with.lengthOf(wanted.length)
    for (const [index, each] of wanted.entries()) {
      mustFit((actual as unknown[])[index], each, where)
    }
  } else if (typeof wanted === 'object' && wanted !== null) {
    expect(actual, where).to.be.an('object')
    for (const [name, each] of Object.entries(wanted)) {
      const member = (actual as Record<string, unknown>)[name]
      const place = `${name}, ${where}`
      if (each === '<absent>') expect(member, place).to.equal(undefined)
      else if (name === 'members') mustFit(byValue(member), byValue(each), place)
      else mustFit(member, each, place)
    }
  } else {
    expect(actual, where).to.equal(wanted)
  }
}
