import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { expiryWatch } from '../../admin/domains/expiry.ts'
import { type FetchMetadata, metadataFetch } from '../../admin/domains/metadataFetch.ts'
import { createApp } from '../../app.ts'
import { assembleKeyRing, type Parts } from '../../assembly.ts'
import { type Config, ConfigError } from '../../config.ts'
import type { Tenant } from '../../directory/types.ts'
import { principalNameKey } from '../../directory/upn.ts'
import { type Listening, listen, type TlsListening } from '../../http/listen.ts'
import type { TlsFiles } from '../../http/tls.ts'
import { type Clock, minutes, systemClock } from '../../lib/clock.ts'
import { newGuid, systemRandom } from '../../lib/ids.ts'
import type { Log } from '../../observe/log.ts'
import type { AppRefusal } from '../../oidc/deps.ts'
import type { SigningAlg } from '../../oidc/types.ts'
import type { ScryptCost } from '../../signin/password/hash.ts'
import type { SigninEvent } from '../../signin/service.ts'
import { openSqliteStorage } from '../../storage/sqlite/index.ts'
import type { Storage } from '../../storage/storage.ts'
import type { DemoPerson } from '../../web/models.ts'
import { auditedStorage } from '../auditedStorage.ts'
import { databaseName } from '../surroundings.ts'
import { auditLine } from './auditLine.ts'
import { openToOthers } from './dataFolder.ts'
import { keyEncryptionKeyOf } from './keyEncryptionKey.ts'
import { metadataUpkeep } from './metadataRefresh.ts'
import { metricsOf, startTelemetry } from './telemetry.ts'

/** Expired records are removed, and old keys replaced, this often. */
const UPKEEP_EVERY = minutes(5)

/** Opens (or makes) the database of a data folder, with its tenant. */
export async function openDeployment(
  config: Config,
): Promise<{ storage: Storage; tenant: Tenant; keyEncryptionKey: Buffer }> {
  const storage = openSqliteStorage({
    file: join(config.dataFolder, databaseName),
    now: systemClock,
    principalNameKey,
    checkpointsApart: true,
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
  try {
    return { storage, tenant, keyEncryptionKey: await keyEncryptionKeyOf(config, storage) }
  } catch (error) {
    await storage.close()
    throw error
  }
}

export interface RunningServer {
  readonly publicUrl: string
  readonly port: number
  /** Of the metrics; null when they are not asked for. */
  readonly telemetryPort: number | null
  readonly close: () => Promise<void>
}

/** Listens, then serves: the port is known before the app is made, so that port 0 works too. */
export async function startServer(
  config: Config,
  deployment: {
    readonly storage: Storage
    readonly tenant: Tenant
    readonly keyEncryptionKey: Buffer
  },
  options: {
    readonly log: Log
    readonly onVerdict: (event: SigninEvent) => void
    readonly onAppRefused?: (event: AppRefusal) => void
    readonly demoPeople?: readonly DemoPerson[]
    readonly clock?: Clock
    readonly passwordCost?: ScryptCost
    readonly refusedCertificates?: ReadonlySet<string>
    /** How often the TLS files are looked at, in milliseconds. */
    readonly tlsPollEvery?: number
    /** How metadata is fetched, for tests. */
    readonly fetchMetadata?: FetchMetadata
  },
): Promise<RunningServer> {
  let app: RequestListener = (_req, res) => {
    res.writeHead(503, { 'Retry-After': '1' }).end()
  }
  const listening: Listening = await listen(
    (req, res) => app(req, res),
    { host: config.host, port: config.port, setting: 'HOMEREALM_PORT' },
    config.tls && tlsOf(config.tls, options.log, options.tlsPollEvery),
  )
  const scheme = config.tls === null ? 'http' : 'https'
  const publicUrl = config.publicUrl ?? `${scheme}://localhost:${listening.port}`
  const { clock = systemClock, demoPeople = null } = options
  const audit = auditLine(deployment.storage.directory.audit, options.log)
  const storage = auditedStorage(
    deployment.storage,
    (user) => ({ at: clock(), who: user?.userPrincipalName ?? 'homerealm', door: 'server' }),
    audit.keep,
  )
  const metrics = metricsOf(deployment.storage, clock)
  const parts: Parts = {
    ...deployment,
    ...options,
    storage,
    clock,
    demoPeople,
    onVerdict: (event) => {
      metrics.countVerdict(event)
      options.onVerdict(event)
    },
    onAppRefused: (event) => {
      metrics.countAppRefusal(event.aadsts)
      options.onAppRefused?.(event)
    },
  }
  const keyRing = assembleKeyRing(parts)
  let telemetry: Listening | null = null
  try {
    await keyRing.ensure(await algsInUse(deployment.storage))
    app = createApp(config, publicUrl, parts)
    telemetry = await startTelemetry(config, deployment.storage, metrics, options.log)
  } catch (error) {
    await listening.close()
    await audit.settled()
    throw error
  }
  for (const { message } of openToOthers(config.dataFolder)) {
    options.log.warn({ event: 'dataFolder' }, message)
  }
  const newExpiries = expiryWatch()
  const lookAtMetadata = metadataUpkeep({
    directory: deployment.storage.directory,
    fetch: options.fetchMetadata ?? metadataFetch(),
    log: options.log,
    clock,
    every: config.metadataEvery,
  })
  await tellExpiries()
  const upkeep = setInterval(() => {
    void tellExpiries()
    void lookAtMetadata()
    deployment.storage.purge(clock()).catch((error: unknown) => {
      options.log.error({ err: error }, 'expired records could not be removed')
    })
    rotateKeys().catch((error: unknown) => {
      options.log.error({ err: error }, 'the signing keys could not be rotated')
    })
  }, UPKEEP_EVERY)
  upkeep.unref()
  return {
    publicUrl,
    port: listening.port,
    telemetryPort: telemetry?.port ?? null,
    close: async () => {
      clearInterval(upkeep)
      await Promise.all([listening.close(), telemetry?.close()])
      await audit.settled()
    },
  }

  /** No certificate keeps the server from serving. */
  async function tellExpiries(): Promise<void> {
    await warnOfExpiries().catch((error: unknown) => {
      options.log.error({ err: error }, 'the certificates could not be looked at')
    })
  }

  /** At the start, and whenever 60, 30, 14, 7 or 1 days are left. */
  async function warnOfExpiries(): Promise<void> {
    for (const finding of newExpiries(await deployment.storage.directory.federations(), clock())) {
      const { message, needsAttention, threshold, ...about } = finding
      const level = needsAttention && threshold <= 7 ? 'error' : 'warn'
      options.log[level]({ event: 'certificateExpiry', ...about }, message)
    }
  }

  async function rotateKeys(): Promise<void> {
    if (config.keyRotation === 0) return
    const algs = await keyRing.rotateWhenDue(config.keyRotation)
    if (algs.length > 0) options.log.info({ algs }, 'signing keys rotate')
  }
}

function tlsOf(files: TlsFiles, log: Log, pollEvery: number | undefined): TlsListening {
  return {
    files,
    onReload: () => log.info(files, 'the TLS certificate was changed'),
    onFault: (err) =>
      log.error({ err }, 'the new TLS certificate cannot be used; the old one stays'),
    ...(pollEvery !== undefined && { pollEvery }),
  }
}

/** The signature algorithms that apps ask for, and the one that is always there. */
async function algsInUse(storage: Storage): Promise<readonly SigningAlg[]> {
  const asked = (await storage.apps.apps()).map(({ idTokenSigningAlg }) => idTokenSigningAlg)
  return [...new Set<SigningAlg>(['RS256', ...asked])]
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
