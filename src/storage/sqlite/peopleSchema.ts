/**
 * Migration: groups, what provisioning clients call people, the audit, and the orders in which users are found.
 *
 * Memberships and external ids of a user stay when the user goes, unseen, and are there again when an undo brings the user back; ids
 * are never given to anybody else.
 */
export const peopleMigration = `
  CREATE INDEX users_by_name ON users (displayName COLLATE NOCASE, id);
  CREATE INDEX users_by_mail ON users (mail COLLATE NOCASE, id);

  CREATE TABLE groups (
    id TEXT NOT NULL PRIMARY KEY,
    displayName TEXT NOT NULL COLLATE NOCASE UNIQUE,
    description TEXT,
    createdDateTime INTEGER NOT NULL,
    lastModifiedDateTime INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE group_members (
    groupId TEXT NOT NULL,
    userId TEXT NOT NULL,
    PRIMARY KEY (groupId, userId)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX group_members_by_user ON group_members (userId, groupId);
  CREATE TRIGGER groups_forget_members AFTER DELETE ON groups
    BEGIN DELETE FROM group_members WHERE groupId = OLD.id; END;

  CREATE TABLE external_ids (
    client TEXT NOT NULL,
    kind TEXT NOT NULL,
    externalId TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (client, kind, externalId)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX external_ids_by_record ON external_ids (client, kind, id);

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    door TEXT NOT NULL,
    action TEXT NOT NULL,
    targetKind TEXT NOT NULL,
    targetId TEXT NOT NULL,
    targetName TEXT NOT NULL,
    before TEXT CHECK (before IS NULL OR json_valid(before)),
    after TEXT CHECK (after IS NULL OR json_valid(after)),
    undoes INTEGER
  ) STRICT;
  CREATE INDEX audit_by_target ON audit (targetId, id);
  CREATE INDEX audit_by_undone ON audit (undoes) WHERE undoes IS NOT NULL;
  CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
  CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
`

/** Migration: REPLACE takes a record's place without firing the trigger of its deletion (SQLite, `recursive_triggers`). */
export const auditMigration = `
  CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
`

/** Its tables, for the check at opening. */
export const peopleTables = ['groups', 'group_members', 'external_ids', 'audit'] as const
