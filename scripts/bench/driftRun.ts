/** The process that `bench drift` starts for each run: does the one thing that it is told, and reports time and memory. */
import '../runtime.js'
import { join } from 'node:path'
import { csvFile } from '../../src/admin/csv/lines.ts'
import { compareDirectories } from '../../src/admin/drift/compare.ts'
import { openThereFile } from '../../src/admin/drift/thereFile.ts'
import type { PersonThere } from '../../src/directory/drift/ports.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import type { User } from '../../src/directory/types.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { openComparison } from '../../src/storage/sqlite/comparison.ts'
import type { DriftRun, DriftRunName } from './drift.ts'
import { openSceneStorage, sceneFiles } from './driftScene.ts'

const [folder = '', name] = process.argv.slice(2)
const files = sceneFiles(folder)

type Work = (store: DirectoryStore) => Promise<number | null>

const works: Readonly<Record<DriftRunName, Work>> = {
  read: (store) =>
    readBoth(
      store,
      () => {},
      () => {},
    ),
  maps: (store) => compareByMaps(store),
  usual: (store) => drift(store, files.usual),
  worst: (store) => drift(store, files.worst),
}

async function drift(store: DirectoryStore, path: string): Promise<number> {
  const comparison = openComparison(principalNameKey)
  const outputs = {
    details: join(folder, 'details.csv'),
    repairOkta: join(folder, 'okta.csv'),
    repairHere: join(folder, 'here.csv'),
    powershell: join(folder, 'entra.ps1'),
  }
  const report = await compareDirectories(store, csvFile(path), comparison, {
    random: systemRandom,
    outputs,
  })
  comparison.close()
  return report.differing
}

async function readBoth(
  store: DirectoryStore,
  onUser: (user: User) => void,
  onPerson: (person: PersonThere) => void,
): Promise<null> {
  for await (const user of store.users()) onUser(user)
  const { batches } = await openThereFile(csvFile(files.usual), undefined)
  for await (const batch of batches) for (const person of batch) onPerson(person)
  return null
}

/** What a script of an afternoon does: exact values by UPN, nothing else, all in memory. */
async function compareByMaps(store: DirectoryStore): Promise<number> {
  const users = new Map<string, User>()
  let differing = 0
  await readBoth(
    store,
    (user) => void users.set(principalNameKey(user.userPrincipalName), user),
    ({ login, anchor }) => {
      if (users.get(principalNameKey(login))?.onPremisesImmutableId !== anchor) differing++
    },
  )
  return differing
}

const storage = openSceneStorage(folder, true)
const start = performance.now()
const cpuBefore = process.cpuUsage()
const differing = await works[name as DriftRunName](storage.directory)
const seconds = (performance.now() - start) / 1000
const { user, system } = process.cpuUsage(cpuBefore)
await storage.close()
const memory = process.resourceUsage().maxRSS * 1024
process.send?.({ seconds, cpu: (user + system) / 1e6, memory, differing } satisfies DriftRun)
process.disconnect?.()
