import type { KoaContextWithOIDC } from 'oidc-provider'
import { isRegistered } from './redirectUris.ts'
import type { App } from './types.ts'

/** Names and values that go back to an app's redirect URI. */
export type ResponseFields = readonly (readonly [name: string, value: string])[]

/** The routes whose answers go through the browser. */
export const authorizationRoutes: ReadonlySet<string> = new Set(['authorization', 'resume'])

/**
 * The answer to an authorization request in the response mode that it asked for (OAuth 2.0 Multiple Response Type Encoding
 * Practices section 2.1, OAuth 2.0 Form Post Response Mode). Or the AADSTS number of why it must stay here: the provider looked at
 * the redirect URI before it let anything through, and what leaves is looked at once more; a form is for the web alone, since
 * nothing posts to an app's own scheme.
 */
export function answerTo(ctx: KoaContextWithOIDC, fields: ResponseFields, app: App | null) {
  const params = ctx.oidc.params ?? ctx.query
  const redirectUri = String(params.redirect_uri)
  if (app === null || !isRegistered(app, redirectUri)) return 50011
  const state = typeof params.state === 'string' ? params.state : null
  const all =
    fields.some(([name]) => name === 'state') || state === null
      ? fields
      : [...fields, ['state', state] as const]
  const mode = modeOf(params)
  if (mode !== 'form_post') {
    const location = withFields(redirectUri, all, mode)
    return { kind: 'redirect', location, appName: app.displayName } as const
  }
  if (!/^https?:/i.test(redirectUri)) return 70007
  return { kind: 'form', action: redirectUri, fields: all, appName: app.displayName } as const
}

type Mode = 'query' | 'fragment' | 'form_post'

/** Whether the answer to a request goes to an address of the web that a page can lead to: by no form, and to no app's own scheme. */
export function isLedTo(params: Readonly<Record<string, unknown>>): boolean {
  const isOfWeb = /^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i.test(String(params.redirect_uri))
  return isOfWeb && modeOf(params) !== 'form_post'
}

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
