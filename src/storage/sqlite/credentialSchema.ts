/**
 * Migration 3: passwords, second factors, what is counted against guessing, and sign-ins between their steps; a session that
 * says how it was opened, and need not have a federation; a request that says what it is for.
 */
export const credentialMigration = `
  CREATE TABLE credentials (
    userId TEXT NOT NULL PRIMARY KEY,
    passwordHash TEXT,
    passwordSetAt INTEGER,
    mustChangePassword INTEGER NOT NULL,
    totpSecret TEXT,
    totpEnabledAt INTEGER,
    totpLastStep INTEGER,
    recoveryCodes TEXT NOT NULL CHECK (json_valid(recoveryCodes)),
    requireMfa INTEGER NOT NULL,
    isBreakGlass INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX credentials_with_totp ON credentials (userId) WHERE totpSecret IS NOT NULL;
  CREATE INDEX credentials_break_glass ON credentials (userId) WHERE isBreakGlass = 1;

  CREATE TABLE attempts (
    key TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    lockedUntil INTEGER NOT NULL,
    expiresAt INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX attempts_by_expiry ON attempts (expiresAt);

  CREATE TABLE familiar_browsers (
    userId TEXT NOT NULL,
    browser TEXT NOT NULL,
    expiresAt INTEGER NOT NULL,
    PRIMARY KEY (userId, browser)
  ) STRICT;
  CREATE INDEX familiar_browsers_by_expiry ON familiar_browsers (expiresAt);

  CREATE TABLE pending_steps (
    key TEXT NOT NULL PRIMARY KEY,
    wants TEXT NOT NULL,
    session TEXT NOT NULL CHECK (json_valid(session)),
    provenBy TEXT,
    stepsUp TEXT,
    requiresMfa INTEGER NOT NULL,
    totpSecret TEXT,
    returnTo TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    expiresAt INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX pending_steps_by_expiry ON pending_steps (expiresAt);

  CREATE TABLE pending_logouts (
    id TEXT NOT NULL PRIMARY KEY,
    federationId TEXT NOT NULL,
    returnTo TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    expiresAt INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX pending_logouts_by_expiry ON pending_logouts (expiresAt);

  ALTER TABLE pending_requests ADD COLUMN requiresMfa INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE pending_requests ADD COLUMN askedForMfa INTEGER NOT NULL DEFAULT 0;

  ALTER TABLE sessions RENAME TO sessions_before;
  DROP INDEX sessions_by_expiry;
  CREATE TABLE sessions (
    key TEXT NOT NULL PRIMARY KEY,
    userId TEXT NOT NULL,
    method TEXT NOT NULL,
    amr TEXT NOT NULL CHECK (json_valid(amr)),
    federationId TEXT,
    nameId TEXT,
    nameIdFormat TEXT,
    sessionIndex TEXT,
    authnContextClassRef TEXT,
    authenticatedAt INTEGER NOT NULL,
    createdAt INTEGER NOT NULL,
    expiresAt INTEGER NOT NULL,
    claims TEXT NOT NULL CHECK (json_valid(claims)),
    requestId TEXT NOT NULL
  ) STRICT;
  INSERT INTO sessions
    SELECT key, userId, 'federated', '["fed"]', federationId, nameId, nameIdFormat, sessionIndex,
      authnContextClassRef, authenticatedAt, createdAt, expiresAt, claims, requestId
    FROM sessions_before;
  DROP TABLE sessions_before;
  CREATE INDEX sessions_by_expiry ON sessions (expiresAt);
  CREATE INDEX sessions_by_user ON sessions (userId);
  CREATE INDEX sessions_by_name_id ON sessions (federationId, nameId);
`

/** Its tables, for the check at opening. */
export const credentialTables = [
  'credentials',
  'attempts',
  'familiar_browsers',
  'pending_steps',
  'pending_logouts',
] as const
