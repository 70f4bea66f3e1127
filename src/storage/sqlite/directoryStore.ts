import type { DirectoryStore } from '../../directory/ports.ts'
import type { Tenant } from '../../directory/types.ts'
import { noTenant } from '../databaseError.ts'
import { sqliteAudit } from './auditStore.ts'
import { sqliteDomainRecords } from './domainStore.ts'
import { federationTables } from './federationTables.ts'
import { findIn } from './findRecords.ts'
import { foundUsers } from './foundUsers.ts'
import { sqliteExternalIds, sqliteGroups } from './groupStore.ts'
import { sqliteImports } from './importStore.ts'
import type { Connection } from './open.ts'
import { patiently } from './patience.ts'
import { userRows, userTable } from './userTable.ts'

/** How many users are read at once when all are listed. */
const pageSize = 1000

export interface DirectoryOptions {
  readonly keyOf: (userPrincipalName: string) => string
  /** How `transaction` is run on this store. */
  readonly transaction: DirectoryStore['transaction']
}

/** A directory store, and the way to write its tenant at the first start. */
export type SqliteDirectory = DirectoryStore & {
  ensureTenant(tenant: Tenant): Promise<Tenant>
  /** Ends the imports that still run, with nothing kept. */
  abandonImports(): void
}

/** The directory on one connection. Everything waits for locks between attempts, never inside SQLite. */
export function sqliteDirectory(
  connection: Connection,
  { keyOf, transaction }: DirectoryOptions,
): SqliteDirectory {
  const tables = federationTables(connection.db)
  const users = userTable(connection.db, keyOf)
  const imports = sqliteImports(connection, keyOf)
  const run = <T>(work: () => T): Promise<T> => patiently(connection, work)

  function tenant(): Tenant {
    const stored = tables.tenant()
    if (stored === null) throw noTenant(connection.file)
    return stored
  }

  return {
    tenant: () => run(tenant),
    ensureTenant: (wanted) =>
      run(() => {
        if (tables.tenant() === null) tables.addTenant(wanted)
        return tenant()
      }),
    domain: (id) => run(() => tables.domain(id)),
    domains: () => run(() => tables.domains()),
    domainsOf: (federationId) => run(() => tables.domainsOf(federationId)),
    putDomain: (domain) => run(() => tables.putDomain(domain)),
    federation: (id) => run(() => tables.federation(id)),
    federationByIssuer: (issuerUri) => run(() => tables.federationByIssuer(issuerUri)),
    federations: () => run(() => tables.federations()),
    putFederation: (federation) => run(() => tables.putFederation(federation)),
    deleteFederation: (id) => run(() => tables.deleteFederation(id)),
    user: (id) => run(() => users.byId(id)),
    originOf: imports.originOf,
    userByImmutableId: (value) => run(() => users.byImmutableId(value)),
    userByPrincipalName: (upn) => run(() => users.byPrincipalName(upn)),
    countUsers: (filter) => run(() => users.count(filter ?? {})),
    writeUsers: (changes) => run(() => users.write(changes)),
    transaction,
    imports: imports.store,
    domainRecords: sqliteDomainRecords(connection),
    foundUsers: findIn(connection.db, foundUsers(keyOf), run),
    groups: sqliteGroups(connection, userRows),
    externalIds: sqliteExternalIds(connection),
    audit: sqliteAudit(connection),
    abandonImports: imports.abandon,

    /**
     * Reads page by page, each after the last UPN of the one before, so that writes can go on meanwhile. Inside a transaction
     * all pages show the same state; outside, a user that is there throughout comes exactly once.
     */
    async *users(filter) {
      let after: string | null = null
      for (;;) {
        const page = await run(() => users.page(filter?.domain ?? null, after, pageSize))
        yield* page
        const last = page.at(-1)
        if (last === undefined || page.length < pageSize) return
        after = last.userPrincipalName
      }
    },
  }
}
