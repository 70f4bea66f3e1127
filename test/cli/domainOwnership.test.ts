import { expect } from 'chai'
import { txtLookup } from '../../src/admin/domains/txtLookup.ts'
import { parseConfig } from '../../src/config.ts'
import { discoverRealm } from '../../src/realm/discover.ts'
import { type DnsAnswer, type DnsServer, startDnsServer } from '../support/dnsServer.ts'
import { domainCommands } from './domainCommands.ts'

const ns = ['ns1.customer.com', 'ns2.customer.com']

/** Two name servers of customer.com on loopback addresses, the first of which also stands for the resolver. */
describe('homerealm domains add and verify, over DNS servers of their own', () => {
  const servers: DnsServer[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close()
  })

  async function setting(first: DnsAnswer, second: DnsAnswer = first) {
    const delegation = {
      'ns1.customer.com': { A: ['127.0.0.1'] },
      'ns2.customer.com': { A: ['127.0.0.2'] },
    }
    const withNs = typeof first === 'string' ? first : { NS: ns, ...first }
    const one = await startDnsServer({ ...delegation, 'customer.com': withNs })
    servers.push(one)
    const two = await startDnsServer(
      { 'customer.com': second },
      { address: '127.0.0.2', port: one.port },
    )
    servers.push(two)
    const commands = domainCommands({
      environment: { HOMEREALM_DNS_SERVERS: `127.0.0.1:${one.port}` },
      lookup: (options) => txtLookup({ ...options, timeout: 150, authoritativePort: one.port }),
    })
    const added = await commands.run('add', 'customer.com')
    const code = /MS=ms\d{8}/.exec(added.stdout)?.[0] ?? ''
    const answer = (server: DnsServer, with_: DnsAnswer) => {
      server.zone = { ...server.zone, 'customer.com': with_ }
    }
    return { ...commands, one, two, added, code, answer }
  }

  it('add takes all names or none, as one change that one undo takes back', async () => {
    const { run, command, storage } = domainCommands()
    const refused = await run('add', 'one.example', 'no domain')
    expect(refused.status).to.equal(1)
    expect(await storage.directory.domains()).to.deep.equal([])
    await run('add', 'one.example', 'two.example')
    const [change, ...others] = await storage.directory.domainRecords.changes()
    expect([change?.domains, others]).to.deep.equal([['one.example', 'two.example'], []])
    expect((await command('domains', 'undo', `${change?.id}`, '--yes')).status).to.equal(0)
    expect(await storage.directory.domains()).to.deep.equal([])
  })

  it('add prints JSON for scripts, with the code of each domain', async () => {
    const { run } = domainCommands()
    const { stdout } = await run('add', 'one.example', 'two.example', '--json')
    const [one, two] = JSON.parse(stdout)
    expect([one.domain, two.domain]).to.deep.equal(['one.example', 'two.example'])
    expect(one.code).to.match(/^MS=ms\d{8}$/)
    expect(one.isVerified).to.equal(false)
    const trusted = JSON.parse((await run('add', 'three.example', '--trust', '--json')).stdout)
    expect(trusted[0].isVerified).to.equal(true)
  })

  it('add prints the TXT record; until it is found, the domain signs nobody in and cannot be federated', async () => {
    const { added, code, run, storage } = await setting({})
    expect([added.status, added.stderr]).to.deep.equal([0, ''])
    expect(added.stdout).to.match(
      /type {3}TXT\n {2}name {3}customer\.com .*\n {2}value {2}MS=ms\d{8}\n/,
    )
    expect((await storage.directory.domain('customer.com'))?.isVerified).to.equal(false)
    expect((await discoverRealm(storage.directory, 'customer.com')).kind).to.equal('unknown')
    expect((await run('show', 'customer.com')).stdout)
      .to.include(`NOT verified`)
      .and.include(code)
    const again = await run('add', 'customer.com')
    expect([again.status, again.stderr]).to.deep.equal([
      1,
      'customer.com is a domain here already.',
    ])
  })

  it('verify asks every name server of the domain, and takes the record that all of them have', async () => {
    const { run, code, one, two, answer, storage } = await setting({})
    // In two strings, as long records stand in a zone, beside the record of another tenant.
    const there = { TXT: [['v=spf1 -all'], [code.slice(0, 4), code.slice(4)], ['MS=ms00000001']] }
    answer(one, { NS: ns, ...there })
    answer(two, there)
    const { status, stdout } = await run('verify', 'Customer.com')
    expect(stdout).to.match(
      /^customer\.com is verified\. The TXT record of customer\.com is there\./,
    )
    expect(stdout)
      .to.include('ns1.customer.com (127.0.0.1)')
      .and.include('ns2.customer.com (127.0.0.2)')
    expect(status).to.equal(0)
    expect(two.asked).to.deep.equal(['TXT customer.com'])
    expect((await storage.directory.domain('customer.com'))?.isVerified).to.equal(true)
    expect((await run('show', 'customer.com')).stdout).to.include('by its TXT record')
    expect((await run('verify', 'customer.com')).stdout).to.match(
      /is verified already: by its TXT record/,
    )
    expect(two.asked).to.have.length(1)
  })

  for (const [what, first, second, problem, words] of [
    [
      'NXDOMAIN',
      'NXDOMAIN',
      'NXDOMAIN',
      'noSuchDomain',
      /There is no domain customer\.com in the DNS/,
    ],
    ['no TXT record', {}, {}, 'noTxtRecord', /has no TXT record\. Add a TXT record .* MS=ms\d{8}/],
    [
      'other TXT records only',
      { TXT: [['v=spf1']] },
      { TXT: [['v=spf1']] },
      'noCode',
      /none of them is ours/,
    ],
    [
      'another MS= value',
      { TXT: [['MS=ms1']] },
      { TXT: [['MS=ms1']] },
      'otherCode',
      /another MS= value: MS=ms1\./,
    ],
    ['SERVFAIL', 'SERVFAIL', 'SERVFAIL', 'serverFailure', /failed \(SERVFAIL\)/],
    ['REFUSED', 'REFUSED', 'REFUSED', 'refused', /refused to answer/],
    [
      'silence',
      'silence',
      'silence',
      'timeout',
      /No answer came in time .*--resolver-only.*--trust/,
    ],
    [
      'a name server that still has no record',
      {},
      { TXT: [['v=spf1']] },
      'serversDisagree',
      /ns1\S* \S+ has no TXT record; ns2/,
    ],
  ] as readonly (readonly [string, DnsAnswer, DnsAnswer, string, RegExp])[]) {
    it(`verify says clearly what is wrong with ${what}, and verifies nothing`, async () => {
      const { run, storage } = await setting(first, second)
      const said = await run('verify', 'customer.com')
      expect(said.stdout)
        .to.match(/^customer\.com is NOT verified\. /)
        .and.match(words)
      const json = JSON.parse((await run('verify', 'customer.com', '--json')).stdout)
      expect([said.status, json.problem, json.isVerified]).to.deep.equal([1, problem, false])
      expect((await storage.directory.domain('customer.com'))?.isVerified).to.equal(false)
    })
  }

  it('verify refuses a record that only one of two servers has, whichever', async () => {
    const { run, code, one, two, answer } = await setting({})
    answer(one, { NS: ns, TXT: [[code]] })
    const first = await run('verify', 'customer.com')
    expect(first.stdout).to.include('disagree: ns1.customer.com (127.0.0.1) has the record; ns2')
    answer(one, { NS: ns })
    answer(two, { TXT: [[code]] })
    const second = await run('verify', 'customer.com', '--json')
    expect([first.status, JSON.parse(second.stdout).problem]).to.deep.equal([1, 'serversDisagree'])
  })

  it('verify passes over a server that does not answer when another has the record, and says so', async () => {
    const { run, code, one, two, answer } = await setting({})
    answer(one, { NS: ns, TXT: [[code]] })
    answer(two, 'silence')
    const said = await run('verify', 'customer.com')
    expect([said.status, said.stdout.split('\n')[0]]).to.deep.equal([
      0,
      'customer.com is verified. The TXT record of customer.com is there. No answer came from ns2.customer.com (127.0.0.2).',
    ])
  })

  it('verify takes the code only as a whole record, in its own case', async () => {
    const { run, code, one, two, answer } = await setting({})
    for (const text of [`${code}0`, code.slice(0, -1), code.toLowerCase(), `x ${code}`]) {
      answer(one, { NS: ns, TXT: [[text]] })
      answer(two, { TXT: [[text]] })
      expect((await run('verify', 'customer.com')).status, text).to.equal(1)
    }
  })

  it('verify --resolver-only asks the resolver and nobody else', async () => {
    const { run, code, one, two, answer } = await setting({})
    answer(one, { TXT: [[code]] })
    expect((await run('verify', 'customer.com', '--resolver-only')).status).to.equal(0)
    expect([one.asked, two.asked]).to.deep.equal([['TXT customer.com'], []])
  })

  it('--trust verifies without a question, and stays visible as that', async () => {
    const { run, one } = await setting({})
    const said = await run('verify', 'customer.com', '--trust')
    expect(said.stdout).to.include('without proof')
    expect((await run('add', 'closed.example', '--trust')).stdout).to.include('without proof')
    for (const name of ['customer.com', 'closed.example']) {
      expect((await run('show', name)).stdout, name).to.include('WITHOUT PROOF')
    }
    expect((await run('list')).stdout).to.match(/^closed\.example +Managed, not proven/m)
    expect(one.asked).to.deep.equal([])
  })

  it('a subdomain is verified with the domain above it: one that is there already, and one that comes later', async () => {
    const { run, storage } = await setting({})
    await run('add', 'sales.customer.com')
    const verified = async (name: string) => (await storage.directory.domain(name))?.isVerified
    expect(await verified('sales.customer.com')).to.equal(false)
    const said = await run('verify', 'customer.com', '--trust')
    expect(said.status).to.equal(0)
    const later = await run('add', 'lab.customer.com')
    expect(later.stdout).to.include('verified with it')
    expect([
      await verified('sales.customer.com'),
      await verified('lab.customer.com'),
    ]).to.deep.equal([true, true])
  })

  it('refuses a domain that is not here, and one that is none', async () => {
    const { run } = await setting({})
    const unknown = await run('verify', 'other.example')
    expect([unknown.status, unknown.stderr]).to.deep.equal([
      1,
      'other.example is not a domain here: homerealm domains add other.example',
    ])
    expect((await run('add', 'no domain')).status).to.equal(1)
  })

  it('HOMEREALM_DNS_SERVERS takes addresses with ports, and names what is none', async () => {
    const wrong = domainCommands({ environment: { HOMEREALM_DNS_SERVERS: 'dns.example' } })
    await wrong.run('add', 'customer.com')
    const said = await wrong.run('verify', 'customer.com')
    expect(said.status).to.equal(2)
    expect(said.stderr).to.include('HOMEREALM_DNS_SERVERS must be IP addresses')
    const good = '192.0.2.1:5353, [2001:db8::1]:53,2001:db8::2'
    expect(parseConfig({ HOMEREALM_DNS_SERVERS: good }, 'command').dnsServers).to.deep.equal([
      ...['192.0.2.1:5353', '[2001:db8::1]:53', '2001:db8::2'],
    ])
  })
})
