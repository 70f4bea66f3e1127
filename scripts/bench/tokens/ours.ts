import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../../../src/cli/server/running.ts'
import { parseConfig } from '../../../src/config.ts'
import { principalNameKey } from '../../../src/directory/upn.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { systemRandom } from '../../../src/lib/ids.ts'
import { createLog, logVerdict } from '../../../src/observe/log.ts'
import { addApp } from '../../../src/oidc/apps.ts'
import { acsUrl } from '../../../src/signin/acsUrls.ts'
import { memoryStorage } from '../../../src/storage/memory.ts'
import { openSqliteStorage } from '../../../src/storage/sqlite/index.ts'
import type { Storage } from '../../../src/storage/storage.ts'
import { customerDomain, federation, parties, user } from '../scene.ts'
import { app, type Running } from './contender.ts'

/** homerealm as it is served: its log is written (to nowhere), its limits count, its keys are sealed. */
export async function startOurs(kind: 'memory' | 'sqlite'): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'homerealm-bench-'))
  const storage = kind === 'memory' ? inMemory() : onDisk(folder)
  const config = parseConfig(
    {
      HOMEREALM_DATA: folder,
      HOMEREALM_HOST: '127.0.0.1',
      HOMEREALM_PORT: '0',
      HOMEREALM_TENANT_ID: parties.tenantId,
      HOMEREALM_RATE_PER_MINUTE: '100000',
    },
    'demo',
  )
  const tenant = await storage.ensureTenant({ id: parties.tenantId, displayName: 'bench' })
  const { directory } = storage
  await directory.putFederation(federation)
  await directory.putDomain(customerDomain)
  await directory.writeUsers([{ kind: 'create', user }])
  const registered = await addApp(
    storage.apps,
    {
      displayName: 'Bench',
      isPublic: true,
      redirectUris: [{ uri: app.redirectUri, platform: 'spa' }],
    },
    { now: systemClock(), random: systemRandom },
  )
  const log = createLog('info', { write: () => {} })
  const deployment = { storage, tenant, keyEncryptionKey: randomBytes(32) }
  const onVerdict = logVerdict.bind(null, log)
  const server = await startServer(config, deployment, { log, onVerdict })
  const endpoints = `${server.publicUrl}/${tenant.id}/oauth2/v2.0`
  return {
    origin: server.publicUrl,
    authorize: `${endpoints}/authorize`,
    token: `${endpoints}/token`,
    clientId: registered.id,
    acs: acsUrl(server.publicUrl, tenant.id),
    async close() {
      await server.close()
      await storage.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function inMemory(): Storage {
  return memoryStorage({ principalNameKey })
}

function onDisk(folder: string): Storage {
  return openSqliteStorage({
    file: join(folder, 'homerealm.db'),
    now: systemClock,
    principalNameKey,
  })
}
