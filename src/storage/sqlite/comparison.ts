import Database from 'better-sqlite3'
import type {
  Comparison,
  PairedBy,
  Pairing,
  PersonHere,
  PersonThere,
  Repetition,
} from '../../directory/drift/ports.ts'
import {
  comparisonTables,
  insertPlan,
  pairing,
  selectOnlyHere,
  selectPairings,
  selectPlanned,
  settling,
} from './comparisonSchema.ts'
import { explaining } from './failures.ts'

/** How much of it may lie in memory, in kibibytes; the rest is on the disk. */
const cacheKibibytes = 64 * 1024
/** For messages: the database has no name. */
const name = 'the temporary file of the comparison'

/**
 * A comparison in a private temporary database: SQLite makes its file in the system's folder for those, readable by its owner only, and
 * unlinks it at once, so that nothing stays of it whatever happens (https://sqlite.org/inmemorydb.html#temp_db). `keyOf` gives the form in
 * which UPNs and e-mails are compared. Everything throws `DatabaseError` when the disk is full or fails.
 */
export function openComparison(keyOf: (name: string) => string): Comparison {
  const db = new Database('')
  // Nobody else sees it and nothing outlives it, so there is nothing to wait for.
  db.pragma('journal_mode = OFF')
  db.pragma('synchronous = OFF')
  db.pragma('locking_mode = EXCLUSIVE')
  db.pragma(`cache_size = -${cacheKibibytes}`)
  db.exec(comparisonTables)

  const insertThere = db.prepare('INSERT INTO there VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const insertHere = db.prepare('INSERT INTO here VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const keyOrNull = (text: string | null) => (text ? keyOf(text) : null)
  const run = <T>(work: () => T): T => explaining(name, work)
  /** Prepared when first asked for, since the tables of some come with `pair`. */
  const prepared = new Map<string, Database.Statement>()
  const statement = (sql: string): Database.Statement => {
    const known = prepared.get(sql) ?? db.prepare(sql)
    prepared.set(sql, known)
    return known
  }
  const page = (sql: string, after: number, limit: number): Row[] =>
    run(() => statement(sql).all(after, limit) as Row[])
  const together = <T>(each: (item: T) => void) =>
    db.transaction((items: readonly T[]) => {
      for (const item of items) each(item)
    })

  const addThere = together(({ place, login, email, anchor, ...rest }: PersonThere) => {
    insertThere.run(
      place,
      login,
      rest.problem === null ? keyOrNull(login) : null,
      email,
      rest.problem === null ? keyOrNull(email) : null,
      rest.problem === null ? anchor : null,
      rest.isEnabled ? 1 : 0,
      rest.firstName,
      rest.lastName,
      rest.problem,
    )
  })
  const addHere = together((user: PersonHere) => {
    insertHere.run(
      user.userPrincipalName,
      keyOf(user.userPrincipalName),
      user.onPremisesImmutableId,
      user.accountEnabled ? 1 : 0,
      user.displayName,
      user.givenName,
      user.surname,
      user.mail,
      keyOrNull(user.mail),
    )
  })
  const plan = together((number: number) => {
    statement(insertPlan).run(number)
  })

  return {
    addThere: (people) => run(() => addThere(people)),
    addHere: (users) => run(() => addHere(users)),
    pair: () => run(() => db.exec(pairing)),
    pairings: (after, limit) => page(selectPairings, after, limit).map(pairingOf),
    onlyHere: (after, limit) =>
      page(selectOnlyHere, after, limit).map((row) => ({
        number: Number(row.number),
        here: userOf(row),
      })),
    plan: (numbers) => run(() => plan(numbers)),
    settlePlan: () =>
      run(() => {
        db.exec(settling)
        return Number(db.prepare('SELECT count(*) FROM plan').pluck().get())
      }),
    planned: (after, limit) =>
      page(selectPlanned, after, limit).map((row) => ({
        number: Number(row.number),
        plan: {
          there: personOf(row),
          here: hereOf(row),
          isWantedElsewhere: row.isWantedElsewhere === 1,
        },
      })),
    close: () => void db.close(),
  }
}

type Row = Readonly<Record<string, string | number | null>>

function pairingOf(row: Row): Pairing {
  return {
    number: Number(row.number),
    there: personOf(row),
    here: hereOf(row),
    pairedBy: row.pairedBy as PairedBy | null,
    sameLogin: repetition(row.loginCount, row.loginPlace),
    sameAnchor: repetition(row.anchorCount, row.anchorPlace),
    holder:
      row.holder === null
        ? null
        : { userPrincipalName: String(row.holder), isSwap: row.isSwap === 1 },
  }
}

function repetition(count: unknown, firstPlace: unknown): Repetition | null {
  return count === null ? null : { count: Number(count), firstPlace: Number(firstPlace) }
}

function personOf(row: Row): PersonThere {
  const { place, login, email, anchor, isEnabled, firstName, lastName, problem } = row
  return {
    place,
    login,
    email,
    anchor,
    isEnabled: isEnabled === 1,
    firstName,
    lastName,
    problem,
  } as PersonThere
}

function hereOf(row: Row): PersonHere | null {
  return row.hereNumber === null ? null : userOf(row)
}

function userOf(row: Row): PersonHere {
  const { userPrincipalName, onPremisesImmutableId, displayName, givenName, surname, mail } = row
  const texts = { userPrincipalName, onPremisesImmutableId, displayName, givenName, surname, mail }
  return { ...texts, accountEnabled: row.accountEnabled === 1 } as PersonHere
}
