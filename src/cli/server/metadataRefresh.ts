import type { FetchMetadata } from '../../admin/domains/metadataFetch.ts'
import { refreshFromMetadata } from '../../admin/domains/metadataRefresh.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import { type Clock, hours, type Instant } from '../../lib/clock.ts'
import type { Log } from '../../observe/log.ts'

/** What could not be read is tried again after so long. */
const retryAfter = hours(1)

/**
 * Looks at the metadata of every federation that has an address of it, each `every` milliseconds; call it as often as you like. What is
 * found is told in the log; it never rejects for what an identity provider does.
 */
export function metadataUpkeep(parts: {
  readonly directory: DirectoryStore
  readonly fetch: FetchMetadata
  readonly log: Log
  readonly clock: Clock
  /** 0 for never. */
  readonly every: number
}): () => Promise<void> {
  const { directory, fetch, log, clock, every } = parts
  const due = new Map<string, Instant>()
  let isRunning = false

  async function lookAtAll(): Promise<void> {
    for (const federation of await directory.federations()) {
      const { id, displayName, metadataExchangeUri } = federation
      const now = clock()
      if (metadataExchangeUri === null || (due.get(id) ?? 0) > now) continue
      const act = { at: now, who: 'metadata refresh', door: 'server' } as const
      due.set(id, now + Math.min(every, retryAfter))
      const { kind, message } = await refreshFromMetadata(directory, federation, fetch, act)
      if (kind !== 'cannotBeRead') due.set(id, now + every)
      const level = kind === 'unchanged' ? 'debug' : 'warn'
      log[level]({ event: 'metadata', federation: displayName, kind }, message)
    }
  }

  return async () => {
    if (every === 0 || isRunning) return
    isRunning = true
    try {
      await lookAtAll()
    } catch (error) {
      log.error({ err: error }, 'the metadata of identity providers could not be looked at')
    } finally {
      isRunning = false
    }
  }
}
