/**
 * The temporary tables of a comparison. `there` and `here` are the two sides in the order in which they came; `pairs` says who is who;
 * `plan` holds what is to be written here.
 */
export const comparisonTables = `
  CREATE TABLE there (
    number INTEGER PRIMARY KEY,
    place INTEGER NOT NULL,
    login TEXT NOT NULL,
    loginKey TEXT,
    email TEXT,
    emailKey TEXT,
    anchor TEXT,
    isEnabled INTEGER NOT NULL,
    firstName TEXT,
    lastName TEXT,
    problem TEXT
  ) STRICT;
  CREATE TABLE here (
    number INTEGER PRIMARY KEY,
    userPrincipalName TEXT NOT NULL,
    upnKey TEXT NOT NULL,
    onPremisesImmutableId TEXT,
    accountEnabled INTEGER NOT NULL,
    displayName TEXT NOT NULL,
    givenName TEXT,
    surname TEXT,
    mail TEXT,
    mailKey TEXT
  ) STRICT;
  CREATE TABLE pairs (
    thereNumber INTEGER PRIMARY KEY,
    hereNumber INTEGER NOT NULL,
    pairedBy TEXT NOT NULL
  ) STRICT;
  CREATE TABLE plan (
    number INTEGER PRIMARY KEY,
    hereNumber INTEGER,
    anchor TEXT NOT NULL
  ) STRICT;
`

/**
 * Every join is over keys that stand at most once on either side, so that no file, however made, costs more than its rows: a million rows
 * with one e-mail pair with nobody. Users here are read page by page while others may write, so that an ImmutableId that changes hands just
 * then can be seen twice: it is no reason to fail.
 */
export const pairing = `
  CREATE UNIQUE INDEX here_by_upn ON here (upnKey);
  CREATE INDEX here_by_anchor ON here (onPremisesImmutableId);
  CREATE INDEX there_by_login ON there (loginKey);
  CREATE INDEX there_by_anchor ON there (anchor);

  CREATE TABLE repeated_logins AS
    SELECT loginKey, min(number) AS firstNumber, count(*) AS count
    FROM there WHERE loginKey IS NOT NULL GROUP BY loginKey HAVING count(*) > 1;
  CREATE UNIQUE INDEX repeated_logins_by_key ON repeated_logins (loginKey);
  CREATE TABLE repeated_anchors AS
    SELECT anchor, min(number) AS firstNumber, count(*) AS count
    FROM there WHERE anchor IS NOT NULL GROUP BY anchor HAVING count(*) > 1;
  CREATE UNIQUE INDEX repeated_anchors_by_anchor ON repeated_anchors (anchor);

  INSERT OR IGNORE INTO pairs
    SELECT t.number, h.number, 'upn'
    FROM there t JOIN here h ON h.upnKey = t.loginKey
    LEFT JOIN repeated_logins r ON r.loginKey = t.loginKey
    WHERE r.firstNumber IS NULL OR r.firstNumber = t.number
    ORDER BY t.number;
  CREATE UNIQUE INDEX pairs_by_here ON pairs (hereNumber);

  CREATE TABLE lone_there AS
    SELECT t.number, t.loginKey, t.emailKey, t.anchor
    FROM there t LEFT JOIN pairs p ON p.thereNumber = t.number
    LEFT JOIN repeated_logins r ON r.loginKey = t.loginKey
    WHERE p.thereNumber IS NULL AND r.loginKey IS NULL AND t.problem IS NULL;
  CREATE TABLE lone_here AS
    SELECT h.number, h.upnKey, h.mailKey, h.onPremisesImmutableId AS anchor
    FROM here h LEFT JOIN pairs p ON p.hereNumber = h.number WHERE p.hereNumber IS NULL;

  CREATE TABLE emails_there AS
    SELECT emailKey AS key, min(number) AS number FROM lone_there
    WHERE emailKey IS NOT NULL GROUP BY emailKey HAVING count(*) = 1;
  CREATE TABLE mails_here AS
    SELECT mailKey AS key, min(number) AS number FROM lone_here
    WHERE mailKey IS NOT NULL GROUP BY mailKey HAVING count(*) = 1;
  CREATE UNIQUE INDEX mails_here_by_key ON mails_here (key);
  CREATE UNIQUE INDEX lone_here_by_upn ON lone_here (upnKey);

  CREATE TABLE candidates AS
    SELECT t.number AS thereNumber, h.number AS hereNumber
      FROM emails_there t JOIN lone_here h ON h.upnKey = t.key
    UNION SELECT t.number, h.number FROM emails_there t JOIN mails_here h ON h.key = t.key
    UNION SELECT t.number, h.number FROM lone_there t JOIN mails_here h ON h.key = t.loginKey;
  INSERT OR IGNORE INTO pairs
    SELECT thereNumber, hereNumber, 'email' FROM (
      SELECT thereNumber, hereNumber,
        count(*) OVER (PARTITION BY thereNumber) AS ofThere,
        count(*) OVER (PARTITION BY hereNumber) AS ofHere
      FROM candidates)
    WHERE ofThere = 1 AND ofHere = 1;

  INSERT OR IGNORE INTO pairs
    SELECT t.number, h.number, 'immutableId'
    FROM (
      SELECT anchor, min(number) AS number FROM lone_there
      WHERE anchor IS NOT NULL GROUP BY anchor HAVING count(*) = 1) t
    JOIN here h ON h.onPremisesImmutableId = t.anchor
    WHERE NOT EXISTS (SELECT 1 FROM pairs p WHERE p.thereNumber = t.number)
      AND NOT EXISTS (SELECT 1 FROM pairs p WHERE p.hereNumber = h.number);
`

/** A page of pairings: `?` is the number to begin after, and how many. */
export const selectPairings = `
  SELECT t.*, p.pairedBy, h.number AS hereNumber, h.userPrincipalName, h.onPremisesImmutableId,
    h.accountEnabled, h.displayName, h.givenName, h.surname, h.mail,
    rl.count AS loginCount,
    (SELECT place FROM there WHERE number = rl.firstNumber) AS loginPlace,
    ra.count AS anchorCount,
    (SELECT place FROM there WHERE number = ra.firstNumber) AS anchorPlace,
    holder.userPrincipalName AS holder,
    holder.number IS NOT NULL AND EXISTS (
      SELECT 1 FROM pairs q JOIN there o ON o.number = q.thereNumber
      WHERE q.hereNumber = holder.number AND o.anchor = h.onPremisesImmutableId) AS isSwap
  FROM there t
  LEFT JOIN pairs p ON p.thereNumber = t.number
  LEFT JOIN here h ON h.number = p.hereNumber
  LEFT JOIN repeated_logins rl ON rl.loginKey = t.loginKey
  LEFT JOIN repeated_anchors ra ON ra.anchor = t.anchor
  LEFT JOIN here holder
    ON holder.onPremisesImmutableId = t.anchor AND t.anchor IS NOT h.onPremisesImmutableId
  WHERE t.number > ? ORDER BY t.number LIMIT ?`

export const selectOnlyHere = `
  SELECT h.* FROM here h LEFT JOIN pairs p ON p.hereNumber = h.number
  WHERE p.hereNumber IS NULL AND h.number > ? ORDER BY h.number LIMIT ?`

export const insertPlan = `
  INSERT INTO plan
    SELECT t.number, p.hereNumber, t.anchor
    FROM there t LEFT JOIN pairs p ON p.thereNumber = t.number
    WHERE t.number = ? AND t.anchor IS NOT NULL`

/**
 * What falls: first who wants the ImmutableId of a user who keeps it, then who wants that of one who fell. Steps go by an index, so that a
 * chain of a million costs no more than its length.
 */
export const settling = `
  CREATE INDEX plan_by_here ON plan (hereNumber);
  CREATE INDEX plan_by_anchor ON plan (anchor);
  CREATE TABLE falling AS
    WITH RECURSIVE fallen (number, hereNumber) AS (
      SELECT p.number, p.hereNumber FROM plan p
        JOIN here h ON h.onPremisesImmutableId = p.anchor
        WHERE h.number IS NOT p.hereNumber
          AND NOT EXISTS (SELECT 1 FROM plan q WHERE q.hereNumber = h.number)
      UNION
      SELECT p.number, p.hereNumber FROM fallen f
        JOIN here h ON h.number = f.hereNumber
        JOIN plan p ON p.anchor = h.onPremisesImmutableId
        WHERE h.onPremisesImmutableId IS NOT NULL AND p.number <> f.number)
    SELECT number FROM fallen;
  DELETE FROM plan WHERE number IN (SELECT number FROM falling);
`

export const selectPlanned = `
  SELECT t.*, p.hereNumber, h.userPrincipalName, h.onPremisesImmutableId, h.accountEnabled,
    h.displayName, h.givenName, h.surname, h.mail,
    h.onPremisesImmutableId IS NOT NULL AND EXISTS (
      SELECT 1 FROM plan q WHERE q.anchor = h.onPremisesImmutableId AND q.number <> p.number)
      AS isWantedElsewhere
  FROM plan p JOIN there t ON t.number = p.number LEFT JOIN here h ON h.number = p.hereNumber
  WHERE p.number > ? ORDER BY p.number LIMIT ?`
