import type { IncomingMessage } from 'node:http'
import type { Federation, User } from '../directory/types.ts'
import type { Session } from '../signin/ports.ts'

/** Who is signed in in the browser that a request came from. */
export interface Person {
  readonly session: Session
  readonly user: User
  /** Null when they signed in with a password here. */
  readonly federation: Federation | null
}

/** Our session is the one truth about who is signed in: everything asks here, at each request. Null for nobody. */
export type CurrentPerson = (req: IncomingMessage) => Promise<Person | null>

/** Seconds since 1970, as tokens have it. */
export function authTime({ session }: Pick<Person, 'session'>): number {
  return Math.floor(session.authenticatedAt / 1000)
}
