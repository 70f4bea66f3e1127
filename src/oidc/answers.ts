import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { type OAuthRefusal, oauthErrorBody, oauthErrorFields } from '../aadsts/faces/oauth.ts'
import type { Instant } from '../lib/clock.ts'
import { appOf, msalDeviceGrantType } from './clients.ts'
import { issuerOf, type OidcParts } from './deps.ts'
import { AadstsError, type Told, tell } from './errors.ts'
import { KEY_SET_AGE } from './keys.ts'
import { beganIn } from './policy.ts'
import { POLL_INTERVAL } from './polling.ts'
import { refusalLimit } from './refusalLimit.ts'
import { answerTo, authorizationRoutes, type ResponseFields } from './responseModes.ts'
import type { Interaction } from './resume.ts'
import { unusedSessionCookie } from './sessions.ts'
import type { App } from './types.ts'

/** An answer that is more than JSON: what the HTTP side has to send. */
export type Answer =
  | { readonly kind: 'redirect'; readonly location: string; readonly appName: string }
  | {
      readonly kind: 'form'
      readonly action: string
      readonly fields: ResponseFields
      readonly appName: string
    }
  | { readonly kind: 'page'; readonly told: Told; readonly at: Instant }
  /** A person is wanted, and the request says who, or where from. */
  | { readonly kind: 'person'; readonly interaction: Interaction }

/** What the HTTP side knows and does. */
export interface Presenter {
  /** The network that a request came from, for counting. */
  addressOf(req: IncomingMessage): string
  idsOf(res: ServerResponse): { readonly requestId: string; readonly correlationId: string }
  send(req: IncomingMessage, res: ServerResponse, answer: Answer): void
}

const errorEvents = [
  'authorization.error',
  'grant.error',
  'device_authorization.error',
  'discovery.error',
  'jwks.error',
  'server_error',
] as const

/** Refusals that are no faults: nobody is signed in yet (50058), the device waits (70016). */
const everyday: ReadonlySet<number> = new Set([50058, 70016])

/**
 * Puts Entra's words into what the provider answers: its errors get their AADSTS face (JSON, redirect, form or page), its successes the
 * members that Entra's clients look for. Where an answer may go is the provider's decision alone: what it would show on a page is
 * shown on a page, and never sent to a redirect URI.
 */
export function dressAnswers(
  provider: Provider,
  parts: OidcParts,
  presenter: Presenter,
  /** Waits for what the request has written. */
  settled: (ctx: object) => Promise<void>,
) {
  const failed = new WeakMap<object, unknown>()
  const succeeded = new WeakMap<object, ResponseFields>()
  const onPage = new WeakSet<object>()
  const tooMany = refusalLimit(parts.clock)

  for (const event of errorEvents) {
    provider.on(event as 'grant.error', (ctx, error) => void failed.set(ctx, error))
  }
  provider.on('authorization.success', (ctx, out) => {
    const fields = Object.entries(out ?? {}).filter(([, value]) => value !== undefined)
    succeeded.set(
      ctx,
      fields.map(([name, value]) => [name, String(value)] as const),
    )
  })
  provider.on('error' as 'server_error', (error: unknown) => parts.report(error, 'none'))

  provider.use(async (koa, next) => {
    const ctx = koa as KoaContextWithOIDC
    await next()
    await settled(ctx).catch((error: unknown) => void failed.set(ctx, error))
    dropSessionCookie(ctx)
    if (ctx.oidc === undefined) return
    if (isStranded(ctx)) {
      onPage.add(ctx)
      failed.set(ctx, new AadstsError(50089))
    }
    if (failed.has(ctx)) refuse(ctx, failed.get(ctx))
    else if (succeeded.has(ctx)) answer(ctx, succeeded.get(ctx) ?? [])
    else if (!letPersonIn(ctx)) completeJson(ctx)
  })

  /**
   * Another person signed in, in the moment between the end of an interaction and its return. The provider would now log the first one
   * out by a page of its own; here the person starts again.
   */
  function isStranded(ctx: KoaContextWithOIDC): boolean {
    return ctx.oidc.route === 'resume' && ctx.status === 200 && !succeeded.has(ctx)
  }

  /** An interaction that says who is meant, or where from, need not go through an address of its own. */
  function letPersonIn(ctx: KoaContextWithOIDC): boolean {
    const { route, entities } = ctx.oidc
    const { Interaction: interaction } = entities
    if (route !== 'authorization' || !interaction || beganIn(interaction.prompt) === null) {
      return false
    }
    hand(ctx, { kind: 'person', interaction })
    return true
  }

  return { showOnPage: (ctx: object) => void onPage.add(ctx) }

  function refuse(ctx: KoaContextWithOIDC, error: unknown): void {
    const app = clientApp(ctx)
    const grantType = ctx.oidc.params?.grant_type ?? ctx.oidc.body?.grant_type
    const reason = tell(error, {
      clientId: app?.id ?? textOf(ctx.oidc.params?.client_id),
      isPublic: app?.isPublic ?? false,
      grantType: textOf(grantType),
      origin: ctx.get('Origin') || null,
    })
    const told = withinLimit(ctx, reason)
    const ids = presenter.idsOf(ctx.res)
    if (told.code === 90033) parts.report(error, ids.requestId)
    if (!everyday.has(told.code)) {
      const clientId = textOf(ctx.oidc.params?.client_id ?? ctx.oidc.body?.client_id)
      const redirectUri = textOf(ctx.oidc.params?.redirect_uri)
      parts.refused({
        ...ids,
        aadsts: told.code,
        endpoint: ctx.oidc.route,
        clientId: app?.id ?? clientId?.slice(0, 64) ?? null,
        app: app?.displayName ?? null,
        isOnPage: onPage.has(ctx),
        redirectUri: redirectUri?.split(/[?#]/)[0]?.slice(0, 200) ?? null,
      })
    }
    const refusal: OAuthRefusal = {
      ...ids,
      code: told.code,
      values: told.values,
      // RFC 8628 section 3.5 has a word of its own for a person who said no; so has Entra.
      error: told.code === 65004 && grantType !== undefined ? 'authorization_declined' : undefined,
      at: parts.clock(),
      publicUrl: parts.publicUrl,
    }
    if (!authorizationRoutes.has(ctx.oidc.route)) {
      ctx.status = told.status
      ctx.body = oauthErrorBody(refusal)
      if (ctx.oidc.client === undefined) ctx.remove('Access-Control-Allow-Origin')
    } else if (onPage.has(ctx)) {
      hand(ctx, { kind: 'page', told, at: refusal.at })
    } else {
      const fields = [...oauthErrorFields(refusal, null), ['iss', issuerOf(parts)] as const]
      answer(ctx, fields)
    }
  }

  /** An app that keeps failing to prove itself is told to wait, and no more what is wrong. */
  function withinLimit(ctx: KoaContextWithOIDC, told: Told): Told {
    const isUnproven = told.status === 401 || told.code === 700016
    if (!isUnproven || authorizationRoutes.has(ctx.oidc.route)) return told
    const address = presenter.addressOf(ctx.req as IncomingMessage)
    const wait = tooMany(clientApp(ctx)?.id ?? '', address)
    if (wait === null) return told
    ctx.set('Retry-After', String(wait))
    return { code: 90055, values: {}, status: 429 }
  }

  function answer(ctx: KoaContextWithOIDC, fields: ResponseFields): void {
    const what = answerTo(ctx, fields, clientApp(ctx))
    if (typeof what === 'object') hand(ctx, what)
    else
      hand(ctx, { kind: 'page', told: { code: what, values: {}, status: 400 }, at: parts.clock() })
  }

  /** Leaves the answer to the HTTP side: what the provider has written so far is taken back, but for its cookies. */
  function hand(ctx: KoaContextWithOIDC, what: Answer): void {
    ctx.remove('Location')
    ctx.body = null
    ctx.respond = false
    presenter.send(ctx.req as IncomingMessage, ctx.res as ServerResponse, what)
  }

  function completeJson(ctx: KoaContextWithOIDC): void {
    const { oidc } = ctx
    const body = ctx.body as Record<string, unknown> | undefined
    if (oidc.route === 'token') {
      if (oidc.params?.grant_type === 'client_credentials') delete body?.scope
      Object.assign(body ?? {}, { ext_expires_in: body?.expires_in, ...clientInfo(ctx) })
    } else if (oidc.route === 'device_authorization') {
      Object.assign(body ?? {}, deviceMembers(String(body?.user_code)))
    } else if (oidc.route === 'discovery') {
      const grantTypes = body?.grant_types_supported as string[] | undefined
      const types = grantTypes?.filter((type) => type !== msalDeviceGrantType)
      Object.assign(body ?? {}, { grant_types_supported: types })
      ctx.set('Cache-Control', 'private, max-age=86400')
    } else if (oidc.route === 'jwks') {
      ctx.set('Cache-Control', `public, max-age=${KEY_SET_AGE / 1000}`)
    }
  }

  /** MSAL keeps accounts under the pair of user and tenant, which it asks for with `client_info=1`. */
  function clientInfo({ oidc }: KoaContextWithOIDC): { readonly client_info?: string } {
    const userId = oidc.account?.accountId
    if (oidc.body?.client_info !== '1' || userId === undefined) return {}
    const pair = JSON.stringify({ uid: userId, utid: parts.tenant.id })
    return { client_info: Buffer.from(pair).toString('base64url') }
  }

  function deviceMembers(userCode: string) {
    const address = `${parts.publicUrl}/devicelogin`
    return {
      verification_uri: address,
      verification_uri_complete: `${address}?${new URLSearchParams({ user_code: userCode })}`,
      interval: POLL_INTERVAL,
      message: `To sign in, use a web browser to open the page ${address} and enter the code ${userCode} to authenticate.`,
    }
  }
}

function clientApp({ oidc }: KoaContextWithOIDC): App | null {
  return oidc.client === undefined ? null : appOf(oidc.client)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function dropSessionCookie(ctx: Pick<KoaContextWithOIDC, 'res'>): void {
  const set = ctx.res.getHeader('set-cookie')
  if (!Array.isArray(set)) return
  const others = set.filter((line) => !line.startsWith(`${unusedSessionCookie}=`))
  if (others.length > 0) ctx.res.setHeader('set-cookie', others)
  else ctx.res.removeHeader('set-cookie')
}
