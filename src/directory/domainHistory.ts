import type { Act } from './audit.ts'
import { domainAudit } from './domainAudit.ts'
import type { DomainAction, DomainChange, DomainState } from './domainRecords.ts'
import type { DirectoryStore } from './ports.ts'

/** Everything that a change of domains and federations can touch. */
export async function domainState(store: DirectoryStore): Promise<DomainState> {
  return {
    domains: await store.domains(),
    federations: await store.federations(),
    ownerships: await store.domainRecords.ownerships(),
  }
}

/** The kinds of records in a state, and what each is found by. */
export const recordKinds = [
  ['domains', 'id'],
  ['federations', 'id'],
  ['ownerships', 'domain'],
] as const

type Named = { readonly [name: string]: unknown }

/** The records of one kind by what they are found by. */
export function byKey(
  state: DomainState,
  [kind, key]: (typeof recordKinds)[number],
): Map<string, Named> {
  return new Map(
    state[kind].map((record) => [String((record as unknown as Named)[key]), { ...record }]),
  )
}

/** Only the records of two states that differ: one that is missing in the first was made, in the second taken away. */
export function touchedRecords(
  before: DomainState,
  after: DomainState,
): { readonly before: DomainState; readonly after: DomainState } {
  const touched = { before: {}, after: {} } as Record<'before' | 'after', Record<string, Named[]>>
  for (const kind of recordKinds) {
    const [then, now] = [byKey(before, kind), byKey(after, kind)]
    const names = [...new Set([...then.keys(), ...now.keys()])].filter(
      (name) => JSON.stringify(then.get(name)) !== JSON.stringify(now.get(name)),
    )
    const pick = (from: Map<string, Named>) =>
      names.map((name) => from.get(name)).filter((record) => record !== undefined)
    touched.before[kind[0]] = pick(then)
    touched.after[kind[0]] = pick(now)
  }
  return touched as unknown as { before: DomainState; after: DomainState }
}

/** Whether anything differs. */
export function isEmptyState({ domains, federations, ownerships }: DomainState): boolean {
  return domains.length + federations.length + ownerships.length === 0
}

/** What came of work that was kept in the history: its own result, and the change; null when nothing was changed. */
export interface Recorded<T> {
  readonly result: T
  readonly change: DomainChange | null
}

/**
 * Does work on domains and federations in one transaction, keeps what was there before, and records it in the audit. `check` sees the change before it is kept, and
 * nothing of it is when it throws: that is how a change is first shown and then, unchanged, done.
 */
export function recorded<T>(
  store: DirectoryStore,
  action: DomainAction,
  { at, who, door }: Act,
  work: (tx: DirectoryStore) => Promise<T>,
  {
    check = () => {},
    undoes = null,
  }: {
    readonly check?: (outcome: Recorded<T>) => void
    /** The change that this one takes back. */
    readonly undoes?: number | null
  } = {},
): Promise<Recorded<T>> {
  return store.transaction(async (tx) => {
    const before = await domainState(tx)
    const result = await work(tx)
    const after = await domainState(tx)
    const touched = touchedRecords(before, after)
    if (isEmptyState(touched.before) && isEmptyState(touched.after)) {
      const nothing = { result, change: null }
      check(nothing)
      return nothing
    }
    const change = {
      at,
      who,
      action,
      domains: aboutDomains(touched, [before, after]),
      ...touched,
      undoneBy: null,
    }
    const id = await tx.domainRecords.addChange(change)
    const undone = undoes === null ? null : await auditOf(tx, undoes)
    await tx.audit.add({ door, ...domainAudit({ ...change, id }, undone) })
    if (undoes !== null) await markUndone(tx, undoes, id)
    const outcome = { result, change: { ...change, id } }
    check(outcome)
    return outcome
  })
}

/** The record of a change in the audit; null for one that is older than the audit. */
async function auditOf(tx: DirectoryStore, change: number): Promise<number | null> {
  const [about] = (await tx.domainRecords.change(change))?.domains ?? []
  if (about === undefined) return null
  for await (const { id, action, after } of tx.audit.records({ targetId: about })) {
    if (action === 'domainsChanged' && after?.change === change) return id
  }
  return null
}

/** A change that is taken back; when it took one back itself, that one stands again. */
async function markUndone(tx: DirectoryStore, undone: number, by: number): Promise<void> {
  await tx.domainRecords.markUndone(undone, by)
  const changes = await tx.domainRecords.changes()
  const again = changes.find(({ undoneBy }) => undoneBy === undone)
  if (again !== undefined) await tx.domainRecords.markUndone(again.id, null)
}

/** The domains that changed, and those that the changed federations serve or served. */
function aboutDomains(
  touched: { readonly before: DomainState; readonly after: DomainState },
  all: readonly DomainState[],
): readonly string[] {
  const changed = [touched.before, touched.after]
  const ids = new Set(changed.flatMap(({ federations }) => federations.map(({ id }) => id)))
  const served = all.flatMap(({ domains }) =>
    domains.filter(({ federationId }) => federationId !== null && ids.has(federationId)),
  )
  const names = changed.flatMap(({ domains, ownerships }) => [
    ...domains.map(({ id }) => id),
    ...ownerships.map(({ domain }) => domain),
  ])
  return [...new Set([...names, ...served.map(({ id }) => id)])].sort()
}

/** Ends a transaction that was only to be looked at. */
class Rehearsed extends Error {}

/** What the work would do; nothing of it is kept. Throws what the work throws. */
export async function rehearsed<T>(
  store: DirectoryStore,
  action: DomainAction,
  act: Act,
  work: (tx: DirectoryStore) => Promise<T>,
): Promise<Recorded<T>> {
  let seen: Recorded<T> | null = null
  try {
    const check = (outcome: Recorded<T>) => {
      seen = outcome
      throw new Rehearsed()
    }
    await recorded(store, action, act, work, { check })
  } catch (error) {
    if (!(error instanceof Rehearsed) || seen === null) throw error
    return seen
  }
  throw new Error('a rehearsal was kept')
}

/** Whether two changes would touch the same records in the same way. */
export function isSameChange(a: DomainChange | null, b: DomainChange | null): boolean {
  const content = (change: DomainChange | null) =>
    change && JSON.stringify([change.before, change.after].map(withoutIds))
  return content(a) === content(b)
}

/** A new federation has another id each time it is made. */
function withoutIds({ domains, federations, ownerships }: DomainState): unknown {
  const names = new Map(federations.map(({ id, issuerUri }) => [id, issuerUri]))
  return {
    domains: domains.map((each) => ({
      ...each,
      federationId: names.get(each.federationId ?? '') ?? each.federationId,
    })),
    federations: federations.map(({ id: _, ...each }) => each),
    ownerships,
  }
}
