import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { testKey } from '../../src/cli/forge/testKeys.ts'
import { allFaults } from '../../src/demo-okta/faults/index.ts'
import { root, run as runProgram } from '../support/program.ts'
import { run } from './inProcess.ts'

describe('homerealm forge', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homerealm-forge-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const forge = (...args: string[]) => run(['forge', '--out', folder, ...args])
  const replay = (...args: string[]) => run(['replay', ...args])
  const certs = (name: string) => join(root, 'certs', name)
  const caseIn = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))

  it('is a command of the real program', async () => {
    const { status, stdout } = await runProgram(['forge', '--out', folder, '--fault', 'xsw3'])
    expect({ status, stdout }).to.deep.equal({
      status: 0,
      stdout: `${join(folder, 'okta.xsw3.json')}: refused, severalAssertions (AADSTS50008)\n`,
    })
    expect((await runProgram(['replay', folder])).stdout).to.match(/^ok {2}okta\.xsw3: refused/)
  })

  it('makes the good case when nothing else is asked for, and replay lets it in', async () => {
    const made = await forge()
    expect(made).to.include({ status: 0, stderr: '' })
    expect(made.stdout).to.equal(`${join(folder, 'okta.good.json')}: signs in alice@customer.com\n`)
    expect(readdirSync(folder)).to.deep.equal(['okta.good.json', 'okta.good.xml'])
    const judged = await replay(folder)
    expect(judged.status).to.equal(0)
    expect(judged.stdout).to.equal('ok  okta.good: signs in alice@customer.com, as expected\n')
  })

  it('makes a case of each fault and situation, with what is expected of it', async () => {
    const made = await forge(
      '--fault',
      'audience-other',
      'base64-junk',
      '--situation',
      'mfa-required',
    )
    expect(made.stdout).to.match(/audience-other\.json: refused, audienceMismatch \(AADSTS500089\)/)
    expect(readdirSync(folder)).to.deep.equal([
      'okta.audience-other.json',
      'okta.audience-other.xml',
      'okta.base64-junk.b64',
      'okta.base64-junk.json',
      'situation.mfa-required.json',
      'situation.mfa-required.xml',
    ])
    expect(caseIn('situation.mfa-required.json').expect).to.deep.equal({
      outcome: 'refused',
      reason: 'mfaRequired',
      aadsts: 50079,
    })
    expect((await replay(folder)).stdout).to.match(/3 cases, all as expected\n$/)
  })

  it('puts several faults into one response, and then expects nothing', async () => {
    expect((await forge('--fault', 'expired+audience-other')).status).to.equal(0)
    expect(caseIn('okta.expired+audience-other.json')).not.to.have.property('expect')
    const judged = await replay(join(folder, 'okta.expired+audience-other.json'), '--explain')
    expect(judged.status).to.equal(1)
    expect(judged.stdout).to.contain('FAIL  audience: audienceMismatch')
    expect(judged.stdout).to.contain('FAIL  times: assertionExpired')
  })

  it('makes its cases about other people, places, times and keys', async () => {
    const made = await forge(
      ...['--user', 'bob@acme.test', '--name-id', 'abc', '--at', '2027-03-04T05:06:07Z'],
      ...['--key', certs('other-okta.key.pem'), '--certificate', certs('other-okta.pem')],
      ...['--issuer', 'urn:acme', '--audience', 'urn:us', '--request-id', '_r1'],
      ...['--acs', 'https://sso.acme.test/login.srf'],
    )
    expect(made.stdout).to.contain('signs in bob@acme.test')
    const { at, acs, audience, request, federations, users } = caseIn('okta.good.json')
    expect({ at, acs, audience, request }).to.deep.equal({
      at: '2027-03-04T05:06:07Z',
      acs: 'https://sso.acme.test/login.srf',
      audience: 'urn:us',
      request: { id: '_r1', federation: 'urn:acme', loginHint: 'bob@acme.test' },
    })
    expect(federations[0].signingCertificate).to.equal(testKey('other-okta').certificateBase64)
    expect(users[0]).to.deep.equal({
      userPrincipalName: 'bob@acme.test',
      onPremisesImmutableId: 'abc',
    })
    expect((await replay(folder)).status).to.equal(0)
  })

  it('makes everything with --all, all of it as expected, and leaves out what cannot be had', async function () {
    this.timeout(120_000) // it makes and judges five hundred cases
    const made = await forge('--all', '--name-id', 'abc')
    expect(made.status).to.equal(0)
    expect(made.stderr.trim().split('\n').sort()).to.deep.equal([
      'okta.nameid-base64url: left out. The NameID abc is the same that way.',
      'okta.nameid-unpadded: left out. The NameID abc is the same that way.',
      'okta.nameid-url-encoded: left out. The NameID abc is the same that way.',
    ])
    const judged = await replay(folder)
    expect(judged.stdout.split('\n').filter((line) => !line.startsWith('ok  '))).to.deep.equal([
      `${readdirSync(folder).length / 2} cases, all as expected`,
      '',
    ])
  })

  it('lists every fault and situation with the reason it must be refused with', async () => {
    const { status, stdout } = await run(['forge', '--list-faults'])
    expect(status).to.equal(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).to.match(/^NAME +GROUP +EXPECTED +WHAT$/)
    expect(lines.length).to.be.above(allFaults.size)
    expect(stdout).to.match(/^xsw3 +Wrapped signatures \(XSW\) +severalAssertions +XSW3: /m)
    expect(stdout).to.match(/^encrypted +Honest variants +signs in +Encrypted/m)
    expect(stdout).to.match(/^user-disabled +Situations \(--situation\) +userDisabled +/m)
  })

  it('replaces nothing unless it is told to', async () => {
    writeFileSync(join(folder, 'okta.good.xml'), 'mine')
    const refused = await forge()
    expect(refused.status).to.equal(2)
    expect(refused.stderr).to.contain('okta.good.xml').and.contain('--force')
    expect(readdirSync(folder)).to.deep.equal(['okta.good.xml'])
    expect(readFileSync(join(folder, 'okta.good.xml'), 'utf8')).to.equal('mine')
    expect((await forge('--force')).status).to.equal(0)
    expect((await replay(folder)).status).to.equal(0)
  })

  it('writes nothing when one of several cannot be made', async () => {
    const { status, stderr } = await forge('--fault', 'expired', 'unsigned+signature-last')
    expect(status).to.equal(2)
    expect(stderr).to.contain('okta.unsigned+signature-last: cannot be made')
    expect(readdirSync(folder)).to.deep.equal([])
  })

  const wrong: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
    'a fault that nobody knows': [
      ['--fault', 'audience'],
      /No fault is called "audience"\. Did you mean audiences-two, audience-other, /,
    ],
    'a situation that nobody knows': [['--situation', 'x-y-z'], /No situation is called "x-y-z"\./],
    '--all and a fault': [['--all', '--fault', 'expired'], /--all makes every case/],
    'a key without certificate': [['--key', 'x.pem'], /--key and --certificate go together/],
    'a certificate of another key': [
      ['--key', 'certs/foreign.key.pem', '--certificate', 'certs/demo-okta.pem'],
      /certs\/demo-okta\.pem: is not the certificate of the key/,
    ],
    'a certificate for a key': [
      ['--key', 'certs/demo-okta.pem', '--certificate', 'certs/demo-okta.pem'],
      /certs\/demo-okta\.pem: is not a private key in PEM/,
    ],
    'an EC key': [
      ['--key', 'certs/ec-okta.key.pem', '--certificate', 'certs/ec-okta.pem'],
      /certs\/ec-okta\.key\.pem: is no RSA key/,
    ],
    'a key file that is not there': [
      ['--key', 'no.pem', '--certificate', 'certs/demo-okta.pem'],
      /no\.pem: there is no such file/,
    ],
    'a time that is none': [['--at', 'yesterday'], /--at "yesterday": expected an ISO 8601 time/],
    'an ACS that is none': [
      ['--acs', 'https://x.test/'],
      /--acs "https:\/\/x\.test\/": expected a URL/,
    ],
    'an issuer with a blank': [['--issuer', 'a b'], /--issuer "a b": expected a URI/],
    'an audience that is empty': [['--audience', ''], /--audience "": expected a URI/],
    'a request ID that is no ID': [['--request-id', '1'], /--request-id "1": expected an XML ID/],
    'a user without domain': [['--user', 'bob'], /--user "bob": expected a name like/],
    'a NameID with a blank': [['--name-id', 'a b'], /--name-id "a b": expected 1 to 64 ASCII/],
  }
  for (const [what, [args, message]] of Object.entries(wrong)) {
    it(`refuses ${what}, and writes nothing`, async () => {
      const { status, stdout, stderr } = await forge(...args)
      expect(stderr).to.match(message)
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' })
      expect(readdirSync(folder)).to.deep.equal([])
    })
  }

  it('refuses a file for a folder', async () => {
    writeFileSync(join(folder, 'file'), '')
    const { status, stderr } = await run(['forge', '--out', join(folder, 'file')])
    expect(status).to.equal(2)
    expect(stderr).to.match(/--out .*file: cannot be made: it is a file/)
  })

  it('makes the folder that is missing', async () => {
    mkdirSync(join(folder, 'a'))
    expect((await run(['forge', '--out', join(folder, 'a', 'b', 'c')])).status).to.equal(0)
    expect(readdirSync(join(folder, 'a', 'b', 'c'))).to.have.length(2)
  })
})
