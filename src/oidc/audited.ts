import type { Act, AuditAction, AuditValues, KeepRecord } from '../directory/audit.ts'
import { changedProperties } from '../directory/directoryError.ts'
import { isoSeconds } from '../lib/clock.ts'
import type { AppStore, KeyStore, SealedKey } from './ports.ts'
import type { App } from './types.ts'

interface Audited {
  readonly keep: KeepRecord
  readonly act: () => Act
}

/**
 * The same store, with one record in the audit for every app that is made, changed or removed: of secrets only what tells them apart. Apps
 * live in another database than the audit, so the record is written right after the change; a process that dies between the two
 * leaves a change without a record.
 */
export function auditedApps(store: AppStore, { keep, act }: Audited): AppStore {
  const record = (
    action: AuditAction,
    { id, displayName }: App,
    before: AuditValues | null,
    after: AuditValues | null,
  ) => {
    const target = { kind: 'app', id, name: displayName } as const
    return keep({ ...act(), action, target, before, after, undoes: null })
  }
  return {
    ...store,
    async putApp(app) {
      const found = await store.app(app.id)
      await store.putApp(app)
      const after = valuesOf(app)
      if (found === null) {
        await record('appCreated', app, null, after)
        return
      }
      const before = valuesOf(found)
      const changes = changedProperties(before, after, Object.keys({ ...before, ...after }))
      if (changes.length === 0) return
      const side = (of: 'old' | 'new') =>
        Object.fromEntries(changes.map((each) => [each.property, each[of]]))
      await record('appChanged', app, side('old'), side('new'))
    },
    async deleteApp(id) {
      const found = await store.app(id)
      await store.deleteApp(id)
      if (found !== null) await record('appDeleted', found, valuesOf(found), null)
    },
  }
}

/** Everything but hashes, wherever they stand. Public keys by their ids: their numbers tell a person nothing. */
function valuesOf(app: App): AuditValues {
  const told = { ...app, keys: app.keys.map(({ kid }) => kid) }
  return JSON.parse(
    JSON.stringify(told, (name, value) => (name === 'hash' ? undefined : value)),
  ) as AuditValues
}

/** The same store, with one record in the audit for every change of the keys that tokens are signed with. As `auditedApps`. */
export function auditedKeys(store: KeyStore, { keep, act }: Audited): KeyStore {
  return {
    ...store,
    async changeKeys(change) {
      const present = await store.keys()
      const isDone = await store.changeKeys(change)
      if (!isDone || change.put.length + change.remove.length === 0) return isDone
      const { remove, put } = change
      const touched = new Set([...remove, ...put.map(({ kid }) => kid)])
      const before = present.filter(({ kid }) => touched.has(kid))
      await keep({
        ...act(),
        action: 'keysRotated',
        target: { kind: 'server', id: 'signing-keys', name: 'signing keys' },
        before: before.length === 0 ? null : keyValues(before),
        after: put.length === 0 ? null : keyValues(put),
        undoes: null,
      })
      return isDone
    },
  }
}

function keyValues(keys: readonly SealedKey[]): AuditValues {
  return Object.fromEntries(
    keys.map(({ kid, alg, signsFrom, retiresAt }) => [
      kid,
      {
        alg,
        signsFrom: isoSeconds(signsFrom),
        retiresAt: retiresAt === null ? null : isoSeconds(retiresAt),
      },
    ]),
  )
}
