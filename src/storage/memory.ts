import { hours } from '../lib/clock.ts'
import type { SigninState } from '../signin/ports.ts'
import { memoryCredentials } from './memory/credentials.ts'
import { type MemoryDirectoryContent, memoryDirectory } from './memory/directory.ts'
import { memoryOidc } from './memory/oidc.ts'
import { memorySignin } from './memory/signin.ts'
import { memorySigninCounts } from './memory/signinCounts.ts'
import { defaultRetention, type Retention } from './retention.ts'
import type { Storage } from './storage.ts'

export { type MemoryDirectoryContent, memoryDirectory } from './memory/directory.ts'

/** Everything in memory, touching no file: for cases that are replayed, and for tests. Throws as `memoryDirectory` does. */
export function memoryStorage(
  content: MemoryDirectoryContent & { readonly retention?: Retention },
): Storage {
  const { ensureTenant, ...directory } = memoryDirectory(content)
  const signin = memorySignin(content.retention)
  const { purge: purgeRecords, ...oidc } = memoryOidc()
  const credentials = memoryCredentials()
  const { signinCounts, purge: purgeCounts } = memorySigninCounts()
  const { signinCountDays } = content.retention ?? defaultRetention
  return {
    directory,
    ...signin,
    ...oidc,
    ...credentials.stores,
    signinCounts,
    ensureTenant,
    purge: async (now) => ({
      ...(await signin.purge(now)),
      providerRecords: purgeRecords(now),
      ...credentials.purge(now),
      signinCounts: purgeCounts(Math.floor(now / hours(24)) - signinCountDays),
    }),
    async close() {},
  }
}

/** Requests and used-up assertions in memory. */
export function memorySigninState(): SigninState {
  return memorySignin().signin
}
