import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { createApp, type Parts } from '../../app.ts'
import { type Config, ConfigError } from '../../config.ts'
import type { Tenant } from '../../directory/types.ts'
import { principalNameKey } from '../../directory/upn.ts'
import { type Listening, listen } from '../../http/listen.ts'
import { type Clock, minutes, systemClock } from '../../lib/clock.ts'
import { newGuid, systemRandom } from '../../lib/ids.ts'
import type { Log } from '../../observe/log.ts'
import type { SigninEvent } from '../../signin/service.ts'
import { openSqliteStorage } from '../../storage/sqlite/index.ts'
import type { Storage } from '../../storage/storage.ts'
import type { DemoPerson } from '../../web/models.ts'
import { databaseName } from '../surroundings.ts'

/** Expired records are removed this often. */
const PURGE_EVERY = minutes(5)

/** Opens (or makes) the database of a data folder, with its tenant. */
export async function openDeployment(
  config: Config,
): Promise<{ storage: Storage; tenant: Tenant }> {
  const storage = openSqliteStorage({
    file: join(config.dataFolder, databaseName),
    now: systemClock,
    principalNameKey,
  })
  const tenant = await storage.ensureTenant({
    id: config.tenantId ?? newGuid(systemRandom),
    displayName: config.tenantName,
  })
  if (config.tenantId !== null && config.tenantId !== tenant.id) {
    await storage.close()
    throw new ConfigError([
      `HOMEREALM_TENANT_ID is ${config.tenantId}, but the database in ${config.dataFolder} belongs to tenant ${tenant.id}. Take the variable away, or choose another HOMEREALM_DATA.`,
    ])
  }
  return { storage, tenant }
}

export interface RunningServer {
  readonly publicUrl: string
  readonly port: number
  readonly close: () => Promise<void>
}

/** Listens, then serves: the port is known before the app is made, so that port 0 works too. */
export async function startServer(
  config: Config,
  deployment: { readonly storage: Storage; readonly tenant: Tenant },
  options: {
    readonly log: Log
    readonly onVerdict: (event: SigninEvent) => void
    readonly demoPeople?: readonly DemoPerson[]
    readonly clock?: Clock
  },
): Promise<RunningServer> {
  let app: RequestListener = (_req, res) => {
    res.writeHead(503, { 'Retry-After': '1' }).end()
  }
  const listening: Listening = await listen((req, res) => app(req, res), {
    host: config.host,
    port: config.port,
    setting: 'HOMEREALM_PORT',
  })
  const publicUrl = config.publicUrl ?? `http://localhost:${listening.port}`
  const { clock = systemClock, demoPeople = null } = options
  const parts: Parts = { ...deployment, ...options, clock, demoPeople }
  try {
    app = createApp(config, publicUrl, parts)
  } catch (error) {
    await listening.close()
    throw error
  }
  const purging = setInterval(() => {
    deployment.storage.purge(clock()).catch((error: unknown) => {
      options.log.error({ err: error }, 'expired records could not be removed')
    })
  }, PURGE_EVERY)
  purging.unref()
  return {
    publicUrl,
    port: listening.port,
    close: async () => {
      clearInterval(purging)
      await listening.close()
    },
  }
}

/** Resolves at the first Ctrl-C or SIGTERM. */
export function untilInterrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    // An interval keeps the process alive however idle it is.
    const keepAlive = setInterval(() => {}, 3_600_000)
    signal.addEventListener(
      'abort',
      () => {
        clearInterval(keepAlive)
        resolve()
      },
      { once: true },
    )
  })
}
