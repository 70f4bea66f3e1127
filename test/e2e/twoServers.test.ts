import { rmSync } from 'node:fs'
import { expect } from 'chai'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { App } from '../../src/oidc/types.ts'
import { codeFor, redirectUri, registerApp } from '../oidc/support.ts'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { Program, run } from '../support/program.ts'

describe('two servers, each a process of its own, on one database', function () {
  this.timeout(120_000)
  const folder = newDataFolder()
  const programs: Program[] = []
  let deployment: Deployment
  let app: App
  /** Where each of the two listens. */
  let origins: readonly string[]

  before(async () => {
    // Signs people in at the address that both servers have; they serve its apps.
    deployment = await startDeployment({ dataFolder: folder })
    app = await registerApp(deployment, { displayName: 'behind a balancer' })
    origins = await Promise.all([1, 2].map(serve))
  })
  after(async () => {
    for (const program of programs) await program.kill()
    await deployment?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const environment = () => ({
    HOMEREALM_DATA: folder,
    HOMEREALM_PORT: '0',
    HOMEREALM_PUBLIC_URL: deployment.publicUrl,
  })

  async function serve(): Promise<string> {
    const program = new Program(['serve'], { environment: environment() })
    programs.push(program)
    const [, port = ''] = await program.until(/"port":(\d+).*homerealm serves/)
    return `http://localhost:${port}`
  }

  interface Answer {
    readonly status: number
    // biome-ignore lint/suspicious/noExplicitAny: JSON from a server, looked at member by member.
    readonly body: any
  }

  async function ask(server: number, fields: Record<string, string>): Promise<Answer> {
    const url = `${origins[server % 2]}/${deployment.tenant.id}/oauth2/v2.0/token`
    const body = new URLSearchParams({ client_id: app.id, ...fields })
    const response = await fetch(url, { method: 'POST', body })
    return { status: response.status, body: await response.json() }
  }

  /** The same request twenty times at once, by turns at either server: the one that was served, and the codes of all others. */
  async function storm(fields: Record<string, string>) {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n, fields)))
    const served = answers.filter(({ status }) => status === 200)
    const others = answers.filter(({ status }) => status !== 200)
    expect(served, 'served').to.have.length(1)
    expect(others.map(({ status, body }) => [status, body.error])).to.deep.equal(
      Array.from({ length: 19 }, () => [400, 'invalid_grant']),
    )
    return {
      served: served[0]?.body,
      codes: new Set(others.map(({ body }) => body.error_codes[0])),
    }
  }

  const codeFields = async () => {
    const { code, verifier } = await codeFor(deployment, app)
    return {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    }
  }
  const refresh = (token: string) => ({ grant_type: 'refresh_token', refresh_token: token })

  it('redeem one code once, whichever of them is asked, and say so to the others', async () => {
    const { codes } = await storm(await codeFields())
    // Later ones find the code used (54005), or gone with all that its second use took back (70000, 50173).
    expect([54005, 50173, 70000]).to.include.members([...codes])
  })

  it('rotate one refresh token once, and whoever comes late with it ends the family at both', async () => {
    const { body } = await ask(0, await codeFields())
    const { served, codes } = await storm(refresh(body.refresh_token))
    // Later ones find the token used (50173), or gone with the grant that its second use ended (70000).
    expect([50173, 70000]).to.include.members([...codes])
    expect((await ask(1, refresh(body.refresh_token))).body.error).to.equal('invalid_grant')
    for (const server of [0, 1]) {
      const ended = await ask(server, refresh(served.refresh_token))
      expect([ended.status, ended.body.error]).to.deep.equal([400, 'invalid_grant'])
    }
  })

  it('publish the keys that two commands make at once, both of them, and sign with what either can verify', async () => {
    const made = await Promise.all([
      run(['keys', 'rotate'], { environment: environment() }),
      run(['keys', 'rotate'], { environment: environment() }),
    ])
    const kids = made.map(({ status, stdout, stderr }) => {
      expect([status, stderr]).to.deep.equal([0, ''])
      return /^The key (\S+) \(RS256\) signs from /.exec(stdout)?.[1]
    })
    expect(new Set(kids).size).to.equal(2)
    const { body } = await ask(0, await codeFields())
    for (const origin of origins) {
      const address = new URL(`${origin}/common/discovery/v2.0/keys`)
      const { keys } = await (await fetch(address)).json()
      expect(keys.map(({ kid }: { kid: string }) => kid)).to.include.members(kids)
      const verified = await jwtVerify(body.id_token, createRemoteJWKSet(address))
      expect(verified.payload.aud).to.equal(app.id)
    }
  })
})
