import type { IncomingMessage } from 'node:http'
import { Provider } from 'oidc-provider'

/** A sign-in that an app waits for, as the provider keeps it. */
export type Interaction = InstanceType<Provider['Interaction']>

/**
 * Lets a request go on with an interaction that is at hand, and neither written nor read again. Whoever hands one over has made sure
 * that the request comes from the browser that the interaction began in: the cookie that says so to the provider is set here, in place
 * of all that came.
 */
export function interactionsAtHand(
  { Interaction: Model }: Provider,
  resumeCookie: string,
): (req: IncomingMessage, interaction: Interaction) => void {
  const atHand = new WeakMap<IncomingMessage, Interaction>()
  const find = Model.find.bind(Model) as (id: string, options?: object) => Promise<unknown>
  const findHeld = async (uid: string, options?: object) => {
    const req = Provider.ctx?.req as IncomingMessage | undefined
    const held = req && atHand.get(req)
    return held?.uid === uid ? held : find(uid, options)
  }
  Object.assign(Model, { find: findHeld })
  return (req, interaction) => {
    atHand.set(req, interaction)
    req.headers.cookie = `${resumeCookie}=${interaction.uid}`
  }
}
