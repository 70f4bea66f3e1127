import type { DirectoryStore } from '../../directory/ports.ts'
import type { Domain, Federation, Tenant, User } from '../../directory/types.ts'
import { noTenant, transactionInTransaction } from '../databaseError.ts'
import { compareTexts, domainOfKey } from '../text.ts'
import { DirectoryRecords } from './directoryRecords.ts'
import { memoryDomainRecords } from './domainRecords.ts'
import { memoryImports } from './imports.ts'
import { memoryAudit, memoryExternalIds, memoryFoundUsers, memoryGroups } from './people.ts'

/** What a directory in memory begins with. */
export interface MemoryDirectoryContent {
  readonly tenant?: Tenant
  readonly federations?: readonly Federation[]
  readonly domains?: readonly Domain[]
  readonly users?: readonly User[]
  /** The form in which UPNs are compared (directory/upn.ts). */
  readonly principalNameKey: (userPrincipalName: string) => string
}

/** A directory store, and the way to write its tenant at the first start. */
export type MemoryDirectory = DirectoryStore & {
  ensureTenant(tenant: Tenant): Promise<Tenant>
}

/** Where a store finds its records; a write of several users, and a transaction, put others in their place when they are done. */
export interface Place {
  records: DirectoryRecords
}

/** Runs a write when it is its turn. */
export type Turn = <T>(work: () => T | Promise<T>) => Promise<T>

/**
 * A directory that lives in memory: for cases that are replayed, and for tests. Throws `UniqueViolation` or
 * `ReferenceViolation` when the content contradicts itself.
 */
export function memoryDirectory(content: MemoryDirectoryContent): MemoryDirectory {
  const records = new DirectoryRecords(content.principalNameKey)
  records.tenant = content.tenant ?? null
  for (const federation of content.federations ?? []) records.putFederation(federation)
  for (const domain of content.domains ?? []) records.putDomain(domain)
  records.writeUsers((content.users ?? []).map((user) => ({ kind: 'create', user })))

  const place: Place = { records }
  const inLine = writeLine()
  return storeOn(place, inLine, (work) =>
    inLine(async () => {
      const draft = closablePlace(place.records.copy())
      const atOnce: Turn = async (write) => write()
      const nested = () => Promise.reject(transactionInTransaction())
      try {
        const result = await work(storeOn(draft, atOnce, nested))
        place.records = draft.records
        return result
      } finally {
        draft.close()
      }
    }),
  )
}

/** Writes wait for the ones before them, as they do in a database. */
function writeLine(): Turn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }
}

/** The records of a transaction, out of reach once it has ended. */
function closablePlace(records: DirectoryRecords): Place & { close(): void } {
  let current: DirectoryRecords | null = records
  return {
    get records() {
      if (current === null) throw new Error('the transaction has ended: its store is closed')
      return current
    },
    set records(next) {
      current = next
    },
    close() {
      current = null
    },
  }
}

function storeOn(
  place: Place,
  turn: Turn,
  transaction: DirectoryStore['transaction'],
): MemoryDirectory {
  const tenant = (): Tenant => {
    if (place.records.tenant === null) throw noTenant('(memory)')
    return place.records.tenant
  }
  const listed = (domain: string | undefined): User[] =>
    [...place.records.userByKey]
      .filter(([key]) => domain === undefined || domainOfKey(key) === domain)
      .sort(([a], [b]) => compareTexts(a, b))
      .map(([, user]) => user)
  const imports = memoryImports(place, turn)
  const byId = (a: Domain, b: Domain) => compareTexts(a.id, b.id)
  const byName = (a: Federation, b: Federation) =>
    compareTexts(a.displayName, b.displayName) || compareTexts(a.id, b.id)

  return {
    tenant: async () => tenant(),
    ensureTenant: (wanted) =>
      turn(() => {
        place.records.tenant ??= wanted
        return tenant()
      }),
    domain: async (id) => place.records.domains.get(id) ?? null,
    domains: async () => [...place.records.domains.values()].sort(byId),
    domainsOf: async (federationId) =>
      [...place.records.domains.values()]
        .filter((domain) => domain.federationId === federationId)
        .sort(byId),
    putDomain: (domain) => turn(() => place.records.putDomain(domain)),
    federation: async (id) => place.records.federations.get(id) ?? null,
    federations: async () => [...place.records.federations.values()].sort(byName),
    federationByIssuer: async (issuerUri) =>
      [...place.records.federations.values()].find((f) => f.issuerUri === issuerUri) ?? null,
    putFederation: (federation) => turn(() => place.records.putFederation(federation)),
    deleteFederation: (id) => turn(() => place.records.deleteFederation(id)),
    user: async (id) => place.records.users.get(id) ?? null,
    originOf: async (id, property) => (await imports.origins(id)).get(property) ?? null,
    userByImmutableId: async (value) => place.records.userByImmutableId.get(value) ?? null,
    userByPrincipalName: async (upn) =>
      place.records.userByKey.get(place.records.keyOf(upn)) ?? null,
    countUsers: async (filter) =>
      listed(filter?.domain).filter(
        (user) => !filter?.withoutImmutableId || user.onPremisesImmutableId === null,
      ).length,
    writeUsers: (changes) =>
      turn(() => {
        const draft = place.records.copy()
        draft.writeUsers(changes)
        place.records = draft
      }),
    transaction,
    imports,
    domainRecords: memoryDomainRecords(place, turn),
    foundUsers: memoryFoundUsers(place),
    groups: memoryGroups(place, turn),
    externalIds: memoryExternalIds(place, turn),
    audit: memoryAudit(place, turn),
    async *users(filter) {
      yield* listed(filter?.domain)
    },
  }
}
