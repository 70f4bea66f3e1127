import type Database from 'better-sqlite3'
import { federationInUse, unknownFederation } from '../../directory/errors.ts'
import type { Domain, Federation, Tenant } from '../../directory/types.ts'
import { isStorable, mustBeStorable } from '../text.ts'
import { type Columns, rowCodec, upsert } from './columns.ts'
import { brokeReference, keepingUnique } from './constraints.ts'

const domainColumns: Columns<Domain> = {
  id: 'plain',
  authenticationType: 'plain',
  isVerified: 'flag',
  isDefault: 'flag',
  federationId: 'plain',
}
const federationColumns: Columns<Federation> = {
  id: 'plain',
  displayName: 'plain',
  issuerUri: 'plain',
  passiveSignInUri: 'plain',
  signOutUri: 'plain',
  metadataExchangeUri: 'plain',
  signingCertificate: 'plain',
  nextSigningCertificate: 'plain',
  formerSigningCertificates: 'json',
  isSignedAuthenticationRequestRequired: 'flag',
  federatedIdpMfaBehavior: 'plain',
  requestBinding: 'plain',
  nameIdFormats: 'json',
  allowUnsolicited: 'flag',
  requireIdpEmailMatch: 'flag',
  allowSha1Signatures: 'flag',
  allowInclusiveCanonicalization: 'flag',
  requireSignedResponse: 'flag',
  requireEncryptedAssertion: 'flag',
  allowCbcEncryption: 'flag',
  expiredCertificates: 'plain',
  groupsAttribute: 'plain',
  isEnabled: 'flag',
}
const domainCodec = rowCodec(domainColumns)
const federationCodec = rowCodec(federationColumns)

export interface FederationTables {
  tenant(): Tenant | null
  /** Keeps the one that is there. */
  addTenant(tenant: Tenant): void
  domain(id: string): Domain | null
  domains(): Domain[]
  domainsOf(federationId: string): Domain[]
  /** Throws `ReferenceViolation` when there is no such federation. */
  putDomain(domain: Domain): void
  federation(id: string): Federation | null
  federationByIssuer(issuerUri: string): Federation | null
  federations(): Federation[]
  /** Throws `UniqueViolation` when another federation has the same issuerUri. */
  putFederation(federation: Federation): void
  /** Throws `ReferenceViolation` while a domain is served by it. One that is not there is gone already. */
  deleteFederation(id: string): void
}

/** The tables `tenant`, `domains` and `federations`; their statements are prepared once. */
export function federationTables(db: Database.Database): FederationTables {
  const selectDomain = `SELECT ${domainCodec.list} FROM domains`
  const selectFederation = `SELECT ${federationCodec.list} FROM federations`
  const tenant = db.prepare<[], Tenant>('SELECT id, displayName FROM tenant')
  const addTenant = db.prepare(
    'INSERT INTO tenant (id, displayName) VALUES (?, ?) ON CONFLICT (singleton) DO NOTHING',
  )
  const domain = db.prepare(`${selectDomain} WHERE id = ?`)
  const domains = db.prepare(`${selectDomain} ORDER BY id`)
  const domainsOf = db.prepare(`${selectDomain} WHERE federationId = ? ORDER BY id`)
  const putDomain = upsert(db, 'domains', domainCodec)
  const federation = db.prepare(`${selectFederation} WHERE id = ?`)
  const federationByIssuer = db.prepare(`${selectFederation} WHERE issuerUri = ?`)
  const federations = db.prepare(`${selectFederation} ORDER BY displayName, id`)
  const putFederation = upsert(db, 'federations', federationCodec)
  const deleteFederation = db.prepare('DELETE FROM federations WHERE id = ?')

  const asDomain = (row: unknown) => domainCodec.record(row)
  const asFederation = (row: unknown) => federationCodec.record(row)
  const orNull = <T>(row: unknown, read: (row: unknown) => T): T | null =>
    row === undefined ? null : read(row)

  return {
    tenant: () => tenant.get() ?? null,
    addTenant: ({ id, displayName }) => void addTenant.run(id, displayName),
    domain: (id) => (isStorable(id) ? orNull(domain.get(id), asDomain) : null),
    domains: () => domains.all().map(asDomain),
    domainsOf: (federationId) => domainsOf.all(federationId).map(asDomain),
    putDomain(record) {
      mustBeStorable('domain', record.id)
      try {
        putDomain.run(domainCodec.values(record))
      } catch (error) {
        if (!brokeReference(error)) throw error
        throw unknownFederation(record.id, record.federationId ?? '')
      }
    },
    federation: (id) => orNull(federation.get(id), asFederation),
    federationByIssuer: (issuerUri) =>
      isStorable(issuerUri) ? orNull(federationByIssuer.get(issuerUri), asFederation) : null,
    federations: () => federations.all().map(asFederation),
    putFederation(record) {
      mustBeStorable('issuerUri', record.issuerUri)
      keepingUnique(record.displayName, () => putFederation.run(federationCodec.values(record)))
    },
    deleteFederation(id) {
      try {
        deleteFederation.run(id)
      } catch (error) {
        if (!brokeReference(error)) throw error
        throw federationInUse(id)
      }
    },
  }
}
