import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deflateRawSync } from 'node:zlib'
import { type RunningDemoOkta, startDemoOkta } from '../../src/demo-okta/start.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { acs, alice, audience, bob, issuer, key, now, requestId } from './scene.ts'

/** A demo Okta on a free port, with Alice and Bob, at a clock that a test can move. */
export async function startSite(
  overrides: Partial<Parameters<typeof startDemoOkta>[0]> = {},
): Promise<RunningDemoOkta & { clock: { at: number }; errors: unknown[] }> {
  const clock = { at: now }
  const errors: unknown[] = []
  const site = await startDemoOkta({
    issuer,
    acs,
    audience,
    key,
    users: [alice, bob],
    clock: () => clock.at,
    random: systemRandom,
    host: '127.0.0.1',
    port: 0,
    onError: (error) => errors.push(error),
    ...overrides,
  })
  return { ...site, clock, errors }
}

/** An AuthnRequest as Entra sends it, with attributes of the test's choice besides. */
export function authnRequest(attributes = ''): string {
  return (
    '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ' +
    `ID="${requestId}" Version="2.0" IssueInstant="2026-01-15T09:30:00.000Z" ${attributes}>` +
    `<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">${audience}</Issuer>` +
    '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"/>' +
    '</samlp:AuthnRequest>'
  )
}

export const posted = (xml: string | Buffer) => Buffer.from(xml).toString('base64')
export const redirected = (xml: string) => deflateRawSync(xml).toString('base64')

export function post(
  url: string,
  fields: Record<string, string> | [string, string][],
): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
}

const entities = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
])

/** The value of a field as a browser would read it; null when the page has no such field. */
export function field(html: string, name: string): string | null {
  const value = new RegExp(`<input[^>]* name="${name}"[^>]* value="([^"]*)"`).exec(html)?.[1]
  return value === undefined
    ? null
    : value.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities.get(entity) ?? entity)
}

/** Where the page's form goes. */
export function target(html: string): string | null {
  return /<form[^>]* action="([^"]*)"/.exec(html)?.[1] ?? null
}

/** The response that a page carries, as XML. */
export function carried(html: string): string {
  return Buffer.from(field(html, 'SAMLResponse') ?? '', 'base64').toString('utf8')
}

/** Begins a sign-in by POST, fills in the form and gives the answer to it. */
export async function signIn(
  site: RunningDemoOkta,
  fields: Record<string, string>,
): Promise<{ status: number; html: string }> {
  const begun = await post(site.ssoUrl, { SAMLRequest: posted(authnRequest()), RelayState: 'rs' })
  const state = field(await begun.text(), 'state') ?? ''
  const answer = await post(`${site.baseUrl}/login`, { state, password: 'any', ...fields })
  return { status: answer.status, html: await answer.text() }
}

/** Stands where homerealm would: notes what is posted to it, and answers with a plain page. */
export async function startAcs(): Promise<{
  url: string
  received: URLSearchParams[]
  close(): void
}> {
  const received: URLSearchParams[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (request.method === 'POST') received.push(new URLSearchParams(body))
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>ACS</title>')
  }).listen(0, 'localhost')
  await once(server, 'listening')
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/saml2`,
    received,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
