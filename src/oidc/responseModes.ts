import type { KoaContextWithOIDC } from 'oidc-provider'

/** Names and values that go back to an app's redirect URI. */
export type ResponseFields = readonly (readonly [name: string, value: string])[]

/** The routes whose answers go through the browser. */
export const authorizationRoutes: ReadonlySet<string> = new Set(['authorization', 'resume'])

/**
 * The answer to an authorization request in the response mode that it asked for (OAuth 2.0 Multiple Response Type Encoding
 * Practices section 2.1, OAuth 2.0 Form Post Response Mode). Only for a redirect URI that is registered.
 */
export function answerTo(ctx: KoaContextWithOIDC, fields: ResponseFields, appName: string) {
  const params = ctx.oidc.params ?? ctx.query
  const redirectUri = String(params.redirect_uri)
  const state = typeof params.state === 'string' ? params.state : null
  const all =
    fields.some(([name]) => name === 'state') || state === null
      ? fields
      : [...fields, ['state', state] as const]
  const mode = modeOf(params)
  return mode === 'form_post'
    ? ({ kind: 'form', action: redirectUri, fields: all, appName } as const)
    : ({ kind: 'redirect', location: withFields(redirectUri, all, mode) } as const)
}

type Mode = 'query' | 'fragment' | 'form_post'

function modeOf(params: Readonly<Record<string, unknown>>): Mode {
  const { response_mode: asked, response_type: type } = params
  if (asked === 'query' || asked === 'fragment' || asked === 'form_post') return asked
  return String(type).includes('token') ? 'fragment' : 'query'
}

/** The redirect URI as it is registered, with the fields added to its query, or as its fragment. */
export function withFields(redirectUri: string, fields: ResponseFields, mode: Mode): string {
  const encoded = new URLSearchParams(fields.map(([name, value]) => [name, value])).toString()
  if (mode === 'fragment') return `${redirectUri}#${encoded}`
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${encoded}`
}
