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

/**
 * The same person all through a request, asked for once: whoever signs out meanwhile is out from the next one on. `signedIn` is told who
 * has signed in by this very request, whose cookies cannot say so yet.
 */
export function oncePerRequest(find: CurrentPerson): {
  readonly currentPerson: CurrentPerson
  readonly signedIn: (req: IncomingMessage, person: Person) => void
} {
  const found = new WeakMap<IncomingMessage, Promise<Person | null>>()
  return {
    currentPerson(req) {
      const person = found.get(req) ?? find(req)
      found.set(req, person)
      return person
    },
    signedIn: (req, person) => void found.set(req, Promise.resolve(person)),
  }
}

/** Seconds since 1970, as tokens have it. */
export function authTime({ session }: Pick<Person, 'session'>): number {
  return Math.floor(session.authenticatedAt / 1000)
}
