import type { DirectoryReader } from '../../directory/ports.ts'
import type { Federation } from '../../directory/types.ts'
import type { Clock } from '../../lib/clock.ts'
import { newGuid, type RandomSource } from '../../lib/ids.ts'
import type { LogoutStore } from '../ports.ts'

/** The page that says who is signed out. */
export const signedOutPath = '/signedout'
/** No message answers an ID with a space in it. */
const NOTED = 'noted '

/** The answer of an identity provider that perhaps still has a session. */
export interface IncompleteLogout {
  readonly issuer: string
  /** Outermost first, cut short. */
  readonly statusCodes: readonly string[]
}

/** Where people go on to from the page that tells them of an incomplete logout, kept for `lifetime` milliseconds. */
export function incompleteLogouts(
  parts: {
    readonly logouts: LogoutStore
    readonly directory: Pick<DirectoryReader, 'federation'>
    readonly clock: Clock
    readonly random: RandomSource
  },
  lifetime: number,
) {
  const { logouts, directory, clock, random } = parts
  return {
    /** Gives the address of the page, which may be reloaded. */
    async note({ id }: Federation, returnTo: string): Promise<string> {
      const [now, guid] = [clock(), newGuid(random)]
      await logouts.rememberLogout({
        id: `${NOTED}${guid}`,
        federationId: id,
        returnTo,
        createdAt: now,
        expiresAt: now + lifetime,
      })
      return `${signedOutPath}?${new URLSearchParams({ after: `${id} ${guid}` })}`
    },

    /** What that page tells: whose answer it was, and where the person goes on to; null when there is none, or no more. */
    async noted(after: string): Promise<{ idpName: string; returnTo: string } | null> {
      const [federationId = '', guid = ''] = after.split(' ')
      const kept = await logouts.takeLogout({ id: `${NOTED}${guid}`, federationId, now: clock() })
      if (kept === null) return null
      await logouts.rememberLogout(kept)
      const federation = await directory.federation(federationId)
      return { idpName: federation?.displayName ?? '', returnTo: kept.returnTo }
    },
  }
}

/** Something that a page can lead to; a native app's own scheme is not. */
export function isPage(address: string): boolean {
  return address.startsWith('/') || /^https?:/.test(address)
}
