/**
 * Migration: who vouches for a domain, the history of domains and federations with what was before each change, and how many sign-ins
 * there were by domain, federation, certificate and day.
 */
export const domainMigration = `
  CREATE TABLE domain_ownership (
    domain TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    proof TEXT,
    verifiedAt INTEGER,
    verifiedBy TEXT,
    isRoot INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE domain_changes (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    domains TEXT NOT NULL CHECK (json_valid(domains)),
    before TEXT NOT NULL CHECK (json_valid(before)),
    after TEXT NOT NULL CHECK (json_valid(after)),
    undoneBy INTEGER
  ) STRICT;

  CREATE TABLE signin_counts (
    day INTEGER NOT NULL,
    domain TEXT NOT NULL,
    federationId TEXT NOT NULL,
    thumbprint TEXT NOT NULL,
    count INTEGER NOT NULL,
    lastAt INTEGER NOT NULL,
    PRIMARY KEY (day, domain, federationId, thumbprint)
  ) STRICT, WITHOUT ROWID;
`

/** Its tables, for the check at opening. */
export const domainTables = ['domain_ownership', 'domain_changes', 'signin_counts'] as const
