import type Database from 'better-sqlite3'

/** How a property is kept: as it is, a boolean as 0 or 1, or anything else as JSON text. */
export type ColumnKind = 'plain' | 'flag' | 'json'

export type SqlValue = string | number | null

/** One column for each property of `T`, under the property's own name. */
export type Columns<T> = { readonly [K in keyof Required<T>]: ColumnKind }

/** Goes between records and rows of one table; made from the table's column list, which the compiler holds against the type. */
export interface RowCodec<T> {
  readonly names: readonly string[]
  /** The column names with commas, for SELECT and INSERT. */
  readonly list: string
  /** `?` for each column. */
  readonly placeholders: string
  /** The record's values in the order of `names`. */
  values(record: T): SqlValue[]
  record(row: unknown): T
}

export function rowCodec<T extends object>(columns: Columns<T>): RowCodec<T> {
  const entries = Object.entries(columns) as [keyof T & string, ColumnKind][]
  const names = entries.map(([name]) => name)
  const converted = entries.filter(([, kind]) => kind !== 'plain')
  return {
    names,
    list: names.join(', '),
    placeholders: names.map(() => '?').join(', '),
    values: (record) => entries.map(([name, kind]) => toSql(record[name], kind)),
    record: (row) => {
      const record = { ...(row as Record<string, unknown>) }
      for (const [name, kind] of converted) record[name] = fromSql(record[name], kind)
      return record as T
    },
  }
}

/** The statement that writes a record, new or in place of the one with the same key, which is the codec's first column. */
export function upsert<T>(
  db: Database.Database,
  table: string,
  { names, list, placeholders }: RowCodec<T>,
): Database.Statement {
  const [key, ...others] = names
  const overwrite = others.map((name) => `${name} = excluded.${name}`).join(', ')
  return db.prepare(
    `INSERT INTO ${table} (${list}) VALUES (${placeholders})
     ON CONFLICT (${key}) DO UPDATE SET ${overwrite}`,
  )
}

function toSql(value: unknown, kind: ColumnKind): SqlValue {
  if (kind === 'flag') return value ? 1 : 0
  if (kind === 'json') return JSON.stringify(value)
  return value as SqlValue
}

function fromSql(value: unknown, kind: ColumnKind): unknown {
  return kind === 'flag' ? value === 1 : JSON.parse(String(value))
}
