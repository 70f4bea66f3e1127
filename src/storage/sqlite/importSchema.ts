/**
 * Migration: imports of users, and where values came from. A user that an import made carries import and line itself, so that a
 * million of them cost no second table; `value_origins` has what was set since, by an import or (null) through another door.
 */
export const importMigration = `
  CREATE TABLE imports (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    file TEXT NOT NULL,
    digest TEXT NOT NULL,
    matchOn TEXT NOT NULL,
    deletedMissingOf TEXT,
    createdCount INTEGER NOT NULL,
    changedCount INTEGER NOT NULL,
    deletedCount INTEGER NOT NULL,
    unchangedCount INTEGER NOT NULL,
    rejectedCount INTEGER NOT NULL,
    undoneAt INTEGER,
    undoneBy TEXT
  ) STRICT;

  ALTER TABLE users ADD COLUMN importId INTEGER;
  ALTER TABLE users ADD COLUMN importLine INTEGER;

  CREATE TABLE value_origins (
    userId TEXT NOT NULL,
    property TEXT NOT NULL,
    importId INTEGER,
    line INTEGER,
    PRIMARY KEY (userId, property)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE import_changes (
    importId INTEGER NOT NULL,
    userId TEXT NOT NULL,
    line INTEGER,
    before TEXT NOT NULL CHECK (json_valid(before)),
    origins TEXT NOT NULL CHECK (json_valid(origins)),
    lastModifiedDateTime INTEGER,
    PRIMARY KEY (importId, userId)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX import_changes_by_user ON import_changes (userId, importId);

  CREATE TRIGGER users_forget_origins AFTER DELETE ON users
    BEGIN DELETE FROM value_origins WHERE userId = OLD.id; END;
`

/** Its tables, for the check at opening. */
export const importTables = ['imports', 'value_origins', 'import_changes'] as const
