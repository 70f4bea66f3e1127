import { createHash, randomBytes } from 'node:crypto'
import * as client from 'openid-client'
import { systemRandom } from '../../src/lib/ids.ts'
import { type AppSettings, addApp, rotateSecret } from '../../src/oidc/apps.ts'
import type { App } from '../../src/oidc/types.ts'
import type { Deployment } from '../support/deployment.ts'
import { type Answer, actionOf, fieldOf, type Visitor } from '../support/visitor.ts'

/** Where the apps of these tests want to be answered. Nothing listens there: the answer is read from the redirect. */
export const redirectUri = 'https://routty.example/signin'

export function registerApp(deployment: Deployment, settings: Partial<AppSettings>): Promise<App> {
  return addApp(
    deployment.storage.apps,
    {
      displayName: 'Routty',
      isPublic: true,
      redirectUris: [{ uri: redirectUri, platform: 'spa' }],
      ...settings,
    },
    { now: deployment.clock.at, random: systemRandom },
  )
}

/** A confidential app with one secret. */
export async function registerServerApp(
  deployment: Deployment,
  settings: Partial<AppSettings> = {},
): Promise<{ readonly app: App; readonly secret: string }> {
  const app = await registerApp(deployment, {
    isPublic: false,
    redirectUris: [{ uri: redirectUri, platform: 'web' }],
    ...settings,
  })
  const making = { now: deployment.clock.at, random: systemRandom }
  return rotateSecret(deployment.storage.apps, app, making)
}

/** openid-client for an app, from the discovery document of a tenant's path. */
export function openidClient(
  deployment: Deployment,
  app: App,
  authentication?: client.ClientAuth,
  tenant: string = deployment.tenant.id,
): Promise<client.Configuration> {
  return client.discovery(
    new URL(`${deployment.publicUrl}/${tenant}/v2.0/.well-known/openid-configuration`),
    app.id,
    { redirect_uris: [redirectUri], id_token_signed_response_alg: app.idTokenSigningAlg },
    authentication ?? client.None(),
    { execute: [client.allowInsecureRequests] },
  )
}

/** The parameters of an ordinary request with PKCE, and what the app remembers for later. */
export function pkce() {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  return { verifier, params: { code_challenge: challenge, code_challenge_method: 'S256' } }
}

/** An authorization URL, written by hand. */
export function authorizeUrl(
  deployment: Deployment,
  app: App,
  params: Record<string, string> = {},
  tenant: string = deployment.tenant.id,
): string {
  const query = new URLSearchParams({
    client_id: app.id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile email offline_access',
    ...params,
  })
  return `${deployment.publicUrl}/${tenant}/oauth2/v2.0/authorize?${query}`
}

/** What a browser would do, up to an answer that it has to show or that leads to another site. `login` signs in at the demo Okta. */
export async function browse(
  visitor: Visitor,
  start: string | Answer,
  { login = 'alice@customer.com', fault = '' }: { login?: string; fault?: string } = {},
): Promise<Answer> {
  let answer = typeof start === 'string' ? await visitor.fetch(start) : start
  for (let step = 0; step < 20; step += 1) {
    const onward = nextAddress(visitor, answer)
    if (onward === null && fieldOf(answer.body, 'SAMLRequest') === null) return answer
    if (onward !== null) {
      answer = await visitor.fetch(onward)
      continue
    }
    const begun = {
      requestId: '',
      action: actionOf(answer.body) ?? '',
      samlRequest: fieldOf(answer.body, 'SAMLRequest') ?? '',
    }
    answer = await visitor.deliver(await visitor.atOkta(begun, login, fault))
  }
  throw new Error('the browser goes in circles')
}

/** Where an answer sends the browser: by a redirect, or as a page that goes on by itself; null for an answer to stay at. */
export function leadsTo({ headers }: Answer): string | null {
  return headers.get('location') ?? headers.get('refresh')?.replace(/^0; url=/, '') ?? null
}

/** Follows an answer as far as it leads on this server: to a page, or to where it leaves. */
export async function followed(visitor: Visitor, start: string | Answer): Promise<Answer> {
  let answer = typeof start === 'string' ? await visitor.fetch(start) : start
  for (let step = 0; step < 10; step += 1) {
    const onward = nextAddress(visitor, answer)
    if (onward === null) return answer
    answer = await visitor.fetch(onward)
  }
  throw new Error('the browser goes in circles')
}

function nextAddress(visitor: Visitor, answer: Answer): string | null {
  const target = leadsTo(answer)
  const { url } = answer
  if (target === null || !URL.canParse(target, url)) return null
  const next = new URL(target, url)
  return next.origin === new URL(visitor.publicUrl).origin ? next.href : null
}

/** The parameters that came back to the app: by query, fragment or form. */
export function answered(answer: Answer): URLSearchParams {
  const location = leadsTo(answer)
  if (location !== null) {
    const { search, hash, origin, pathname } = new URL(location)
    if (`${origin}${pathname}` !== redirectUri) throw new Error(`answered at ${location}`)
    return new URLSearchParams(hash === '' ? search : hash.slice(1))
  }
  const action = actionOf(answer.body)
  if (action !== redirectUri)
    throw new Error(`no answer to the app: ${answer.status}\n${answer.body}`)
  const names = [...answer.body.matchAll(/<input type="hidden" name="([^"]+)"/g)]
  return new URLSearchParams(names.map(([, name = '']) => [name, fieldOf(answer.body, name) ?? '']))
}

/** Signs Alice in to an app and gives the code, with the verifier that redeems it. */
export async function codeFor(
  deployment: Deployment,
  app: App,
  params: Record<string, string> = {},
  visitor: Visitor = deployment.visitor(),
): Promise<{ readonly code: string; readonly verifier: string; readonly visitor: Visitor }> {
  const { verifier, params: challenge } = pkce()
  const hint = { login_hint: 'alice@customer.com' }
  const url = authorizeUrl(deployment, app, { ...challenge, ...hint, ...params })
  const code = answered(await browse(visitor, url)).get('code')
  if (code === null) throw new Error('no code came back')
  return { code, verifier, visitor }
}

export interface TokenAnswer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: JSON from a server, looked at member by member.
  readonly body: any
}

/** A bare request to the token endpoint. */
export async function askTokens(
  deployment: Deployment,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
  path = `/${deployment.tenant.id}/oauth2/v2.0/token`,
): Promise<TokenAnswer> {
  const response = await fetch(deployment.publicUrl + path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** Redeems a code of a public app. */
export function redeem(
  deployment: Deployment,
  app: App,
  { code, verifier }: { readonly code: string; readonly verifier: string },
  more: Record<string, string> = {},
): Promise<TokenAnswer> {
  return askTokens(deployment, {
    grant_type: 'authorization_code',
    client_id: app.id,
    code,
    code_verifier: verifier,
    redirect_uri: redirectUri,
    ...more,
  })
}

/** All the way: the tokens of an app that Alice signs in to. */
export async function tokensFor(
  deployment: Deployment,
  app: App,
  params: Record<string, string> = {},
): Promise<TokenAnswer['body']> {
  const { status, body } = await redeem(deployment, app, await codeFor(deployment, app, params))
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body
}
