import { csvBytes } from '../../src/admin/csv/lines.ts'
import { compareDirectories, type DriftOptions } from '../../src/admin/drift/compare.ts'
import type { DriftReport } from '../../src/admin/drift/report.ts'
import { type DriftClass, driftClassNames } from '../../src/directory/drift/classes.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { openComparison } from '../../src/storage/sqlite/comparison.ts'
import { furnishedDirectory, importText, seededRandom } from '../csv/directoryForTests.ts'

export const hereHeadings = 'userPrincipalName,onPremisesImmutableId,mail,accountEnabled'
export const oktaHeadings = 'login,firstName,lastName,email,status,immutableId'

/** A directory with rows of `hereHeadings`; customer.com is federated, managed.example is not. */
export async function directoryOf(...rows: string[]): Promise<DirectoryStore> {
  const store = await furnishedDirectory()
  const report = await importText(store, `${[hereHeadings, ...rows].join('\n')}\n`)
  if (!report.isWritten) throw new Error(JSON.stringify(report.rejected))
  return store
}

/** Compares it with a text: `okta.csv` or whatever else. */
export async function drift(
  store: DirectoryStore,
  text: string | Uint8Array,
  options: Partial<DriftOptions> = {},
): Promise<DriftReport> {
  const comparison = openComparison(principalNameKey)
  try {
    const source = csvBytes('okta.csv', Buffer.from(text))
    const random = seededRandom()
    return await compareDirectories(store, source, comparison, { random, ...options })
  } finally {
    comparison.close()
  }
}

/** Rows of `oktaHeadings`, each given as login and ImmutableId. */
export function oktaFile(...people: (readonly [login: string, anchor: string])[]): string {
  const rows = people.map(([login, anchor]) => `${login},First,Last,${login},ACTIVE,${anchor}`)
  return `${[oktaHeadings, ...rows].join('\n')}\n`
}

/** The classes that somebody is in. */
export function classesOf({ classes }: DriftReport): Partial<Record<DriftClass, number>> {
  return Object.fromEntries(
    driftClassNames.filter((name) => classes[name] > 0).map((name) => [name, classes[name]]),
  )
}
