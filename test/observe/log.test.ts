import { expect } from 'chai'
import { createLog, logVerdict } from '../../src/observe/log.ts'
import type { SigninEvent } from '../../src/signin/service.ts'

function logTo(level: string) {
  const lines: string[] = []
  const log = createLog(level, { write: (line) => void lines.push(line) })
  return { log, lines, records: () => lines.map((line) => JSON.parse(line)) }
}

const event: SigninEvent = {
  outcome: 'signedIn',
  reason: null,
  aadsts: null,
  requestId: 'request-1',
  correlationId: 'correlation-1',
  federationId: 'federation-1',
  federation: 'Customer Okta',
  assertionId: 'id2002',
  userId: 'user-1',
  milliseconds: 12,
}

describe('the log', () => {
  it('is one JSON object a line, with level in words and time in UTC', () => {
    const { log, lines, records } = logTo('info')
    log.info({ a: 1 }, 'two\nlines')
    expect(lines).to.have.lengthOf(1)
    expect(lines[0]?.trimEnd()).to.not.contain('\n')
    const [record] = records()
    expect(record).to.include({ level: 'info', a: 1, msg: 'two\nlines' })
    expect(record.time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(record).to.not.have.any.keys('pid', 'hostname')
  })

  it('leaves out what is below its level', () => {
    const { log, lines } = logTo('warn')
    log.info('unheard')
    expect(lines).to.deep.equal([])
    const silent = logTo('silent')
    silent.log.fatal('unheard')
    expect(silent.lines).to.deep.equal([])
  })

  it('does not write secrets that got into an entry', () => {
    const { log, lines } = logTo('info')
    const headers = {
      cookie: 'hunter2',
      authorization: 'Bearer hunter2',
      'set-cookie': ['hunter2'],
    }
    const fields = { SAMLResponse: 'hunter2', nameId: 'hunter2', onPremisesImmutableId: 'hunter2' }
    log.info({ headers })
    log.info({ req: { headers } })
    log.info({ ...fields, cookie: 'hunter2', authorization: 'hunter2' })
    log.info({ body: fields, session: fields })
    expect(lines).to.have.lengthOf(4)
    expect(lines.join('')).to.not.contain('hunter2')
    expect(lines.join('').split('[redacted]')).to.have.lengthOf(3 + 3 + 5 + 6 + 1)
  })
})

describe('logVerdict', () => {
  it('writes one line for each verdict, with all that the event holds', () => {
    const { log, records } = logTo('info')
    logVerdict(log, event)
    const [record, ...more] = records()
    expect(more).to.deep.equal([])
    expect(record).to.deep.include({ ...event, event: 'signin', level: 'info', msg: 'signed in' })
  })

  it('warns of a refusal', () => {
    const { log, records } = logTo('info')
    logVerdict(log, { ...event, outcome: 'refused', reason: 'audienceMismatch', aadsts: 500089 })
    expect(records()[0]).to.include({
      level: 'warn',
      msg: 'refused',
      reason: 'audienceMismatch',
      aadsts: 500089,
    })
  })

  it('raises the alarm when two verifiers disagree', () => {
    const { log, records } = logTo('info')
    logVerdict(log, { ...event, outcome: 'refused', reason: 'secondOpinionDiffers', aadsts: 50008 })
    expect(records()[0]).to.include({ level: 'error', reason: 'secondOpinionDiffers' })
    expect(records()[0].msg).to.contain('DISAGREE')
  })
})
