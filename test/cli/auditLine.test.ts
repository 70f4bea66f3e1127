import { expect } from 'chai'
import { keepOrTell } from '../../src/cli/auditedStorage.ts'
import { auditLine } from '../../src/cli/server/auditLine.ts'
import type { AuditRecord } from '../../src/directory/audit.ts'

type NewRecord = Omit<AuditRecord, 'id'>

const recordOf = (at: number): NewRecord => ({
  at,
  who: 'max@managed.example',
  door: 'server',
  action: 'credentialsChanged',
  target: { kind: 'user', id: 'id-1', name: 'max@managed.example' },
  before: { recoveryCodesLeft: 10 },
  after: { recoveryCodesLeft: 9 },
  undoes: null,
})

/** A line over an audit that fails the first `failures` times. */
function setting(failures: number) {
  const written: number[] = []
  const told: unknown[] = []
  let left = failures
  const audit = {
    add: async ({ at }: NewRecord) => {
      if (left-- > 0) throw new Error('an import holds it')
      return written.push(at)
    },
  }
  const log = { error: (...said: unknown[]) => void told.push(said[0]) }
  return { written, told, line: auditLine(audit, log as never, 1) }
}

describe('the records of the server', () => {
  it('are written in the order of the changes, and nobody waits for that', async () => {
    const { written, line } = setting(3)
    for (const at of [1, 2, 3]) await line.keep(recordOf(at))
    expect(written, 'kept, not yet written').to.deep.equal([])
    while (written.length < 3) await new Promise((go) => setTimeout(go, 1))
    await line.settled()
    expect(written).to.deep.equal([1, 2, 3])
  })

  it('that cannot be written are told in the log, whole, and keep no other back', async () => {
    const { written, told, line } = setting(20)
    await line.keep(recordOf(1))
    await line.keep(recordOf(2))
    while (written.length < 1) await new Promise((go) => setTimeout(go, 1))
    expect(written).to.deep.equal([2])
    expect(told).to.have.length(1)
    expect(told[0]).to.deep.include({ event: 'audit', record: recordOf(1) })
  })

  it('are tried once more only when the server ends', async () => {
    const { told, line } = setting(1000)
    await line.keep(recordOf(1))
    await line.settled()
    expect(told).to.have.length(1)
  })
})

describe('the record of a command', () => {
  it('that cannot be written is told with all that it holds, and the command goes on', async () => {
    const complained: string[] = []
    const statuses: number[] = []
    const failing = { add: () => Promise.reject(new Error('an import holds it')) }
    const keep = keepOrTell(failing, {
      complain: (line) => void complained.push(line),
      exit: (status) => void statuses.push(status),
    })
    await keep(recordOf(7))
    expect(statuses).to.deep.equal([1])
    expect(complained[0]).to.match(/could not be recorded in the audit: an import holds it$/)
    expect(complained[1]).to.include(JSON.stringify(recordOf(7)))
  })
})
