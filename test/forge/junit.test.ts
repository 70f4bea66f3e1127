import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { CaseResult } from '../../src/cli/replay/judgeCase.ts'
import { junitXml } from '../../src/cli/replay/junit.ts'
import { all, one, parse } from '../demo-okta/scene.ts'
import { run } from './inProcess.ts'

const passed: CaseResult = {
  file: 'cases/okta.good.json',
  name: 'okta.good',
  outcome: 'signedIn',
  user: 'alice@customer.com',
  reason: null,
  aadsts: null,
  asExpected: true,
  trace: [],
}

const failed: CaseResult = {
  ...passed,
  file: 'other/okta.bad.json',
  name: 'okta "bad" <&>',
  outcome: 'refused',
  user: null,
  reason: 'audienceMismatch',
  aadsts: 500089,
  asExpected: false,
  trace: [
    {
      check: 'audience',
      result: 'fail',
      reason: 'audienceMismatch',
      expected: 'urn:us',
      actual: '</failure>]]>\u0000\u001b[2J\u{d800}\ufffe "urn:them"',
      hint: 'Set it.',
    },
  ],
}

describe('results as JUnit XML', () => {
  it('have a suite for each folder, with its counts', () => {
    const root = parse(junitXml([passed, failed, { ...passed, name: 'okta.again' }]))
    expect(root.nodeName).to.equal('testsuites')
    expect(root.getAttribute('tests')).to.equal('3')
    expect(root.getAttribute('failures')).to.equal('1')
    const suites = all(root, 'testsuite').map((suite) => [
      suite.getAttribute('name'),
      suite.getAttribute('tests'),
      suite.getAttribute('failures'),
      all(suite, 'testcase').length,
    ])
    expect(suites).to.deep.equal([
      ['cases', '2', '0', 2],
      ['other', '1', '1', 1],
    ])
  })

  it('carry the trace of what is not as expected, whatever stands in it', () => {
    const root = parse(junitXml([failed]))
    expect(one(root, 'testcase').getAttribute('name')).to.equal('okta "bad" <&>')
    const failure = one(root, 'failure')
    expect(failure.getAttribute('type')).to.equal('audienceMismatch')
    expect(failure.getAttribute('message')).to.contain('refused, audienceMismatch (AADSTS500089)')
    expect(failure.textContent)
      .to.contain('FAIL  audience: audienceMismatch')
      .and.contain('</failure>]]>\\u{0}\\u{1b}[2J\\u{d800}\\u{fffe} "urn:them"')
  })

  it('count a refusal as failure where nothing is expected, and a sign-in as none', () => {
    const root = parse(
      junitXml([
        { ...failed, asExpected: null },
        { ...passed, asExpected: null },
      ]),
    )
    expect(all(root, 'failure')).to.have.length(1)
  })
})

describe('homerealm replay --junit', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homerealm-junit-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('writes the file beside what it prints, and keeps its exit status', async () => {
    await run(['forge', '--out', folder, '--fault', 'expired', 'expired+unsigned'])
    const file = join(folder, 'report.xml')
    const { status, stdout } = await run(['replay', folder, '--junit', file])
    expect(status).to.equal(1)
    expect(stdout).to.contain('2 cases, 1 refused or not as expected')
    const root = parse(readFileSync(file, 'utf8'))
    expect(root.getAttribute('tests')).to.equal('2')
    expect(one(root, 'failure').textContent).to.contain('FAIL  signature: notSigned')
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).to.deep.equal([])
  })

  it('goes together with --json', async () => {
    await run(['forge', '--out', folder])
    const file = join(folder, 'report.xml')
    const { status, stdout } = await run(['replay', folder, '--json', '--junit', file])
    expect(status).to.equal(0)
    expect(JSON.parse(stdout)).to.have.length(1)
    expect(parse(readFileSync(file, 'utf8')).getAttribute('failures')).to.equal('0')
  })

  it('leaves the old file when a case cannot be read', async () => {
    await run(['forge', '--out', folder])
    writeFileSync(join(folder, 'z.json'), '{')
    const file = join(folder, 'report.xml')
    writeFileSync(file, 'old')
    const { status, stderr } = await run(['replay', folder, '--junit', file])
    expect(status).to.equal(2)
    expect(stderr).to.contain('z.json: is not JSON')
    expect(readFileSync(file, 'utf8')).to.equal('old')
  })

  it('says so when the file cannot be written', async () => {
    await run(['forge', '--out', folder])
    const file = join(folder, 'no', 'report.xml')
    const { status, stderr } = await run(['replay', folder, '--junit', file])
    expect(status).to.equal(2)
    expect(stderr).to.contain(`${file}: cannot be written: its folder does not exist.`)
  })
})
