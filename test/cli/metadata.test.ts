import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { metadataFetch } from '../../src/admin/domains/metadataFetch.ts'
import { refreshFromMetadata } from '../../src/admin/domains/metadataRefresh.ts'
import { loadOrMakeDemoTls } from '../../src/cli/server/demoTls.ts'
import { metadataUpkeep } from '../../src/cli/server/metadataRefresh.ts'
import { addDomain } from '../../src/directory/domains.ts'
import { federate } from '../../src/directory/federations.ts'
import type { Federation } from '../../src/directory/types.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { createLog } from '../../src/observe/log.ts'
import { MetadataError } from '../../src/saml/metadata/idpMetadata.ts'
import { type MadeCertificate, makeCertificate } from '../saml-messages/certificateMaker.ts'
import { newDataFolder } from '../support/deployment.ts'
import { domainCommands } from './domainCommands.ts'

const issuer = 'http://www.okta.com/exk1'
const signInUri = 'https://okta.example/sso'
const now = Date.UTC(2026, 0, 15, 9, 30)

/** Metadata as an identity provider publishes it, of these certificates. */
function metadata(
  certificates: readonly MadeCertificate[],
  { entityId = issuer, uri = signInUri } = {},
) {
  const keys = certificates.map(
    ({ base64 }) =>
      `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  )
  return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys.join('')}<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${uri}"/></md:IDPSSODescriptor></md:EntityDescriptor>`
}

describe('metadata by URL', () => {
  let current: MadeCertificate
  let next: MadeCertificate
  let third: MadeCertificate
  let expired: MadeCertificate
  let folder = ''
  let tls: { cert: string; key: string; ca: string }
  const closing: (() => void)[] = []
  before(async () => {
    const make = (notAfter: string) =>
      makeCertificate({ algorithm: 'P-256', notBefore: '2025-01-01', notAfter })
    ;[current, next, third, expired] = (await Promise.all(
      ['2099-01-01', '2099-01-02', '2099-01-03', '2025-12-31'].map(make),
    )) as [MadeCertificate, MadeCertificate, MadeCertificate, MadeCertificate]
    folder = newDataFolder()
    const files = await loadOrMakeDemoTls(folder, { now: Date.now(), random: systemRandom })
    const [cert, key, ca] = [files.certFile, files.keyFile, files.caFile].map((file) =>
      readFileSync(file, 'utf8'),
    )
    tls = { cert: cert ?? '', key: key ?? '', ca: ca ?? '' }
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })

  async function site(
    answer: (req: IncomingMessage, res: ServerResponse) => void,
    { secure = true } = {},
  ): Promise<string> {
    const server = secure ? createHttps(tls, answer) : createHttp(answer)
    closing.push(() => {
      server.close()
      server.closeAllConnections()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return secure ? `https://localhost:${port}` : `http://127.0.0.1:${port}`
  }

  const fetched = async (uri: string, options: Parameters<typeof metadataFetch>[0] = {}) => {
    try {
      return await metadataFetch({ ca: tls.ca, ...options })(uri)
    } catch (error) {
      if (error instanceof MetadataError) return `refused: ${error.message}`
      throw error
    }
  }

  describe('is fetched', () => {
    it('over https from a site whose certificate holds, redirects within https included', async () => {
      const base = await site((req, res) => {
        if (req.url === '/moved') res.writeHead(302, { location: '/metadata' }).end()
        else res.end('<xml/>')
      })
      expect(await fetched(`${base}/metadata`)).to.equal('<xml/>')
      expect(await fetched(`${base}/moved`)).to.equal('<xml/>')
    })

    it('not from a site that nobody vouches for', async () => {
      const base = await site((_req, res) => void res.end('<xml/>'))
      const said = await metadataFetch()(base).catch((error: Error) => error.message)
      expect(said).to.match(/cannot be fetched: .*certificate/i)
    })

    it('never by a redirect to http, and not round and round', async () => {
      const plain = await site((_req, res) => void res.end('<xml/>'), { secure: false })
      const base = await site((req, res) =>
        res.writeHead(302, { location: req.url === '/http' ? plain : '/again' }).end(),
      )
      expect(await fetched(`${base}/http`)).to.include(
        'redirects to http://; only https is followed',
      )
      expect(await fetched(`${base}/round`)).to.include('redirects more than 3 times')
    })

    it('not over http from elsewhere, nor from a file or with a password in the address', async () => {
      for (const uri of [
        'http://okta.example/m',
        'file:///etc/passwd',
        'https://a:b@okta.example/',
      ]) {
        expect(await fetched(uri), uri).to.match(
          /^refused: The address of the metadata cannot be used/,
        )
      }
    })

    it('up to its limits of size and time', async () => {
      const base = await site((req, res) => {
        if (req.url === '/endless') {
          const more = () => res.write('x'.repeat(10_000), (error) => error ?? setImmediate(more))
          more()
        } else if (req.url === '/slow') res.write('<')
      })
      expect(await fetched(`${base}/endless`, { maxBytes: 100_000 })).to.include(
        'more than 100000 bytes',
      )
      expect(await fetched(`${base}/slow`, { timeout: 200 })).to.include(
        'did not answer within 0.2 seconds',
      )
      expect(await fetched(`${base}/silent`, { timeout: 200 })).to.include('did not answer within')
    })

    it('with status 200 only', async () => {
      const base = await site((_req, res) => void res.writeHead(404).end('<xml/>'))
      expect(await fetched(base)).to.include('HTTP status 404')
    })
  })

  async function federated(more: { readonly uri?: string } = {}) {
    const commands = domainCommands()
    const { directory } = commands.storage
    await addDomain(directory, 'customer.com')
    const { after } = await federate(
      directory,
      {
        domains: ['customer.com'],
        issuerUri: issuer,
        passiveSignInUri: signInUri,
        signingCertificate: current.base64,
        metadataExchangeUri: more.uri ?? 'https://okta.example/metadata',
      },
      () => 'fed-1',
    )
    const refresh = async (xml: string, of: Federation = after) =>
      (
        await refreshFromMetadata(directory, of, async () => xml, {
          at: now,
          who: 'test',
          door: 'server',
        })
      ).kind
    const stored = async () => (await directory.federations())[0]
    return { ...commands, directory, federation: after, refresh, stored }
  }

  describe('is looked at again', () => {
    it('and a new certificate goes into the second slot, once, into the history too, and can be undone', async () => {
      const { refresh, stored, federation, directory, run } = await federated()
      expect(await refresh(metadata([current]))).to.equal('unchanged')
      expect(await refresh(metadata([current, next]))).to.equal('certificateAdded')
      expect(await stored()).to.deep.equal({ ...federation, nextSigningCertificate: next.base64 })
      const again = await stored()
      expect(again && (await refresh(metadata([next, current]), again))).to.equal('unchanged')
      const [change, ...more] = await directory.domainRecords.changes()
      expect(more).to.deep.equal([])
      expect(change).to.deep.include({ action: 'metadata', domains: ['customer.com'] })
      await run('undo', '1', '--yes')
      expect(await stored()).to.deep.equal(federation)
    })

    for (const [what, kind, xml] of [
      [
        'another Issuer',
        'otherIssuer',
        () => metadata([current, next], { entityId: `${issuer}/` }),
      ],
      ['several new certificates', 'severalNew', () => metadata([current, next, third])],
      ['a new certificate that has run out', 'notValidNow', () => metadata([current, expired])],
      [
        'another sign-in address',
        'otherAddress',
        () => metadata([current], { uri: 'https://evil.example/' }),
      ],
      ['a document that is none', 'cannotBeRead', () => '<html/>'],
      ['a DOCTYPE', 'cannotBeRead', () => `<!DOCTYPE x>${metadata([current, next])}`],
    ] as const) {
      it(`and ${what} changes nothing`, async () => {
        const { refresh, stored, federation } = await federated()
        expect(await refresh(xml())).to.equal(kind)
        expect(await stored()).to.deep.equal(federation)
      })
    }

    it('and a certificate that was retired here is not taken back', async () => {
      const { refresh, stored, directory, federation } = await federated()
      const rotated = { ...federation, formerSigningCertificates: [next.thumbprint] }
      await directory.putFederation(rotated)
      expect(await refresh(metadata([current, next]), rotated)).to.equal('formerCertificate')
      expect(await stored()).to.deep.equal(rotated)
    })

    it('and neither a taken slot nor a federation that was changed meanwhile is overwritten', async () => {
      const { refresh, stored, directory, federation } = await federated()
      const full = { ...federation, nextSigningCertificate: third.base64 }
      await directory.putFederation(full)
      expect(await refresh(metadata([current, next]), full)).to.equal('slotTaken')
      expect(await refresh(metadata([current, next]), federation)).to.equal('slotTaken')
      expect(await refresh(metadata([third]), full)).to.equal('certificateGone')
      expect(await stored()).to.deep.equal(full)
    })
  })

  describe('is kept up by the server', () => {
    it('at its interval, sooner after a failure, announced in the log, and never when it is 0', async () => {
      const { directory, stored } = await federated()
      const logged: string[] = []
      const log = createLog('info', { write: (line) => void logged.push(line) })
      const clock = { at: now }
      let asked = 0
      let xml: string | null = null
      const parts = {
        ...{ directory, log, clock: () => clock.at },
        fetch: async () => {
          asked += 1
          if (xml === null) throw new MetadataError('out of order')
          return xml
        },
      }
      await metadataUpkeep({ ...parts, every: 0 })()
      expect(asked).to.equal(0)
      const look = metadataUpkeep({ ...parts, every: 86_400_000 })
      const lookAfter = async (hours: number) => {
        clock.at += hours * 3_600_000
        await look()
        return asked
      }
      expect([await lookAfter(0), await lookAfter(0.9), await lookAfter(0.2)]).to.deep.equal([
        1, 1, 2,
      ])
      xml = metadata([current, next])
      expect([await lookAfter(1), await lookAfter(23), await lookAfter(1)]).to.deep.equal([3, 3, 4])
      expect((await stored())?.nextSigningCertificate).to.equal(next.base64)
      expect(logged.map((line) => JSON.parse(line).kind)).to.deep.equal([
        ...['cannotBeRead', 'cannotBeRead', 'certificateAdded'],
      ])
      expect(logged.join('')).to.include(next.thumbprint)
    })
  })

  describe('at the command line', () => {
    it('federates, remembers the address, and refresh looks at it again', async () => {
      let xml = metadata([current])
      const base = await site((_req, res) => void res.end(xml), { secure: false })
      const { run, storage } = domainCommands()
      await addDomain(storage.directory, 'customer.com')
      const done = await run('federate', 'customer.com', '--metadata', `${base}/m`, '--yes')
      expect(done.status).to.equal(0)
      const [federation] = await storage.directory.federations()
      expect(federation).to.include({ issuerUri: issuer, metadataExchangeUri: `${base}/m` })
      expect((await run('refresh', 'customer.com')).stdout).to.include('has nothing new')
      xml = metadata([current, next])
      const found = await run('refresh', 'customer.com')
      expect([found.status, found.stdout.includes(next.thumbprint)]).to.deep.equal([0, true])
      xml = 'nonsense'
      expect((await run('refresh', 'customer.com')).status).to.equal(1)
    })

    it('refuses http from elsewhere, as wrong usage, and changes nothing', async () => {
      const { run, storage } = domainCommands()
      await addDomain(storage.directory, 'customer.com')
      const said = await run(
        'federate',
        'customer.com',
        '--metadata',
        'http://okta.example/m',
        '--yes',
      )
      expect([said.status, await storage.directory.federations()]).to.deep.equal([2, []])
    })
  })
})
