import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { RunningDemoApp } from '../../demo-app/start.ts'
import { loadOrMakeIdpKey } from '../../demo-okta/keys.ts'
import { metadataPath } from '../../demo-okta/server.ts'
import { type RunningDemoOkta, startDemoOkta } from '../../demo-okta/start.ts'
import { ListenError } from '../../http/listen.ts'
import type { TlsFiles } from '../../http/tls.ts'
import { systemClock } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/ids.ts'
import { createLog, logVerdict } from '../../observe/log.ts'
import type { AppRefusal } from '../../oidc/deps.ts'
import { acsUrl } from '../../signin/acsUrls.ts'
import type { SigninEvent } from '../../signin/service.ts'
import { auditedStorage } from '../auditedStorage.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { UsageError } from '../usageError.ts'
import { startRoutty } from './demoApp.ts'
import {
  demoActor,
  demoIssuer,
  demoPeople,
  prepareDemoTenant,
  readDemoOktaUsers,
} from './demoTenant.ts'
import { loadOrMakeDemoTls } from './demoTls.ts'
import { openDeployment, type RunningServer, startServer, untilInterrupted } from './running.ts'

/** Another site than localhost, so that the POST back is cross-site as in life. */
const OKTA_HOST = '127.0.0.1'

/** `homerealm demo`: everything at once with nothing configured. `npm start` runs it. */
export function addDemoCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('demo')
    .description(
      'run homerealm with a sample tenant, a demo Okta and a sample app, ready to sign in',
    )
    .option('--tls', 'serve https on all sites, by a certificate authority of its own')
    .action(async (options: { readonly tls?: boolean }) => {
      const given = surroundings.config('demo')
      if (options.tls && given.publicUrl?.startsWith('http:')) {
        throw new UsageError('With --tls, HOMEREALM_PUBLIC_URL must be https, or not set.')
      }
      const tls = options.tls
        ? await loadOrMakeDemoTls(given.dataFolder, { now: systemClock(), random: systemRandom })
        : null
      const config = {
        ...given,
        tls: given.tls ?? tls,
        diagnose: true,
        tenantName: surroundings.environment.HOMEREALM_TENANT_NAME ?? 'Customer Inc. (demo)',
      }
      const { print } = surroundings
      const log = createLog(
        surroundings.environment.HOMEREALM_LOG_LEVEL ? config.logLevel : 'error',
      )
      const deployment = await openDeployment(config)
      let server: RunningServer | null = null
      let okta: RunningDemoOkta | null = null
      let routty: RunningDemoApp | null = null
      try {
        const key = await loadOrMakeIdpKey(config.dataFolder, { now: systemClock() })
        server = await startServer(config, deployment, {
          log,
          demoPeople,
          onVerdict: (event) => {
            logVerdict(log, event)
            print(verdictLine(event))
          },
          onAppRefused: (event) => print(printable(appLine(event))),
        })
        okta = await startOkta({
          port: config.demoOktaPort,
          acs: acsUrl(server.publicUrl, deployment.tenant.id),
          audience: config.entityId,
          key,
          tls,
        })
        await prepareDemoTenant(deployment.storage.directory, {
          ssoUrl: okta.ssoUrl,
          certificateBase64: key.certificateBase64,
        })
        routty = await startRoutty({
          port: config.demoAppPort,
          publicUrl: server.publicUrl,
          tenant: deployment.tenant,
          apps: auditedStorage(deployment.storage, demoActor).apps,
          // Not beside a certificate of the admin's own: Routty would trust the demo's authority alone.
          tls: config.tls === tls ? tls : null,
          onError: (error) => log.error({ err: error }, 'the sample app failed'),
        })
        print(
          welcome({
            publicUrl: server.publicUrl,
            oktaUrl: okta.baseUrl,
            appUrl: routty.baseUrl,
            dataFolder: config.dataFolder,
            caFile: tls?.caFile ?? null,
            dataIsElsewhere: Boolean(surroundings.environment.HOMEREALM_DATA),
          }),
        )
        await untilInterrupted(surroundings.interrupted)
        print(`\nStopping. The data stays in ${config.dataFolder}`)
      } finally {
        await Promise.all([server?.close(), okta?.close(), routty?.close()])
        await deployment.storage.close()
      }
    })
}

async function startOkta(options: {
  readonly port: number
  readonly acs: string
  readonly audience: string
  readonly key: Awaited<ReturnType<typeof loadOrMakeIdpKey>>
  readonly tls: TlsFiles | null
}): Promise<RunningDemoOkta> {
  const { tls } = options
  try {
    return await startDemoOkta({
      ...options,
      tls: tls && {
        cert: readFileSync(tls.certFile, 'utf8'),
        key: readFileSync(tls.keyFile, 'utf8'),
      },
      host: OKTA_HOST,
      issuer: demoIssuer,
      users: readDemoOktaUsers(),
      clock: systemClock,
      random: systemRandom,
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new ListenError(
      `Port ${options.port} (for the demo Okta) is taken by another program. Stop that one, or choose another port: HOMEREALM_DEMO_OKTA_PORT=${options.port + 10}`,
    )
  }
}

function verdictLine(event: SigninEvent): string {
  const time = new Date(systemClock()).toISOString().slice(11, 19)
  return event.outcome === 'signedIn'
    ? `${time}  signed in    user ${event.userId}`
    : `${time}  refused      ${event.reason} (AADSTS${event.aadsts}); why: npx homerealm trace ${event.requestId}`
}

/** Names are as requests gave them. */
function appLine({ aadsts, app, clientId, redirectUri, isOnPage, requestId }: AppRefusal): string {
  const time = new Date(systemClock()).toISOString().slice(11, 19)
  const who = app ?? `client id ${clientId ?? 'missing'}`
  const at = redirectUri === null ? '' : ` at ${redirectUri}`
  const why = isOnPage ? `; why: npx homerealm trace ${requestId}` : ''
  return `${time}  app refused  ${who}${at} (AADSTS${aadsts})${why}`
}

function welcome(at: {
  readonly publicUrl: string
  readonly oktaUrl: string
  readonly appUrl: string
  readonly dataFolder: string
  readonly caFile: string | null
  /** Whether the folder was named by HOMEREALM_DATA, which the commands then need too. */
  readonly dataIsElsewhere: boolean
}): string {
  const { publicUrl, oktaUrl, appUrl, dataFolder, caFile, dataIsElsewhere } = at
  const elsewhere = dataIsElsewhere ? `, after export HOMEREALM_DATA=${dataFolder}` : ''
  const people = demoPeople.map(({ email, note }) => `    ${email.padEnd(20)} ${note}`)
  const width = Math.max(appUrl.length, publicUrl.length)
  const trust =
    caFile === null
      ? ''
      : `
  All three speak https by a certificate authority of the demo: let your browser trust
  ${caFile}, and start Node clients with
  NODE_EXTRA_CA_CERTS=${caFile}
`
  return `
  homerealm is ready. Start at the app, or at the server:

    ${appUrl.padEnd(width)}   Routty, a sample app that signs in through homerealm
    ${publicUrl.padEnd(width)}   homerealm itself

  and sign in as one of these, with any password:

${people.join('\n')}

  Three things to try, in another terminal${elsewhere}:

    npx homerealm users import fixtures/csv/carol.csv     lets Carol in
    npx homerealm replay fixtures/cases/okta.audience-other.json --explain
                                                          judges a captured response, check by check
    npx homerealm trace REQUEST-ID                        says why a sign-in was refused

  The demo Okta is at ${oktaUrl} (metadata: ${oktaUrl}${metadataPath(demoIssuer)}).
${trust}
  Data in ${dataFolder}. Ctrl-C stops all three.
`
}
