import { UniqueViolation } from '../../directory/errors.ts'
import type { Instant } from '../../lib/clock.ts'
import type {
  AppStore,
  KeyStore,
  ProviderRecord,
  ProviderRecords,
  SealedKey,
} from '../../oidc/ports.ts'
import type { App } from '../../oidc/types.ts'
import { compareTexts } from '../text.ts'

/** Apps, keys and the provider's records, in memory. */
export interface MemoryOidc {
  readonly apps: AppStore
  readonly keys: KeyStore
  readonly providerRecords: ProviderRecords
  /** Removes the records that are over; gives their number. */
  purge(now: Instant): number
}

export function memoryOidc(): MemoryOidc {
  const apps = new Map<string, App>()
  const keys = new Map<string, SealedKey>()
  /** All of them, until they change: they are asked for at each request. */
  let inOrder: readonly SealedKey[] | null = null
  const records = new Map<string, ProviderRecord>()
  /** By the same keys, for records that are bounded. */
  const owners = new Map<string, string>()
  const keyOf = (kind: string, id: string) => JSON.stringify([kind, id])
  const removeWhere = (isOut: (record: ProviderRecord) => boolean): number => {
    const out = [...records].filter(([, record]) => isOut(record))
    for (const [key] of out) {
      records.delete(key)
      owners.delete(key)
    }
    return out.length
  }
  const put = (record: ProviderRecord): void => {
    const key = keyOf(record.kind, record.id)
    const consumedAt = records.has(key) ? records.get(key)?.consumedAt : record.consumedAt
    records.set(key, { ...record, consumedAt: consumedAt ?? null })
  }
  const byUri = (uri: string) => [...apps.values()].find((app) => app.api?.identifierUri === uri)

  return {
    apps: {
      app: async (id) => apps.get(id) ?? null,
      appByIdentifierUri: async (uri) => byUri(uri) ?? null,
      apps: async () =>
        [...apps.values()].sort(
          (a, b) => compareTexts(a.displayName, b.displayName) || compareTexts(a.id, b.id),
        ),
      async putApp(app) {
        const other = app.api === null ? undefined : byUri(app.api.identifierUri)
        if (other !== undefined && other.id !== app.id) {
          throw new UniqueViolation('identifierUri', app.displayName)
        }
        apps.set(app.id, app)
      },
      async deleteApp(id) {
        apps.delete(id)
        removeWhere(({ clientId }) => clientId === id)
      },
    },
    keys: {
      keys: async () => {
        inOrder ??= [...keys.values()].sort(
          (a, b) => a.createdAt - b.createdAt || compareTexts(a.kid, b.kid),
        )
        return inOrder
      },
      async changeKeys({ seen, put, remove }) {
        if (keys.size !== seen.length || !seen.every((kid) => keys.has(kid))) return false
        inOrder = null
        for (const kid of remove) keys.delete(kid)
        for (const key of put) keys.set(key.kid, key)
        return true
      },
    },
    providerRecords: {
      async put(record) {
        put(record)
      },
      async putBounded(record, { owner, ofOwner, ofAll }) {
        const key = keyOf(record.kind, record.id)
        if (!records.has(key) && owners.size + 1 < Math.min(ofOwner, ofAll)) {
          // Too few, of all kinds and owners together, for any bound to matter.
          owners.set(key, owner)
        } else if (!records.has(key)) {
          const bounded = [...owners]
            .map(([ownedKey, of]) => ({ ownedKey, of, owned: records.get(ownedKey) }))
            .filter(({ owned }) => owned?.kind === record.kind)
            .sort((a, b) => (b.owned?.expiresAt ?? 0) - (a.owned?.expiresAt ?? 0))
          const surplus = bounded.filter(({ of }) => of === owner).slice(ofOwner - 1)
          for (const { ownedKey } of surplus) {
            records.delete(ownedKey)
            owners.delete(ownedKey)
          }
          if (bounded.length - surplus.length >= ofAll) return false
          owners.set(key, owner)
        }
        put(record)
        return true
      },
      async replace({ kind, id, payload }, next, now) {
        const record = records.get(keyOf(kind, id))
        if (record?.payload !== payload || record.consumedAt !== null) return false
        if (record.expiresAt <= now) return false
        records.set(keyOf(kind, id), { ...record, ...next })
        return true
      },
      async find(kind, id, now) {
        const record = records.get(keyOf(kind, id))
        return record !== undefined && record.expiresAt > now ? record : null
      },
      findByUserCode: async (userCode, now) =>
        [...records.values()].find(
          (record) => record.userCode === userCode && record.expiresAt > now,
        ) ?? null,
      async consume(kind, id, now) {
        const key = keyOf(kind, id)
        const record = records.get(key)
        if (!record || record.consumedAt !== null || record.expiresAt <= now) return false
        records.set(key, { ...record, consumedAt: now })
        return true
      },
      async remove(kind, id) {
        records.delete(keyOf(kind, id))
        owners.delete(keyOf(kind, id))
      },
      async removeByGrant(grantId) {
        removeWhere((record) => record.grantId === grantId)
      },
    },
    purge: (now) => removeWhere(({ expiresAt }) => expiresAt < now),
  }
}
