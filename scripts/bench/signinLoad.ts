import { setTimeout as sleep } from 'node:timers/promises'
import { minutes } from '../../src/lib/clock.ts'
import { newGuid, systemRandom } from '../../src/lib/ids.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { openDataFolder } from './importScene.ts'
import { median } from './measure.ts'

/** How long sign-ins waited for the store, in milliseconds. */
export interface Waits {
  readonly count: number
  readonly median: number
  readonly p99: number
  readonly longest: number
}

const pause = 10

/** Does again and again to the store what a sign-in does, until `end`; a server's share of the work that is not the store's is left out. */
export async function signinsUntil(dataFolder: string, end: Promise<unknown>): Promise<Waits> {
  const storage = openDataFolder(dataFolder, true)
  const waits: number[] = []
  let isOver = false
  const over = end.finally(() => {
    isOver = true
  })
  try {
    while (!isOver) {
      const start = performance.now()
      await signIn(storage)
      waits.push(performance.now() - start)
      await sleep(pause)
    }
    await over
  } finally {
    await storage.close()
  }
  waits.sort((a, b) => a - b)
  return {
    count: waits.length,
    median: median(waits),
    p99: waits[Math.floor(waits.length * 0.99)] ?? Number.NaN,
    longest: waits.at(-1) ?? Number.NaN,
  }
}

/** Reads and writes in the order of DESIGN: realm, request, response, user, session, trace. */
async function signIn({ directory, signin, sessions, traces }: Storage): Promise<void> {
  const now = Date.now()
  const id = newGuid(systemRandom)
  const browser = 'bench'
  const expiresAt = now + minutes(15)
  const domain = await directory.domain('customer.com')
  const federationId = domain?.federationId ?? ''
  await signin.rememberRequest({
    id,
    federationId,
    loginHint: 'ana.silva.0@customer.com',
    browser,
    returnTo: '/me',
    requiresMfa: false,
    askedForMfa: false,
    createdAt: now,
    expiresAt,
  })
  await directory.federation(federationId)
  await signin.pendingRequest(id)
  await directory.userByImmutableId(id)
  await directory.userByPrincipalName('ana.silva.0@customer.com')
  const use = { requestId: id, browser, federationId, assertionId: id, rememberUntil: expiresAt }
  const outcome = await signin.consume({ ...use, now })
  if (outcome !== 'consumed') throw new Error(`bench: a sign-in was ${outcome}`)
  await sessions.putSession({
    key: id,
    userId: id,
    method: 'federated',
    amr: ['fed'],
    federationId,
    nameId: id,
    nameIdFormat: null,
    sessionIndex: null,
    authnContextClassRef: null,
    authenticatedAt: now,
    createdAt: now,
    expiresAt,
    claims: [],
    requestId: id,
  })
  await traces.keepTrace({
    requestId: id,
    correlationId: id,
    at: now,
    expiresAt,
    outcome: 'signedIn',
    reason: null,
    aadsts: null,
    userPrincipalName: null,
    federationId,
    trace: [],
  })
}
