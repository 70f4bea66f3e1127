import type { Instant } from '../../lib/clock.ts'
import type {
  AppStore,
  KeyStore,
  ProviderRecord,
  ProviderRecords,
  SealedKey,
} from '../../oidc/ports.ts'
import type { App } from '../../oidc/types.ts'
import { type Columns, rowCodec } from './columns.ts'
import { keepingUnique } from './constraints.ts'
import type { Connection } from './open.ts'
import { patiently } from './patience.ts'
import type { SigninFile } from './signinStore.ts'

const keyColumns: Columns<SealedKey> = {
  kid: 'plain',
  alg: 'plain',
  publicJwk: 'plain',
  sealedPrivateJwk: 'plain',
  createdAt: 'plain',
  signsFrom: 'plain',
  retiresAt: 'plain',
}
const recordColumns: Columns<ProviderRecord> = {
  kind: 'plain',
  id: 'plain',
  payload: 'plain',
  grantId: 'plain',
  userCode: 'plain',
  clientId: 'plain',
  expiresAt: 'plain',
  consumedAt: 'plain',
}

/** Apps. An app is kept whole, as JSON; what it is found by stands in columns of its own. */
export function sqliteApps(connection: Connection): AppStore {
  const { db } = connection
  const one = db.prepare<[string], string>('SELECT app FROM apps WHERE id = ?').pluck()
  const byUri = db.prepare<[string], string>('SELECT app FROM apps WHERE identifierUri = ?').pluck()
  const all = db.prepare<[], string>('SELECT app FROM apps ORDER BY displayName, id').pluck()
  const put = db.prepare(
    `INSERT INTO apps (id, identifierUri, displayName, app) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET identifierUri = excluded.identifierUri,
       displayName = excluded.displayName, app = excluded.app`,
  )
  // Without an index, which every token would pay for: apps are removed now and then.
  const removeRecords = db.prepare('DELETE FROM provider_records WHERE clientId = ?')
  const remove = db.prepare('DELETE FROM apps WHERE id = ?')
  const removeAll = db.transaction((id: string) => {
    removeRecords.run(id)
    remove.run(id)
  })
  const parse = parsedOnce()
  const read = (json: string | undefined): App | null => (json === undefined ? null : parse(json))
  return {
    app: (id) => patiently(connection, () => read(one.get(id))),
    appByIdentifierUri: (uri) => patiently(connection, () => read(byUri.get(uri))),
    apps: () => patiently(connection, () => all.all().map(parse)),
    putApp: (app) =>
      patiently(connection, () => {
        const row = [app.id, app.api?.identifierUri ?? null, app.displayName, JSON.stringify(app)]
        keepingUnique(app.displayName, () => put.run(row))
      }),
    deleteApp: (id) => patiently(connection, () => removeAll.immediate(id)),
  }
}

/** So many apps stay parsed. */
const MOST_PARSED = 1000

/** Parses an app's JSON when it is another than before: each request looks at its app more than once. */
function parsedOnce(): (json: string) => App {
  const parsed = new Map<string, App>()
  return (json) => {
    const app = parsed.get(json) ?? (JSON.parse(json) as App)
    if (parsed.size >= MOST_PARSED) parsed.clear()
    parsed.set(json, app)
    return app
  }
}

/** The sealed keys: asked for at each request, and read when the file has changed or somebody here has changed them. */
export function sqliteKeys(connection: Connection): KeyStore {
  const { db } = connection
  const codec = rowCodec(keyColumns)
  const all = db.prepare(`SELECT ${codec.list} FROM signing_keys ORDER BY createdAt, kid`)
  const put = db.prepare(
    `INSERT OR REPLACE INTO signing_keys (${codec.list}) VALUES (${codec.placeholders})`,
  )
  const remove = db.prepare('DELETE FROM signing_keys WHERE kid = ?')
  const keys = () => all.all().map((row) => codec.record(row))
  // Another number whenever another connection or process has written (https://sqlite.org/pragma.html#pragma_data_version).
  const dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck()
  let kept: { readonly version: number | undefined; readonly keys: readonly SealedKey[] } | null =
    null
  const currentKeys = (): readonly SealedKey[] => {
    const version = dataVersion.get()
    if (kept === null || kept.version !== version) kept = { version, keys: keys() }
    return kept.keys
  }
  const change = db.transaction((next: Parameters<KeyStore['changeKeys']>[0]) => {
    const present = new Set(keys().map(({ kid }) => kid))
    if (present.size !== next.seen.length || !next.seen.every((kid) => present.has(kid))) {
      return false
    }
    for (const kid of next.remove) remove.run(kid)
    for (const key of next.put) put.run(codec.values(key))
    return true
  })
  return {
    keys: () => patiently(connection, currentKeys),
    changeKeys: (next) =>
      patiently(connection, () => {
        kept = null
        return change.immediate(next)
      }),
  }
}

/** What waits for a person in one browser, and opens nothing by itself: that it is gone need not wait for the disk. */
const fleeting: ReadonlySet<string> = new Set(['Interaction'])

/**
 * The provider's records. A write is quick, for what is lost with the power costs one more sign-in; that something was used up, or
 * taken back, is on the disk before anyone is told.
 */
export function sqliteProviderRecords(file: SigninFile): ProviderRecords {
  const { connection, durably, quickly } = file
  const { db } = connection
  const codec = rowCodec(recordColumns)
  const overwrite = codec.names
    .filter((name) => name !== 'kind' && name !== 'id' && name !== 'consumedAt')
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')
  const put = db.prepare(
    `INSERT INTO provider_records (${codec.list}) VALUES (${codec.placeholders})
     ON CONFLICT (kind, id) DO UPDATE SET ${overwrite}`,
  )
  const find = db.prepare<[string, string, Instant]>(
    `SELECT ${codec.list} FROM provider_records WHERE kind = ? AND id = ? AND expiresAt > ?`,
  )
  const byUserCode = db.prepare<[string, Instant]>(
    `SELECT ${codec.list} FROM provider_records WHERE userCode = ? AND expiresAt > ?`,
  )
  const consume = db.prepare<[Instant, string, string, Instant]>(
    `UPDATE provider_records SET consumedAt = ?
     WHERE kind = ? AND id = ? AND consumedAt IS NULL AND expiresAt > ?`,
  )
  const remove = db.prepare('DELETE FROM provider_records WHERE kind = ? AND id = ?')
  const replace = db.prepare<[string, string | null, string, string, string, Instant]>(
    `UPDATE provider_records SET payload = ?, grantId = ?
     WHERE kind = ? AND id = ? AND payload = ? AND consumedAt IS NULL AND expiresAt > ?`,
  )
  const isThere = db
    .prepare<[string, string]>('SELECT 1 FROM provider_records WHERE kind = ? AND id = ?')
    .pluck()
  const insertOwned = db.prepare(
    `INSERT INTO provider_records (${codec.list}, owner) VALUES (${codec.placeholders}, ?)`,
  )
  const isFull = db
    .prepare<[string, string, number]>(
      `SELECT 1 FROM provider_records WHERE kind = ? AND owner = ? LIMIT 1 OFFSET ?`,
    )
    .pluck()
  const trim = db.prepare<{ kind: string; owner: string; most: number }>(
    `DELETE FROM provider_records WHERE kind = $kind AND id IN (
       SELECT id FROM provider_records WHERE kind = $kind AND owner = $owner
       ORDER BY expiresAt DESC LIMIT -1 OFFSET $most)`,
  )
  // Counts no further than it matters, in the index alone.
  const countUpTo = db
    .prepare<[string, number], number>(
      `SELECT count(*) FROM (
         SELECT 1 FROM provider_records WHERE kind = ? AND owner IS NOT NULL LIMIT ?)`,
    )
    .pluck()
  const removeByGrant = db.prepare('DELETE FROM provider_records WHERE grantId = ?')
  const read = (row: unknown) => (row === undefined ? null : codec.record(row))
  return {
    put: (record) => quickly(() => void put.run(codec.values(record))),
    putBounded: (record, { owner, ofOwner, ofAll }) =>
      quickly(() => {
        const { kind, id } = record
        const isNew = isThere.get(kind, id) === undefined
        if (isNew) {
          const most = ofOwner - 1
          if (isFull.get(kind, owner, most) !== undefined) trim.run({ kind, owner, most })
          if ((countUpTo.get(kind, ofAll) ?? 0) >= ofAll) return false
        }
        if (isNew) insertOwned.run([...codec.values(record), owner])
        else put.run(codec.values(record))
        return true
      }),
    replace: ({ kind, id, payload }, next, now) =>
      quickly(() => replace.run(next.payload, next.grantId, kind, id, payload, now).changes === 1),
    find: (kind, id, now) => patiently(connection, () => read(find.get(kind, id, now))),
    findByUserCode: (userCode, now) =>
      patiently(connection, () => read(byUserCode.get(userCode, now))),
    consume: (kind, id, now) => durably(() => consume.run(now, kind, id, now).changes === 1),
    remove: (kind, id) => (fleeting.has(kind) ? quickly : durably)(() => void remove.run(kind, id)),
    removeByGrant: (grantId) => durably(() => void removeByGrant.run(grantId)),
  }
}
