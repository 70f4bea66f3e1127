import type { Instant } from '../../lib/clock.ts'
import type {
  Attempts,
  CredentialStores,
  Credentials,
  PendingStep,
} from '../../signin/password/ports.ts'
import { type Columns, rowCodec, upsert } from './columns.ts'
import { patiently } from './patience.ts'
import type { SigninFile } from './signinStore.ts'

const credentialColumns: Columns<Credentials> = {
  userId: 'plain',
  passwordHash: 'plain',
  passwordSetAt: 'plain',
  mustChangePassword: 'flag',
  totpSecret: 'plain',
  totpEnabledAt: 'plain',
  totpLastStep: 'plain',
  recoveryCodes: 'json',
  requireMfa: 'flag',
  isBreakGlass: 'flag',
}
const attemptColumns: Columns<Attempts & { readonly key: string }> = {
  key: 'plain',
  failures: 'plain',
  lockedUntil: 'plain',
  expiresAt: 'plain',
}
const stepColumns: Columns<PendingStep> = {
  key: 'plain',
  wants: 'plain',
  session: 'json',
  provenBy: 'plain',
  stepsUp: 'plain',
  requiresMfa: 'flag',
  totpSecret: 'plain',
  returnTo: 'plain',
  createdAt: 'plain',
  expiresAt: 'plain',
}

/** Passwords, second factors and what is counted against guessing. A step or a browser that is lost costs one more sign-in only. */
export function sqliteCredentials(file: SigninFile): CredentialStores {
  return {
    credentials: credentialTable(file),
    attempts: attemptTable(file),
    familiarBrowsers: browserTable(file),
    steps: stepTable(file),
  }
}

function credentialTable({ connection }: SigninFile): CredentialStores['credentials'] {
  const codec = rowCodec(credentialColumns)
  const { db } = connection
  const get = db.prepare(`SELECT ${codec.list} FROM credentials WHERE userId = ?`)
  const put = upsert(db, 'credentials', codec)
  const select = (condition: string) =>
    db.prepare(`SELECT ${codec.list} FROM credentials WHERE ${condition} ORDER BY userId`)
  const marked = {
    totp: select('totpSecret IS NOT NULL'),
    breakGlass: select('isBreakGlass = 1'),
  }
  const read = (userId: string): Credentials | null => {
    const row = get.get(userId)
    return row === undefined ? null : codec.record(row)
  }
  const change = db.transaction(
    (userId: string, change: (before: Credentials | null) => Credentials | null) => {
      const after = change(read(userId))
      if (after !== null) put.run(codec.values(after))
    },
  )
  return {
    credentials: (userId) => patiently(connection, () => read(userId)),
    changeCredentials: (userId, how) => patiently(connection, () => change.immediate(userId, how)),
    credentialsWith: (mark) =>
      patiently(connection, () => marked[mark].all().map((row) => codec.record(row))),
  }
}

function attemptTable({ connection }: SigninFile): CredentialStores['attempts'] {
  const codec = rowCodec(attemptColumns)
  const { db } = connection
  const get = db.prepare(`SELECT failures, lockedUntil, expiresAt FROM attempts WHERE key = ?`)
  const put = upsert(db, 'attempts', codec)
  const remove = db.prepare('DELETE FROM attempts WHERE key = ?')
  // `;` comes right after `:`, so that the range holds every key of the owner and no other.
  const removeAll = db.prepare<[string, string]>('DELETE FROM attempts WHERE key >= ? AND key < ?')
  const change = db.transaction(
    (key: string, change: (before: Attempts | null) => Attempts | null) => {
      const before = (get.get(key) as Attempts | undefined) ?? null
      const after = change(before)
      if (after === null) remove.run(key)
      else if (after !== before) put.run(codec.values({ key, ...after }))
      return after
    },
  )
  return {
    changeAttempts: (key, how) => patiently(connection, () => change.immediate(key, how)),
    forgetAttempts: (owner) =>
      patiently(connection, () => {
        removeAll.run(`${owner}:`, `${owner};`)
      }),
  }
}

function browserTable(file: SigninFile): CredentialStores['familiarBrowsers'] {
  const { connection, durably, quickly } = file
  const { db } = connection
  const get = db.prepare<[string, string, Instant]>(
    'SELECT 1 FROM familiar_browsers WHERE userId = ? AND browser = ? AND expiresAt > ?',
  )
  const put = db.prepare(
    `INSERT INTO familiar_browsers (userId, browser, expiresAt) VALUES (?, ?, ?)
     ON CONFLICT (userId, browser) DO UPDATE SET expiresAt = excluded.expiresAt`,
  )
  const forget = db.prepare('DELETE FROM familiar_browsers WHERE userId = ?')
  return {
    isFamiliar: (userId, browser, now) =>
      patiently(connection, () => get.get(userId, browser, now) !== undefined),
    rememberBrowser: (userId, browser, expiresAt) =>
      quickly(() => {
        put.run(userId, browser, expiresAt)
      }),
    forgetBrowsers: (userId) =>
      durably(() => {
        forget.run(userId)
      }),
  }
}

function stepTable({ connection, quickly }: SigninFile): CredentialStores['steps'] {
  const { db } = connection
  const codec = rowCodec(stepColumns)
  const put = upsert(db, 'pending_steps', codec)
  const where = 'WHERE key = ? AND expiresAt > ?'
  const get = db.prepare(`SELECT ${codec.list} FROM pending_steps ${where}`)
  const take = db.prepare(`DELETE FROM pending_steps ${where} RETURNING ${codec.list}`)
  const found = (row: unknown): PendingStep | null => (row === undefined ? null : codec.record(row))
  return {
    putStep: (step) =>
      quickly(() => {
        put.run(codec.values(step))
      }),
    step: (key, now) => patiently(connection, () => found(get.get(key, now))),
    takeStep: (key, now) => quickly(() => found(take.get(key, now))),
  }
}
