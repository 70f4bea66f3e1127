import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assembleKeyRing } from '../../src/assembly.ts'
import {
  demoIssuer,
  demoPeople,
  prepareDemoTenant,
  readDemoOktaUsers,
} from '../../src/cli/server/demoTenant.ts'
import { openDeployment, startServer } from '../../src/cli/server/running.ts'
import { type Config, parseConfig } from '../../src/config.ts'
import type { DemoOktaUser } from '../../src/demo-okta/honest.ts'
import { type IdpKey, makeIdpKey } from '../../src/demo-okta/keys.ts'
import { startDemoOkta } from '../../src/demo-okta/start.ts'
import { hours, type Instant } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { createLog, logVerdict } from '../../src/observe/log.ts'
import type { SigningAlg } from '../../src/oidc/types.ts'
import { acsUrl } from '../../src/signin/acsUrls.ts'
import type { KeptTrace } from '../../src/signin/ports.ts'
import type { SigninEvent } from '../../src/signin/service.ts'
import { IdentityProvider } from './identityProvider.ts'
import { type Answer, Visitor } from './visitor.ts'

export interface DeploymentOptions {
  /** Kept at the end when given: for a second start on the same data. Default: a new one, removed at the end. */
  readonly dataFolder?: string
  /** The address of an earlier start; default the real one. Responses of then still name it as their Recipient. */
  readonly publicUrl?: string
  /** Further `HOMEREALM_` variables. */
  readonly environment?: Readonly<Record<string, string>>
  /** As `homerealm serve` has it; none by default. */
  readonly refusedCertificates?: ReadonlySet<string>
  /** What the clock says at first. It stands still until a test moves it. Default: now. */
  readonly at?: Instant
}

export type Deployment = Awaited<ReturnType<typeof startDeployment>>

// A key takes a moment to make, and one is as good as another.
let keyMade: Promise<IdpKey> | null = null

/** homerealm and its demo Okta in this process, on free ports, over a real database file with the sample tenant. */
export async function startDeployment(options: DeploymentOptions = {}) {
  const clock = { at: options.at ?? Date.now() }
  const now = () => clock.at
  const dataFolder = options.dataFolder ?? newDataFolder()
  const config = configFor(dataFolder, options)
  // Of yesterday, so that a test can go back in time a little.
  keyMade ??= makeIdpKey({ now: Date.now() - hours(24) })
  const key = await keyMade

  const opened = await openDeployment(config)
  const { storage, tenant } = opened
  const logged: string[] = []
  const verdicts: SigninEvent[] = []
  const log = createLog('debug', { write: (line) => void logged.push(line) })
  const server = await startServer(config, opened, {
    log,
    demoPeople,
    clock: now,
    ...(options.refusedCertificates && { refusedCertificates: options.refusedCertificates }),
    // Cheap, so that tests are quick; the usual cost has a test of its own.
    passwordCost: { logN: 10, r: 8, p: 1 },
    onVerdict: (event) => {
      logVerdict(log, event)
      verdicts.push(event)
    },
  })
  const { publicUrl } = server
  // Where it really listens, when the public address is that of an earlier start.
  const origin = `${config.tls === null ? 'http' : 'https'}://localhost:${server.port}`
  const people = readDemoOktaUsers()
  const acs = acsUrl(publicUrl, tenant.id)
  const app = { issuer: demoIssuer, acs, audience: config.entityId, key }
  const okta = await startDemoOkta({
    ...app,
    users: people,
    clock: now,
    random: systemRandom,
    host: '127.0.0.1',
    port: 0,
    // As in `homerealm demo --tls`: both sites have the one certificate.
    tls: config.tls && {
      cert: readFileSync(config.tls.certFile, 'utf8'),
      key: readFileSync(config.tls.keyFile, 'utf8'),
    },
  })
  await prepareDemoTenant(storage.directory, {
    ssoUrl: okta.ssoUrl,
    certificateBase64: key.certificateBase64,
  })

  const keyRing = assembleKeyRing({ ...opened, clock: now })

  return {
    publicUrl,
    origin,
    /** Of the metrics, when they were asked for. */
    telemetryPort: server.telemetryPort,
    /** The keys of the same database as another process sees them: a command line, for example. */
    keyRing,
    ensureKeys: (algs: readonly SigningAlg[]) => keyRing.ensure(algs),
    oktaUrl: okta.baseUrl,
    ssoUrl: okta.ssoUrl,
    acs,
    dataFolder,
    config,
    storage,
    tenant,
    clock,
    /** Every line of the log. */
    logged,
    verdicts,
    /** The demo Okta's app in this process, for responses that its menu has not. */
    idp: new IdentityProvider({ ...app, clock: now }),
    visitor: () => new Visitor(origin),

    person(login: string): DemoOktaUser {
      const found = people.find((each) => each.login === login)
      if (!found) throw new Error(`the demo Okta knows no ${login}`)
      return found
    },

    /** All the steps of a sign-in by a new client; the answer of the ACS. */
    signInOverSockets(person: string, { fault = '' }: { fault?: string } = {}): Promise<Answer> {
      return new Visitor(origin).signIn(person, fault)
    },

    /** What was kept about an answer, by its Request Id. */
    async kept(answer: Answer): Promise<KeptTrace> {
      const requestId = answer.headers.get('x-ms-request-id') ?? ''
      const trace = await storage.traces.trace(requestId, clock.at)
      if (trace === null) throw new Error(`no trace under ${requestId}\n${answer.body}`)
      return trace
    },

    /** The reason of an answer's refusal, from its trace. */
    async reason(answer: Answer): Promise<string | null> {
      return (await this.kept(answer)).reason
    },

    /** Ends both servers and closes the database; removes the data unless its folder was given. */
    async close(): Promise<void> {
      await Promise.all([server.close(), okta.close()])
      await storage.close()
      if (options.dataFolder === undefined) rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

/** A new empty folder; remove it at the end. */
export function newDataFolder(): string {
  return mkdtempSync(join(tmpdir(), 'homerealm-e2e-'))
}

function configFor(dataFolder: string, { publicUrl, environment }: DeploymentOptions): Config {
  return parseConfig(
    {
      HOMEREALM_DATA: dataFolder,
      HOMEREALM_PORT: '0',
      ...(publicUrl !== undefined && { HOMEREALM_PUBLIC_URL: publicUrl }),
      ...environment,
    },
    'demo',
  )
}
