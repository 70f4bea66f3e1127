import type { ImportStore, Origin } from '../../directory/imports.ts'
import { originsByProperty } from '../../directory/origins.ts'
import type { User } from '../../directory/types.ts'
import { recordCodec } from './importApply.ts'
import { importChanges } from './importChanges.ts'
import { importStage } from './importStage.ts'
import { undoImport } from './importUndo.ts'
import type { Connection } from './open.ts'
import { patiently } from './patience.ts'

export interface SqliteImports {
  readonly store: ImportStore
  originOf(userId: string, property: keyof User & string): Promise<Origin | null>
  /** Ends the imports that still run, with nothing kept. */
  abandon(): void
}

/** The imports of the directory on one connection; each that runs has another of its own. */
export function sqliteImports(
  main: Connection,
  keyOf: (userPrincipalName: string) => string,
): SqliteImports {
  const { db } = main
  const running = new Set<Connection>()
  const all = db.prepare(`SELECT ${recordCodec.list} FROM imports ORDER BY id DESC`)
  const columns = 'i.id AS importId, i.file, i.at'
  const ofCreation = db.prepare(
    `SELECT ${columns}, u.importLine AS line FROM users u JOIN imports i ON i.id = u.importId
     WHERE u.id = ?`,
  )
  const ofValues = db.prepare(
    `SELECT o.property, ${columns}, o.line FROM value_origins o LEFT JOIN imports i ON i.id = o.importId
     WHERE o.userId = ?`,
  )

  /** What an import gave the user at the start, and what has changed since. */
  function origins(userId: string) {
    const creation = (ofCreation.get(userId) as Origin | undefined) ?? null
    const since = new Map<string, Origin | null>()
    for (const row of ofValues.all(userId)) {
      const { property, ...origin } = row as Origin & { property: string }
      since.set(property, origin.importId === null ? null : origin)
    }
    return { creation, since }
  }

  return {
    store: {
      imports: () => patiently(main, () => all.all().map((row) => recordCodec.record(row))),
      origins: (userId) =>
        patiently(main, () => {
          const { creation, since } = origins(userId)
          return originsByProperty(creation, since)
        }),
      async stage() {
        const { own, stage } = importStage(main, keyOf, (closed) => running.delete(closed))
        running.add(own)
        return stage
      },
      undo: (id, by) => undoImport(main, id, by),
      changes: (id) => importChanges(main, id),
    },
    originOf: (userId, property) =>
      patiently(main, () => {
        const { creation, since } = origins(userId)
        return originsByProperty(creation, since).get(property) ?? null
      }),
    abandon() {
      for (const own of running) own.db.close()
    },
  }
}
