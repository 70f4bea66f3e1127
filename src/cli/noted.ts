import type { DirectoryStore } from '../directory/ports.ts'

/** What a change gave, and the number of its record in the audit; null when nothing was changed. */
export interface Noted<T> {
  readonly result: T
  readonly auditId: number | null
}

/** Does the work in one transaction, and finds the record that it left, for the command that takes it back. */
export function noted<T>(
  store: DirectoryStore,
  work: (tx: DirectoryStore) => Promise<T>,
): Promise<Noted<T>> {
  return store.transaction(async (tx) => {
    const newest = async () => (await tx.audit.latest(1))[0]?.id ?? null
    const before = await newest()
    const result = await work(tx)
    const after = await newest()
    return { result, auditId: after === before ? null : after }
  })
}
