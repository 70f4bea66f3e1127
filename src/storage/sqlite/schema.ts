import type Database from 'better-sqlite3'
import type { Instant } from '../../lib/clock.ts'
import { credentialMigration, credentialTables } from './credentialSchema.ts'
import { domainMigration, domainTables } from './domainSchema.ts'
import { importMigration, importTables } from './importSchema.ts'
import { apiKeyMigration, grantsMigration, oidcSchema } from './oidcSchema.ts'
import { auditMigration, peopleMigration, peopleTables } from './peopleSchema.ts'

/** Marks the file as ours (https://sqlite.org/pragma.html#pragma_application_id): `HRLM` in ASCII. */
export const applicationId = 0x48524c4d

/** Every table, for the check at opening. */
export const tables: readonly string[] = [
  'migrations',
  'tenant',
  'federations',
  'domains',
  'users',
  'pending_requests',
  'used_assertions',
  'sessions',
  'traces',
  'apps',
  'signing_keys',
  'provider_records',
  ...credentialTables,
  ...importTables,
  ...domainTables,
  ...peopleTables,
]

/**
 * The schema's history. Migration n brings a database from version n - 1 to n, and the version stands in `user_version`. What
 * was released is never edited; a change is a new entry at the end.
 *
 * Columns are named as the properties of the types they keep; instants are milliseconds since 1970, booleans 0 or 1.
 * `userPrincipalNameKey` is the form in which UPNs are compared, and `domain` its part after the `@`.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE migrations (
    version INTEGER PRIMARY KEY,
    appliedAt INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE tenant (
    singleton INTEGER PRIMARY KEY DEFAULT 1 CHECK (singleton = 1),
    id TEXT NOT NULL,
    displayName TEXT NOT NULL
  ) STRICT;

  CREATE TABLE federations (
    id TEXT NOT NULL PRIMARY KEY,
    displayName TEXT NOT NULL,
    issuerUri TEXT NOT NULL COLLATE BINARY UNIQUE,
    passiveSignInUri TEXT NOT NULL,
    signOutUri TEXT,
    metadataExchangeUri TEXT,
    signingCertificate TEXT NOT NULL,
    nextSigningCertificate TEXT,
    formerSigningCertificates TEXT NOT NULL CHECK (json_valid(formerSigningCertificates)),
    isSignedAuthenticationRequestRequired INTEGER NOT NULL,
    federatedIdpMfaBehavior TEXT NOT NULL,
    requestBinding TEXT NOT NULL,
    nameIdFormats TEXT NOT NULL CHECK (json_valid(nameIdFormats)),
    allowUnsolicited INTEGER NOT NULL,
    requireIdpEmailMatch INTEGER NOT NULL,
    allowSha1Signatures INTEGER NOT NULL,
    allowInclusiveCanonicalization INTEGER NOT NULL,
    requireSignedResponse INTEGER NOT NULL,
    requireEncryptedAssertion INTEGER NOT NULL,
    allowCbcEncryption INTEGER NOT NULL,
    expiredCertificates TEXT NOT NULL,
    isEnabled INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE domains (
    id TEXT NOT NULL PRIMARY KEY,
    authenticationType TEXT NOT NULL,
    isVerified INTEGER NOT NULL,
    isDefault INTEGER NOT NULL,
    federationId TEXT REFERENCES federations (id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX domains_by_federation ON domains (federationId);

  CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    userPrincipalName TEXT NOT NULL,
    onPremisesImmutableId TEXT COLLATE BINARY UNIQUE,
    accountEnabled INTEGER NOT NULL,
    displayName TEXT NOT NULL,
    mailNickname TEXT NOT NULL,
    mail TEXT,
    givenName TEXT,
    surname TEXT,
    jobTitle TEXT,
    department TEXT,
    officeLocation TEXT,
    mobilePhone TEXT,
    usageLocation TEXT,
    createdDateTime INTEGER NOT NULL,
    lastModifiedDateTime INTEGER NOT NULL,
    userPrincipalNameKey TEXT NOT NULL COLLATE BINARY UNIQUE,
    domain TEXT NOT NULL
  ) STRICT;
  CREATE INDEX users_by_domain ON users (domain, userPrincipalNameKey);

  CREATE TABLE pending_requests (
    id TEXT NOT NULL PRIMARY KEY,
    federationId TEXT NOT NULL,
    loginHint TEXT,
    browser TEXT NOT NULL,
    returnTo TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    expiresAt INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX pending_requests_by_expiry ON pending_requests (expiresAt);

  CREATE TABLE used_assertions (
    federationId TEXT NOT NULL,
    assertionId TEXT NOT NULL,
    rememberUntil INTEGER NOT NULL,
    PRIMARY KEY (federationId, assertionId)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX used_assertions_by_expiry ON used_assertions (rememberUntil);

  CREATE TABLE sessions (
    key TEXT NOT NULL PRIMARY KEY,
    userId TEXT NOT NULL,
    federationId TEXT NOT NULL,
    nameId TEXT NOT NULL,
    nameIdFormat TEXT,
    sessionIndex TEXT,
    authnContextClassRef TEXT,
    authenticatedAt INTEGER NOT NULL,
    createdAt INTEGER NOT NULL,
    expiresAt INTEGER NOT NULL,
    claims TEXT NOT NULL CHECK (json_valid(claims)),
    requestId TEXT NOT NULL
  ) STRICT;
  CREATE INDEX sessions_by_expiry ON sessions (expiresAt);

  CREATE TABLE traces (
    requestId TEXT NOT NULL PRIMARY KEY,
    correlationId TEXT NOT NULL,
    at INTEGER NOT NULL,
    expiresAt INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    aadsts INTEGER,
    userPrincipalName TEXT,
    federationId TEXT,
    trace TEXT NOT NULL CHECK (json_valid(trace))
  ) STRICT;
  CREATE INDEX traces_by_expiry ON traces (expiresAt);
  `,
  oidcSchema,
  credentialMigration,
  `
  ALTER TABLE federations ADD COLUMN groupsAttribute TEXT;
  UPDATE apps SET app = json_set(app, '$.requireMfa', json('false'));
  `,
  grantsMigration,
  importMigration,
  domainMigration,
  peopleMigration,
  apiKeyMigration,
  'DROP INDEX IF EXISTS provider_records_by_client;',
  auditMigration,
]

/** The version this program reads and writes. */
export const schemaVersion = migrations.length

/** The version a database is at; 0 when it is new. */
export function versionOf(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }))
}

/**
 * Brings the database to `schemaVersion`, one transaction a migration. Of several processes that start at once the first
 * applies it; the others wait for its lock, read the version again and find nothing left to do.
 */
export function migrate(db: Database.Database, now: Instant): void {
  const applyNext = db.transaction(() => {
    const version = versionOf(db)
    const migration = migrations[version]
    if (migration === undefined) return false
    if (version === 0) db.pragma(`application_id = ${applicationId}`)
    db.exec(migration)
    db.pragma(`user_version = ${version + 1}`)
    db.prepare('INSERT INTO migrations (version, appliedAt) VALUES (?, ?)').run(version + 1, now)
    return true
  })
  if (versionOf(db) >= schemaVersion) return
  while (applyNext.immediate()) {
    // Each turn applies one migration.
  }
}
