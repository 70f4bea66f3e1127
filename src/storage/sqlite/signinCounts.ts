import type { CountedSignins, SigninCounts } from '../../signin/ports.ts'
import { type Columns, rowCodec } from './columns.ts'
import { patiently } from './patience.ts'
import type { SigninFile } from './signinStore.ts'

const columns: Columns<CountedSignins> = {
  day: 'plain',
  domain: 'plain',
  federationId: 'plain',
  thumbprint: 'plain',
  count: 'plain',
  lastAt: 'plain',
}

/** How many sign-ins there were. A few that a power failure loses do no harm. */
export function sqliteSigninCounts({ connection, quickly }: SigninFile): SigninCounts {
  const { db } = connection
  const codec = rowCodec(columns)
  const add = db.prepare(
    `INSERT INTO signin_counts (${codec.list}) VALUES (${codec.placeholders})
     ON CONFLICT (day, domain, federationId, thumbprint)
     DO UPDATE SET count = count + 1, lastAt = max(lastAt, excluded.lastAt)`,
  )
  const since = db.prepare(
    `SELECT ${codec.list} FROM signin_counts WHERE day >= ?
     ORDER BY day, domain, federationId, thumbprint`,
  )
  return {
    countSignin: (signin) =>
      quickly(() => {
        add.run(codec.values({ ...signin, count: 1 }))
      }),
    signinsSince: (day) =>
      patiently(connection, () => since.all(day).map((row) => codec.record(row))),
  }
}
