import type { IncomingMessage, ServerResponse } from 'node:http'
import { dressAnswers, type Presenter } from './answers.ts'
import type { OidcParts } from './deps.ts'
import type { KeyRing } from './keyRing.ts'
import { type BuiltProvider, buildProvider, resumeCookie } from './provider.ts'
import { type Interaction, interactionsAtHand } from './resume.ts'
import { writesAlong } from './writesAlong.ts'

export type { Interaction } from './resume.ts'

/** The OpenID provider of a deployment, with the keys as they are now. */
export type Oidc = ReturnType<typeof createOidc>

/** A provider ready to serve. */
export interface ServingProvider extends BuiltProvider {
  readonly handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>
  /** Has a request go on with an interaction at hand: it becomes the one that the browser would come back with. */
  readonly resuming: (req: IncomingMessage, interaction: Interaction) => void
}

/**
 * The OpenID provider over a deployment's stores. A provider is built at the first request and again whenever other keys sign or are
 * published; requests that are under way end with the one they began with.
 */
export function createOidc(given: OidcParts, keyRing: KeyRing, presenter: Presenter) {
  const { records, settled } = writesAlong(given.records)
  const parts: OidcParts = { ...given, records }
  let serving: { readonly version: string; readonly provider: ServingProvider } | null = null

  async function current(): Promise<ServingProvider> {
    const { keys, version } = await keyRing.current()
    if (serving?.version === version) return serving.provider
    const provider = make(keys)
    serving = { version, provider }
    return provider
  }

  function make(keys: BuiltProvider['keys']): ServingProvider {
    let showOnPage: (ctx: object) => void = () => {}
    const built = buildProvider(parts, keys, {
      onPage: (ctx) => showOnPage(ctx),
      networkOf: (req) => presenter.addressOf(req),
    })
    ;({ showOnPage } = dressAnswers(built.provider, parts, presenter, settled))
    const callback = built.provider.callback()
    return {
      ...built,
      handle: async (req, res) => void (await callback(req, res)),
      resuming: interactionsAtHand(built.provider, resumeCookie(parts)),
    }
  }

  return { parts, current }
}
