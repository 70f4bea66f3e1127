import { BoundedMemory } from '../lib/boundedMemory.ts'
import { type Clock, hours } from '../lib/clock.ts'
import type { RandomSource } from '../lib/ids.ts'
import { type Fault, forgeResponse } from './faults/index.ts'
import { type DemoOktaUser, oktaRefusal } from './honest.ts'
import { type IdpKey, makeIdpKey } from './keys.ts'
import { buildResponse, newOktaId } from './response.ts'
import type { SignInInProgress } from './ssoCall.ts'

/** What makes the responses: the app's settings at the demo Okta, its directory, and where time and ids come from. */
export interface ResponderOptions {
  /** The app's entityID at Okta, `http://www.okta.com/exk...`; its last segment is the app's id in the paths. */
  readonly issuer: string
  /** Where responses go, and the only place where they go: homerealm's ACS. */
  readonly acs: string
  /** homerealm's SP entityID. */
  readonly audience: string
  readonly key: IdpKey
  readonly users: readonly DemoOktaUser[]
  readonly clock: Clock
  readonly random: RandomSource
}

export interface Responder {
  /** The user of that login, whatever its case; null when there is none. */
  find(login: string): DemoOktaUser | null
  /** The response for a person, as XML: honest, or spoilt by the fault. Throws FaultUnavailable. */
  respond(user: DemoOktaUser, signIn: SignInInProgress, fault: Fault | null): Promise<string>
  /** A response that only says why not, as XML. */
  refuse(signIn: SignInInProgress, subCode: string): string
}

/** Makes responses and remembers the last one of each person, for the replay. */
export function createResponder(options: ResponderOptions): Responder {
  const { issuer, acs, audience, key, users, clock, random } = options
  const byLogin = indexByLogin(users)
  const lastSent = new BoundedMemory<string>({ capacity: 1000, lifetime: hours(24) })
  const newId = () => newOktaId(random)
  let foreign: Promise<IdpKey> | null = null
  const foreignKey = () => {
    foreign ??= makeIdpKey({ now: clock(), commonName: 'somebody-else', random })
    return foreign
  }
  const facts = (signIn: SignInInProgress) => ({
    now: clock(),
    responseId: newId(),
    issuer,
    acs,
    audience,
    inResponseTo: signIn.requestId,
    key,
  })

  return {
    find: (login) => byLogin.get(login.toLowerCase()) ?? null,

    respond: async (user, signIn, fault) => {
      const scene = {
        facts: { ...facts(signIn), assertionId: newId(), user },
        forgedNameId: users.find((one) => one.nameId !== user.nameId)?.nameId ?? 'somebody-else',
        foreignKey,
        newId,
        previous: lastSent.get(user.login, clock()),
      }
      const xml = await forgeResponse(fault ? [fault] : [], scene)
      // Only honest ones, so that a replay is refused for being one.
      if (fault === null) lastSent.put(user.login, xml, clock())
      return xml
    },

    refuse: (signIn, subCode) => buildResponse(oktaRefusal(facts(signIn), subCode)),
  }
}

function indexByLogin(users: readonly DemoOktaUser[]): ReadonlyMap<string, DemoOktaUser> {
  const byLogin = new Map<string, DemoOktaUser>()
  for (const user of users) {
    const login = user.login.toLowerCase()
    if (byLogin.has(login)) {
      throw new Error(`the demo Okta has two users with the login ${user.login}; logins are unique`)
    }
    byLogin.set(login, user)
  }
  return byLogin
}
