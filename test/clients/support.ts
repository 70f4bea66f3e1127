import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import * as tls from 'node:tls'
import { loadOrMakeDemoTls } from '../../src/cli/server/demoTls.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { newDataFolder, startDeployment } from '../support/deployment.ts'
import { Program, root, run } from '../support/program.ts'
import { type Answer, actionOf, fieldOf, type Visitor } from '../support/visitor.ts'

export type Site = Awaited<ReturnType<typeof startSite>>

/** An app as its admin got it from `homerealm apps add`. */
export interface Registered {
  readonly clientId: string
  readonly tenantId: string
  /** Null for an app without one. */
  readonly secret: string | null
}

/**
 * homerealm and its demo Okta over TLS, by a certificate authority that this process and the programs it starts trust; and what
 * docs/apps.md tells an admin and a developer to do there.
 */
export async function startSite() {
  const folder = newDataFolder()
  const files = await loadOrMakeDemoTls(folder, { now: systemClock(), random: systemRandom })
  const trusted = tls.getCACertificates('default')
  tls.setDefaultCACertificates([...trusted, readFileSync(files.caFile, 'utf8')])
  const deployment = await startDeployment({
    dataFolder: folder,
    environment: { HOMEREALM_TLS_CERT: files.certFile, HOMEREALM_TLS_KEY: files.keyFile },
  })
  const { publicUrl, tenant } = deployment
  const started: Program[] = []

  /** A program of this project as a process of its own, which trusts the demo's authority as the docs say. */
  function start(script: string, environment: Readonly<Record<string, string>>): Program {
    const program = new Program([], {
      script: join(root, script),
      nodeArguments: ['--disable-warning=ExperimentalWarning'],
      environment: { NODE_EXTRA_CA_CERTS: files.caFile, ...environment },
    })
    started.push(program)
    return program
  }

  return {
    ...deployment,
    files,
    folder,
    /** As an app of Entra would write it: with a domain in the place of the GUID. */
    authority: `${publicUrl}/customer.com`,
    issuer: `${publicUrl}/${tenant.id}/v2.0`,
    start,

    /** A program of docs/apps/ that runs to its end, or until its test kills it. */
    program: (name: string, environment: Readonly<Record<string, string>>) =>
      start(`docs/apps/${name}`, environment),

    /** A server of docs/apps/, listening. Gives its address, without a slash at the end. */
    async serve(name: string, port: number, environment: Readonly<Record<string, string>>) {
      const program = start(`docs/apps/${name}`, { ...environment, PORT: String(port) })
      const [, origin = ''] = await program.until(/(https?:\/\/localhost:\d+)\//)
      return { origin, program }
    },

    /** Runs the command of docs/apps.md that registers the app of this name; `here` says what stands for values of the docs. */
    async register(name: string, here: Readonly<Record<string, string>> = {}): Promise<Registered> {
      const args = commandFor(name).map((word) =>
        Object.entries(here).reduce((text, [of, value]) => text.replace(of, value), word),
      )
      const environment = { HOMEREALM_DATA: folder }
      const { status, stdout, stderr } = await run(args, { environment })
      if (status !== 0) throw new Error(`${args.join(' ')}: ${status}\n${stdout}${stderr}`)
      const found = (pattern: RegExp) => pattern.exec(stdout)?.[1]
      return {
        clientId: found(/client id (\S{36})$/m) ?? '',
        tenantId: found(/^Tenant id: (\S{36})$/m) ?? '',
        secret: found(/^Client secret, shown this once: (\S+)$/m) ?? null,
      }
    },

    async close(): Promise<void> {
      await Promise.all(started.map((program) => program.kill()))
      await deployment.close()
      tls.setDefaultCACertificates(trusted)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The words of `npx homerealm apps add NAME ...` in docs/apps.md, without `npx homerealm`. */
function commandFor(name: string): readonly string[] {
  const docs = readFileSync(join(root, 'docs/apps.md'), 'utf8')
  const lines = [...docs.matchAll(/^npx homerealm (apps add .+)$/gm)].map(([, line = '']) => line)
  const line = lines.find((each) => each.startsWith(`apps add ${name} `))
  if (line === undefined) throw new Error(`docs/apps.md registers no ${name}`)
  // Tests register one again and again.
  return [...line.split(' '), '--allow-same-name']
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/**
 * What a browser does from `start` on, over all sites: redirects, pages that go on by themselves, forms that send themselves, and
 * `login` at the demo Okta. Ends at the first page that has something to read.
 */
export async function surf(
  visitor: Visitor,
  start: string | Answer,
  login = 'alice@customer.com',
): Promise<Answer> {
  let answer = typeof start === 'string' ? await visitor.fetch(start) : start
  for (let step = 0; step < 30; step += 1) {
    const { headers, body, url } = answer
    const onward = headers.get('location') ?? headers.get('refresh')?.replace(/^0; url=/, '')
    const action = actionOf(body)
    const samlRequest = fieldOf(body, 'SAMLRequest')
    if (onward !== undefined) answer = await visitor.fetch(new URL(onward, url).href)
    else if (action !== null && samlRequest !== null) {
      const begun = { requestId: '', action, samlRequest }
      answer = await visitor.deliver(await visitor.atOkta(begun, login))
    } else if (action !== null && /^https?:/.test(action)) {
      answer = await visitor.post(action, hiddenFields(body), { origin: visitor.publicUrl })
    } else return answer
  }
  throw new Error('the browser goes in circles')
}

function hiddenFields(html: string): Record<string, string> {
  const names = [...html.matchAll(/<input type="hidden" name="([^"]+)"/g)]
  return Object.fromEntries(names.map(([, name = '']) => [name, fieldOf(html, name) ?? '']))
}

/** The person's half of the device flow: types the code, signs in as `login`, and answers the question when there is one. */
export async function typeUserCode(
  site: Pick<Site, 'visitor'>,
  userCode: string,
  { login = 'alice@customer.com', answer = 'yes' }: { login?: string; answer?: 'yes' | 'no' } = {},
): Promise<Answer> {
  const visitor = site.visitor()
  const emailPage = await surf(
    visitor,
    `/devicelogin?${new URLSearchParams({ user_code: userCode })}`,
  )
  const typed = { username: login, return_to: fieldOf(emailPage.body, 'return_to') ?? '' }
  const question = await surf(visitor, await visitor.post('/signin', typed), login)
  const user_code = fieldOf(question.body, 'user_code')
  if (user_code === null) return question
  return surf(visitor, await visitor.post('/devicelogin', { user_code, answer }))
}
