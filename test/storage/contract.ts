import type { Retention } from '../../src/storage/retention.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { auditContract } from './auditContract.ts'
import { auditUndoContract } from './auditUndoContract.ts'
import { credentialContract } from './credentialContract.ts'
import { directoryContract } from './directoryContract.ts'
import { domainContract } from './domainContract.ts'
import { groupContract } from './groupContract.ts'
import { importContract } from './importContract.ts'
import { oidcContract } from './oidcContract.ts'
import { signinContract } from './signinContract.ts'
import { transactionContract } from './transactionContract.ts'

/** Makes an empty storage of its own for one test. */
export type MakeStorage = (retention?: Retention) => Storage

/**
 * What every storage must do, whatever it keeps its records in. Each storage's own test file calls this with its factory; what a test
 * opened is closed after it.
 */
export function storageContract(make: MakeStorage): void {
  const opened: Storage[] = []
  const fresh: MakeStorage = (retention) => {
    const storage = make(retention)
    opened.push(storage)
    return storage
  }
  afterEach(async () => {
    for (const storage of opened.splice(0)) await storage.close()
  })

  directoryContract(fresh)
  domainContract(fresh)
  groupContract(fresh)
  auditContract(fresh)
  auditUndoContract(fresh)
  transactionContract(fresh)
  importContract(fresh)
  signinContract(fresh)
  oidcContract(fresh)
  credentialContract(fresh)
}
