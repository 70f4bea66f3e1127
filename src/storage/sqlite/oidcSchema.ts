/** The migration that brings the OpenID provider: apps, its keys, and its records. */
export const oidcSchema = `
  CREATE TABLE apps (
    id TEXT NOT NULL PRIMARY KEY,
    identifierUri TEXT COLLATE BINARY UNIQUE,
    displayName TEXT NOT NULL,
    app TEXT NOT NULL CHECK (json_valid(app))
  ) STRICT;

  CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    alg TEXT NOT NULL,
    publicJwk TEXT NOT NULL CHECK (json_valid(publicJwk)),
    sealedPrivateJwk TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    signsFrom INTEGER NOT NULL,
    retiresAt INTEGER
  ) STRICT;

  CREATE TABLE provider_records (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    payload TEXT NOT NULL,
    grantId TEXT,
    userCode TEXT,
    clientId TEXT,
    expiresAt INTEGER NOT NULL,
    consumedAt INTEGER,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX provider_records_by_grant ON provider_records (grantId) WHERE grantId IS NOT NULL;
  CREATE INDEX provider_records_by_user_code ON provider_records (userCode)
    WHERE userCode IS NOT NULL;
  CREATE INDEX provider_records_by_client ON provider_records (clientId)
    WHERE clientId IS NOT NULL;
  CREATE INDEX provider_records_by_expiry ON provider_records (expiresAt);
  `

/**
 * Grants name the app that the API is, beside its identifier; those whose API is not there grant nothing any more. Scopes are granted
 * from now on. Records that strangers make say whose they are, so that they can be bounded.
 */
export const grantsMigration = `
  UPDATE apps SET app = json_set(app,
    '$.grantedScopes', json('[]'),
    '$.grantedRoles', json((
      SELECT json_group_array(json_object(
        'api', granted.value ->> 'api', 'apiId', apis.id, 'role', granted.value ->> 'role'))
      FROM json_each(apps.app, '$.grantedRoles') AS granted
      JOIN apps AS apis ON apis.identifierUri = granted.value ->> 'api'
    )));

  ALTER TABLE provider_records ADD COLUMN owner TEXT;
  CREATE INDEX provider_records_by_owner ON provider_records (kind, owner, expiresAt)
    WHERE owner IS NOT NULL;
  `

/** Apps may have API keys, and be clients that provision by SCIM; those that are there have no key and are none. */
export const apiKeyMigration = `
  UPDATE apps SET app = json_set(app, '$.apiKeys', json('[]'), '$.scim', json('null'));
  `
