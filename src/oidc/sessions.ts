import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Provider } from 'oidc-provider'
import { authTime, type CurrentPerson } from './person.ts'

/** The cookie that the provider would keep its session in. It is taken out of every answer: our own cookie says it all. */
export const unusedSessionCookie = 'homerealm-unused'

/**
 * Makes the provider's session a shadow of ours. It is found by the key of the session in our cookie, says what ours says, and adds
 * only which apps were signed in to. When ours is over, or another person's, so is the provider's: there is nothing else to
 * find. A new sign-in makes a new key, so that the provider need not change the identifier against fixation.
 */
export function shadowSessions(provider: Provider, currentPerson: CurrentPerson): void {
  const { Session } = provider
  type SessionRecord = InstanceType<typeof Session>
  // The types do not tell that a session is made from its payload, as every model of the provider is.
  const SessionModel = Session as unknown as new (payload?: object) => SessionRecord
  Session.get = async (ctx) => {
    const person = await currentPerson(ctx.req as IncomingMessage)
    const session =
      person === null
        ? new SessionModel()
        : marked(
            (await Session.find(person.session.key)) ??
              new SessionModel({ jti: person.session.key, uid: person.session.key }),
          )
    if (person !== null) {
      Object.assign(session, {
        accountId: person.user.id,
        loginTs: authTime(person),
        amr: [...person.session.amr],
        acr: person.session.authnContextClassRef ?? undefined,
      })
    }
    ctx.oidc?.entity?.('Session', session)
    return session
  }
  // What it says besides its apps is said anew at each request: it is written when that changed, not at each request.
  const { save } = Session.prototype
  Session.prototype.save = async function saveChanged(ttl: number) {
    const kept = (this as Marked)[keptApps]
    return kept !== undefined && kept === appsOf(this) ? this.jti : save.call(this, ttl)
  }
  Session.prototype.resetIdentifier = () => {}
  // The result of an interaction resolves prompts; who is signed in it cannot say.
  Session.prototype.loginAccount = () => {}
  Session.prototype.ensureClientContainer = function ensureClientContainer(clientId) {
    if (!this.sidFor(clientId)) this.sidFor(clientId, sessionId(this.jti))
  }
}

/** Under this a session carries the apps that it was found with. */
const keptApps = Symbol('kept apps')
type Marked = { readonly [keptApps]?: string }
type Apps = { readonly authorizations?: unknown }

/** What is there was found in the storage, when it names any app; a new one names none, and is written once it does. */
function marked<Session extends object & Apps>(session: Session): Session {
  return Object.defineProperty(session, keptApps, { value: appsOf(session) })
}

const appsOf = ({ authorizations }: Apps): string => JSON.stringify(authorizations ?? {})

/** The `sid` of tokens: one for the session, in the form of a GUID as at Entra, and no way back to the session's key. */
export function sessionId(sessionKey: string): string {
  const hex = createHash('sha256').update(`sid ${sessionKey}`).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-')
}
