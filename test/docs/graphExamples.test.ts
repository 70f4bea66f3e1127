import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { graphRoles } from '../../src/admin/graph/ports.ts'
import { askedOf } from '../../src/admin/graph/routes.ts'
import { certificateOf } from '../graph/certificates.ts'
import { refusalOf } from '../graph/refusal.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts'
import { registerCaller } from '../support/graphSite.ts'

const text = readFileSync('docs/administration-api.md', 'utf8')
const section = text.slice(text.indexOf('\n## Graph\n'))

/** The words of a command as a shell has them: quotes, backslashes in double quotes, and variables. */
function wordsOf(command: string, variables: ReadonlyMap<string, string>): string[] {
  const pieces = command.matchAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|([^\s'"\\]+)|\\\n/g)
  return [...pieces]
    .map(([, single, double, bare]) => {
      const word = double ?? bare
      return (
        single ??
        word?.replaceAll(
          /\\(.)|\$(\w+)/g,
          (_, escaped, name) => escaped ?? variables.get(name) ?? '',
        )
      )
    })
    .filter((word) => word !== undefined)
}

/** What curl would send: the options that the page uses, and no others. */
function requestOf(words: readonly string[]) {
  const [program, ...rest] = words
  expect(program).to.equal('curl')
  const request = { url: '', method: '', isQuery: false, body: '', headers: new Headers() }
  const query: string[] = []
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? ''
    const value = () => {
      index += 1
      return rest[index] ?? ''
    }
    if (word === '-X') request.method = value()
    else if (word === '-G') request.isQuery = true
    else if (word === '-d') request.body = value()
    else if (word === '-H') {
      const [name = '', content = ''] = value().split(/: (.*)/s)
      request.headers.set(name, content)
    } else if (word === '--data-urlencode') {
      const [name = '', content = ''] = value().split(/=(.*)/s)
      query.push(`${name}=${encodeURIComponent(content)}`)
    } else {
      expect(word).to.match(/^http/)
      request.url = word
    }
  }
  if (query.length > 0) request.url += `?${query.join('&')}`
  const method = request.method || (request.body ? 'POST' : 'GET')
  return { ...request, method }
}

describe('docs/administration-api.md, Graph', () => {
  let deployment: Deployment
  let dns: DnsServer
  before(async () => {
    dns = await startDnsServer({})
    deployment = await startDeployment({
      environment: { HOMEREALM_DNS_SERVERS: `${dns.address}:${dns.port}` },
    })
  })
  after(async () => {
    await deployment?.close()
    await dns?.close()
  })

  it('has examples that work as they stand, one after the other', async () => {
    const { key } = await registerCaller(deployment, graphRoles)
    const variables = new Map([
      ['HOMEREALM', deployment.publicUrl],
      ['TOKEN', key],
    ])
    const known = new Map([
      ['NEXT-CERTIFICATE', certificateOf('next-okta')],
      ['"CERTIFICATE"', JSON.stringify(certificateOf('demo-okta'))],
    ])
    const blocks = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
    const commands = blocks.flatMap((block) => block.split(/\n(?=curl )/))
    expect(commands).to.have.lengthOf(18)
    for (const command of commands) {
      const filled = [...known].reduce((all, [name, value]) => all.replaceAll(name, value), command)
      const { url, method, body, headers } = requestOf(wordsOf(filled, variables))
      const answer = await fetch(url, { method, headers, ...(body && { body }) })
      const said = await answer.text()
      expect(answer.status, `${command}\n${said}`).to.be.within(200, 204)
      if (url.endsWith('verificationDnsRecords')) {
        dns.zone = { 'new.example': { TXT: [[JSON.parse(said).value[0].text]] } }
      }
      if (url.endsWith('federationConfiguration')) known.set('CONFIG-ID', JSON.parse(said).id)
      if (url.endsWith('$select=id')) known.set('USER-ID', JSON.parse(said).id)
      if (url.endsWith('/groups')) known.set('GROUP-ID', JSON.parse(said).id)
      if (url.endsWith('/members')) {
        expect(JSON.parse(said).value.map(({ id }: { id: string }) => id)).to.deep.equal([
          known.get('USER-ID'),
        ])
      }
      if (url.includes('filter')) expect(JSON.parse(said)['@odata.count']).to.equal(1)
    }
  })

  it('names paths and methods that there are, and no others', () => {
    const rows = [...section.matchAll(/^\| (`\/.+?) \| (.+?) \| (Domain|User|Group) \|$/gm)]
    expect(rows.length).to.be.greaterThan(14)
    for (const [, paths = '', methods = '', area = ''] of rows) {
      const all = [...paths.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path)
      const base = all[0]?.replace(/\/[^/]+$/, '') ?? ''
      for (const path of all) {
        const whole = all.length > 1 && path !== all[0] ? base + path : path
        const asked = whole.replaceAll(/\{[^}]+\}/g, 'x')
        const wanted = methods.replaceAll(/ \([^)]*\)/g, '').split(', ')
        for (const method of wanted) {
          const { role } = askedOf({ method, path: asked })
          expect(role).to.equal(`${area}.${method === 'GET' ? 'Read' : 'ReadWrite'}.All`)
        }
        for (const method of ['GET', 'POST', 'PATCH', 'DELETE', 'PUT']) {
          if (wanted.includes(method)) continue
          const { status } = refusalOf(() => askedOf({ method, path: asked }))
          expect(status, `${method} ${asked}`).to.equal(405)
        }
      }
    }
  })
})
