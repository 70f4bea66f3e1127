import { expect } from 'chai'
import type { Runner } from '../../scripts/bench/contender.ts'
import { contenders } from '../../scripts/bench/contenders/all.ts'
import {
  type BenchDocument,
  type Kind,
  kinds,
  makeDocuments,
} from '../../scripts/bench/documents.ts'
import { compareAll, type DriftRun, type DriftRunName } from '../../scripts/bench/drift.ts'
import { families } from '../../scripts/bench/hostile/families.ts'
import { hostileXml, type Maker } from '../../scripts/bench/hostile/message.ts'
import { judged, liftedLimits } from '../../scripts/bench/hostile.ts'
import { main } from '../../scripts/bench/main.ts'
import { inProcess, type Measured, median, ratio, sideBySide } from '../../scripts/bench/measure.ts'
import { holdSessions } from '../../scripts/bench/memory.ts'
import { inOwnProcess } from '../../scripts/bench/ownProcess.ts'
import { printed } from '../../scripts/bench/report.ts'
import { cellText, markdownTable, percent } from '../../scripts/bench/table.ts'

const made = new Map<Kind, BenchDocument[]>()
/** One document of a kind, made when it is first asked for. */
function documentsOf(kind: Kind): BenchDocument[] {
  const documents = made.get(kind) ?? makeDocuments(kind, 1)
  made.set(kind, documents)
  return documents
}

async function withRunner(
  open: Promise<Runner | null>,
  look: (runner: Runner | null) => Promise<void>,
): Promise<void> {
  const runner = await open
  try {
    await look(runner)
  } finally {
    runner?.close?.()
  }
}

/** Those who may be absent from a machine, or cannot do a kind; everybody else must be there. */
const mayBeAbsent = (id: string, kind: Kind) =>
  id === 'xmlsec' || (id === 'xmlCrypto' && kind === 'encrypted')

describe('bench saml: who is timed', () => {
  for (const kind of kinds) {
    for (const contender of contenders) {
      it(`${contender.title} accepts the ${kind} document it is timed on, and refuses its tampered twin`, async () => {
        const documents = documentsOf(kind)
        const [document] = documents
        if (document === undefined) throw new Error('no document')
        await withRunner(contender.open(kind, documents), async (runner) => {
          if (runner === null) {
            expect(mayBeAbsent(contender.id, kind), 'is absent').to.equal(true)
            return
          }
          expect(await runner.accepts(document, document.base64)).to.equal(true)
          expect(await runner.accepts(document, document.tamperedBase64)).to.equal(false)
        })
      })
    }
  }

  it('a contender in its own process answers as it does here, and its samples count responses', async () => {
    const documents = documentsOf('bothSigned')
    const [document] = documents
    const core = contenders.find(({ id }) => id === 'core')
    if (core === undefined || document === undefined) throw new Error('nothing to run')
    const remote = inOwnProcess(core)
    const open = async () => {
      const runner = await remote.open('bothSigned', documents)
      return runner && { ...runner, close: () => remote.end() }
    }
    await withRunner(open(), async (runner) => {
      expect(await runner?.accepts(document, document.base64)).to.equal(true)
      expect(await runner?.accepts(document, document.tamperedBase64)).to.equal(false)
      const sample = await runner?.measure(10)
      expect(sample?.responses).to.be.at.least(1)
    })
  })

  it('documents have the size, the attributes and the groups that the tables say', () => {
    const xmlOf = (kind: Kind) => documentsOf(kind)[0]?.xml ?? ''
    expect(xmlOf('bothSigned').length).to.be.within(8450, 8550)
    expect(xmlOf('assertionSigned').length).to.be.within(8450, 8550)
    expect(xmlOf('encrypted').length).to.be.within(8000, 9000)
    expect(xmlOf('bothSigned').match(/<saml2:Attribute /g)).to.have.length(5)
    expect(xmlOf('bothSigned').match(/<ds:Signature /g)).to.have.length(2)
    expect(xmlOf('assertionSigned').match(/<ds:Signature /g)).to.have.length(1)
    expect(xmlOf('encrypted')).not.to.contain('<saml2:Assertion ')
    expect(xmlOf('thousandGroups').match(/<saml2:AttributeValue /g)).to.have.length(1004)
  })
})

describe('bench hostile: the messages', () => {
  const makers: readonly Maker[] = ['forged', 'stolen', 'signed']
  for (const family of families) {
    it(`${family.name}: reaches a verdict by every maker, and only the identity provider gets anybody in`, async () => {
      for (const maker of makers) {
        const outcome = await judged(family, 2048, maker, liftedLimits)
        if (maker !== 'signed')
          expect(outcome, maker).to.be.a('string').that.does.not.equal('signedIn')
      }
    })
  }

  it('an honest message of the identity provider in the hostile form is accepted, so that families fail by their content', async () => {
    const plain = { name: 'honest', parts: () => ({ content: 'Jones' }) }
    expect(await judged(plain, 0, 'signed', liftedLimits)).to.equal('signedIn')
    expect(await judged(plain, 0, 'stolen', liftedLimits)).to.equal('digestMismatch')
    expect(await judged(plain, 0, 'forged', liftedLimits)).to.equal('signatureInvalid')
  })

  it('a message is about as large as it is asked to be', () => {
    for (const family of families) {
      const [small, large] = [8, 64].map(
        (kibibytes) => hostileXml(family.parts(kibibytes * 1024), 'forged', liftedLimits).length,
      )
      if (family.name !== 'namespaces on every level, used at the bottom')
        expect((large ?? 0) - (small ?? 0), family.name).to.be.greaterThan(14 * 1024)
      expect(large, family.name).to.be.lessThan(200 * 1024)
    }
  })
})

describe('bench memory', () => {
  it('a session does not hold its response, and the measure would show it if it did', async () => {
    const held = await holdSessions(50)
    expect(held.documentBytes).to.be.greaterThan(60_000)
    expect(held.bytesPerCarelessSession).to.be.greaterThan(held.documentBytes * 0.9)
    expect(held.bytesPerSession).to.be.lessThan(held.documentBytes / 2)
  }).timeout(60_000)
})

describe('bench: figures and tables', () => {
  const measured = (rates: readonly number[]): Measured => ({
    responsesPerSecond: median(rates),
    cpu: 1,
    samples: rates.map((rate) => ({ responses: rate, time: 1e6, cpu: 1e6 })),
  })

  it('a ratio is taken within each round, so that a slow round changes nothing', () => {
    expect(ratio(measured([200, 20, 200]), measured([100, 10, 100]))).to.equal(2)
    expect(ratio(measured([1]), null)).to.equal(null)
    expect(ratio(undefined, measured([1]))).to.equal(null)
  })

  it('the median of an even number of values is the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).to.equal(2)
    expect(median([4, 1, 2, 3])).to.equal(2.5)
    expect(median([])).to.be.NaN
  })

  it('contenders take turns, each once in every round, and an absent one stays null', async () => {
    const order: string[] = []
    const contender = (name: string) => inProcess([name], (each) => void order.push(each))
    const results = await sideBySide(
      new Map([
        ['a', contender('a')],
        ['b', contender('b')],
        ['c', null],
      ] as const),
      { warmUp: 1, budget: 3, rounds: 4 },
    )
    expect(results.get('c')).to.equal(null)
    expect(results.get('a')?.samples).to.have.length(4)
    const turns = order.filter((each, i) => each !== order[i - 1])
    expect(turns).to.deep.equal(['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b', 'a', 'b'])
  })

  it('a table is Markdown, numbers to the right with three digits, null as a dash', () => {
    expect(
      markdownTable(
        ['name', 'figure'],
        [
          ['a', 1234.5],
          ['long name', null],
        ],
      ),
    ).to.equal(
      '| name      | figure |\n| --------- | -----: |\n| a         |  1,235 |\n| long name |      - |',
    )
    expect([12.345, 0.12345, 0.0041, 0, Number.NaN].map(cellText)).to.deep.equal([
      '12.3',
      '0.123',
      '0.0041',
      '0',
      '-',
    ])
    expect(percent(0.1234)).to.equal('12.3 %')
  })

  it('--json prints one object with the machine and the figures, absent peers null', () => {
    const machine = { cores: 2, processor: 'p', platform: 'linux x64', node: 'v24', openssl: '3' }
    const report = { text: 'tables', json: { verifiers: { xmlsec: null, core: { cpu: 1 } } } }
    expect(JSON.parse(printed('saml', report, machine, true))).to.deep.equal({
      bench: 'saml',
      machine,
      verifiers: { xmlsec: null, core: { cpu: 1 } },
    })
    expect(printed('saml', report, machine, false)).to.match(/^## saml\n\nOn 2 cores .*\n\ntables$/)
  })

  it('wrong arguments end with status 2 and nothing on standard output', async () => {
    const said: string[] = []
    for (const args of [[], ['nonsense'], ['saml', 'hostile'], ['saml', '--seconds', 'x'], ['-x']])
      expect(
        await main(
          args,
          (text) => void said.push(text),
          () => {},
        ),
      ).to.equal(2)
    expect(said).to.deep.equal([])
  })
})

describe('bench drift', () => {
  it('every run sees what was made for it, and only the worst case differs throughout', async () => {
    const { json } = await compareAll(800)
    const runs = json.runs as Record<DriftRunName, DriftRun>
    const differing = Object.values(runs).map((run) => run.differing)
    expect(differing).to.deep.equal([null, 8, 8, 800])
    for (const { seconds, memory } of Object.values(runs)) {
      expect(seconds).to.be.greaterThan(0)
      expect(memory).to.be.greaterThan(2 ** 20)
    }
  }).timeout(60_000)
})
