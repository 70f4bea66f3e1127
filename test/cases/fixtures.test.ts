import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Reason, reasons } from '../../src/aadsts/reasons.ts'
import { expectations } from '../../src/cli/forge/expectations.ts'
import { fixtureFiles } from '../../src/cli/forge/fixtures.ts'
import { notStored } from '../../src/cli/forge/notStored.ts'
import { situations } from '../../src/cli/forge/situations.ts'
import { readCase } from '../../src/cli/replay/caseFile.ts'
import { allFaults } from '../../src/demo-okta/faults/index.ts'
import { fixtureFolder, plans } from './made.ts'

/** Reasons that no response can bring about, and what does. */
const notOfAResponse: ReadonlyMap<Reason, string> = new Map([
  ['samlResponseMissing', 'the form around it: no field, or several'],
  ['methodNotAllowed', 'the HTTP method'],
  ['requestMalformed', 'the HTTP request'],
  ['tooManyRequests', 'how many there are'],
  ['authenticationTooOld', 'what the app asked for'],
  ['serverError', 'a fault of this server'],
  ['tenantNotFound', 'the path it is posted to'],
  ['realmUnknown', 'the e-mail that was typed'],
  ['emailMalformed', 'the e-mail that was typed'],
  ['passwordWrong', 'the password of a managed domain'],
  ['accountLocked', 'the password of a managed domain'],
  ['appNotFound', 'the app that asks'],
  ['replyUrlMismatch', 'the app that asks'],
  ['userNotAssigned', 'the app that asks'],
  ['codeWrong', 'the code of a second factor'],
  ['logoutMalformed', 'a message of single logout'],
  ['logoutSessionMismatch', 'a message of single logout'],
])

const stored = readdirSync(fixtureFolder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => readCase(join(fixtureFolder, name)))

describe('fixtures/cases', () => {
  it('is what its generator makes, byte for byte, file for file', async function () {
    this.timeout(120_000) // it makes them all
    const made = await fixtureFiles()
    const there = readdirSync(fixtureFolder).filter((name) => name !== 'README.md')
    expect(there.sort(), 'run: npm run fixtures').to.deep.equal([...made.keys()].sort())
    for (const [name, content] of made) {
      const same = readFileSync(join(fixtureFolder, name), 'utf8') === content
      expect(same, `${name} is not what is made now; run: npm run fixtures`).to.equal(true)
    }
  })

  it('stays small enough to live in a repository', () => {
    const sizes = readdirSync(fixtureFolder).map((name) => statSync(join(fixtureFolder, name)).size)
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.below(3_000_000)
  })

  it('names each case after its file, and each says what is expected', () => {
    for (const given of stored) {
      expect(given.file).to.equal(join(fixtureFolder, `${given.name}.json`))
      expect(given.expect?.outcome, given.name).to.be.oneOf(['signedIn', 'refused'])
    }
  })

  it('reaches every reason that a response can bring about', () => {
    const reached = new Set(stored.map((given) => given.expect?.reason))
    for (const reason of Object.keys(reasons) as Reason[]) {
      expect(reached.has(reason), reason).to.equal(!notOfAResponse.has(reason))
    }
  })

  it('leaves out only cases that there are', () => {
    for (const name of notStored.keys()) expect(plans.has(name), name).to.equal(true)
    expect(stored.length).to.equal(plans.size - notStored.size)
  })
})

describe('the table of expectations', () => {
  it('has every fault once, and nothing else', () => {
    expect([...expectations.keys()].sort()).to.deep.equal([...allFaults.keys()].sort())
  })

  it('lets sign in what is called an honest variant, and what spoils nothing', () => {
    const harmless = [...allFaults.values()].filter(({ name }) => expectations.get(name) === null)
    const notCalledSo = harmless.filter(({ group }) => group !== 'Honest variants')
    expect(notCalledSo.map(({ name }) => name)).to.deep.equal([
      'attribute-proto',
      'attribute-constructor',
      'attribute-nameid',
      'attribute-issuer',
      'attribute-in-response-to',
      'attribute-immutable-id',
    ])
    const variants = [...allFaults.values()].filter(({ group }) => group === 'Honest variants')
    for (const { name } of variants) expect(expectations.get(name), name).to.equal(null)
  })

  it('names only twins that sign in', () => {
    for (const { name, twin } of allFaults.values()) {
      if (twin !== undefined) expect(expectations.get(twin), `${name}: ${twin}`).to.equal(null)
    }
    for (const { name, twin } of situations.values()) {
      if (twin === undefined) continue
      expect(situations.get(twin)?.expected, `${name}: ${twin}`).to.equal(null)
    }
  })
})
