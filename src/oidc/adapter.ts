import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import { type Clock, hours, seconds } from '../lib/clock.ts'
import { fingerprint } from '../lib/secrets.ts'
import { AadstsError } from './errors.ts'
import type { ProviderRecord, ProviderRecords, RecordBound } from './ports.ts'

/**
 * What can be used once is kept a day longer than it holds, so that the answer to its late use can say "expired" and "used
 * before" instead of "unknown". The provider itself looks at the end of each.
 */
const keptLonger: ReadonlySet<string> = new Set(['AuthorizationCode', 'RefreshToken', 'DeviceCode'])
const LONGER = hours(24)

/** These are bearer secrets: their ids are not stored, only what the ids hash to. */
const secretIds: ReadonlySet<string> = new Set(['AuthorizationCode', 'RefreshToken', 'DeviceCode'])

/**
 * The provider's storage over our port, for one kind of record. Codes and refresh tokens are used up by one conditional update:
 * the provider looks first and consumes later, so that of parallel redemptions all but one are refused here.
 */
export function recordAdapter(
  kind: string,
  records: ProviderRecords,
  clock: Clock,
  /** How many there may be, and whose a new one is; null for what nobody can make without having signed in. */
  boundOf: () => RecordBound | null,
): Adapter {
  const stored = (id: string) => (secretIds.has(kind) ? fingerprint(id) : id)
  return {
    async upsert(id, payload, expiresIn) {
      const now = clock()
      // The secret itself must not stand in the payload either; `find` puts it back.
      const { jti: _, ...rest } = payload
      const record: ProviderRecord = {
        kind,
        id: stored(id),
        payload: JSON.stringify(secretIds.has(kind) ? rest : payload),
        grantId: payload.grantId ?? null,
        userCode: payload.userCode ?? null,
        clientId: payload.clientId ?? null,
        expiresAt: now + seconds(expiresIn ?? 0) + (keptLonger.has(kind) ? LONGER : 0),
        consumedAt: null,
      }
      const bound = boundOf()
      if (bound === null) await records.put(record)
      else if (!(await records.putBounded(record, bound))) throw tooMany()
    },
    async find(id) {
      return payloadOf(await records.find(kind, stored(id), clock()), id)
    },
    async findByUserCode(userCode) {
      const record = await records.findByUserCode(userCode, clock())
      return record === null ? undefined : payloadOf(record, null)
    },
    // The provider's sessions are found by the key of ours, and never by another name.
    findByUid: async () => undefined,
    async consume(id) {
      if (await records.consume(kind, stored(id), clock())) return
      throw new errors.InvalidGrant('already used up')
    },
    destroy: (id) => records.remove(kind, stored(id)),
    revokeByGrantId: (grantId) => records.removeByGrant(grantId),
  }
}

/** Where the person is, or as JSON to a device: not to the app's address, from where some libraries come back at once. */
function tooMany(): AadstsError {
  return Object.assign(new AadstsError(90055), { allow_redirect: false })
}

function payloadOf(record: ProviderRecord | null, id: string | null): AdapterPayload | undefined {
  if (record === null) return undefined
  const payload = JSON.parse(record.payload) as AdapterPayload
  if (id !== null) payload.jti = id
  if (record.consumedAt !== null) payload.consumed = Math.floor(record.consumedAt / 1000)
  return payload
}
