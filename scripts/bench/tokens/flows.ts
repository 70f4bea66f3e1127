import { createHash, randomBytes } from 'node:crypto'
import { oktaResponse } from '../../../src/demo-okta/honest.ts'
import { buildResponse, newOktaId } from '../../../src/demo-okta/response.ts'
import { systemRandom } from '../../../src/lib/ids.ts'
import { idpKey, parties } from '../scene.ts'
import type { Answered, Client } from './client.ts'
import { app, type Deployed } from './contender.ts'

/** A sign-in is over after so many steps, or goes in circles. */
const MOST_STEPS = 12

/** The tokens of one exchange, as the app gets them. */
export interface Tokens {
  readonly access_token: string
  readonly id_token: string
  readonly refresh_token: string
}

/** A sign-in on its way. */
export interface Begun {
  readonly client: Client
  /** What the app remembers until it has the code. */
  readonly verifier: string
  /** Where it got to: to the page that wants to know who it is, or to the app. */
  readonly answer: Answered
}

/** What proves who it is: a form for the server. Null where nobody asks. */
export type Proof = { readonly action: string; readonly fields: Record<string, string> } | null

/**
 * An app's request, whatever it takes to answer it, and the exchange of the code: for a client with a session that is two requests, for
 * a new one the whole sign-in, with a Response signed by the identity provider where one is asked for.
 */
export async function exchange(deployed: Deployed, client: Client): Promise<Tokens> {
  const begun = await begin(deployed, client)
  return end(deployed, begun, prove(deployed, begun))
}

/** The app's request, as far as it leads by itself. */
export async function begin(deployed: Deployed, client: Client): Promise<Begun> {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const query = new URLSearchParams({
    client_id: deployed.clientId,
    response_type: 'code',
    redirect_uri: app.redirectUri,
    scope: app.scope,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 'state',
    nonce: randomBytes(16).toString('base64url'),
    login_hint: parties.userPrincipalName,
  })
  const first = await client.get(`${deployed.authorize}?${query}`)
  return { client, verifier, answer: await followed(deployed, client, first) }
}

/** The form that the page is answered by: who it is, or what the identity provider says about it. It asks the server nothing. */
export function prove(deployed: Deployed, { answer }: Pick<Begun, 'answer'>): Proof {
  if (targetOf(answer)?.startsWith(app.redirectUri)) return null
  const samlRequest = /name="SAMLRequest" value="([^"]+)"/.exec(answer.body)?.[1]
  if (samlRequest !== undefined && deployed.acs !== null) {
    const SAMLResponse = responseTo(samlRequest, deployed.acs)
    return { action: deployed.acs, fields: { SAMLResponse } }
  }
  const [, action, login] =
    /<form action="([^"]+)" method="post"><input name="login" value="([^"]+)"/.exec(answer.body) ??
    []
  if (action !== undefined && login !== undefined) {
    return { action: new URL(action, deployed.origin).href, fields: { login } }
  }
  throw new Error(`bench: led nowhere by ${answer.status} ${answer.body.slice(0, 500)}`)
}

/** The rest: the proof, back to the app, and the code for tokens. */
export async function end(deployed: Deployed, begun: Begun, proof: Proof): Promise<Tokens> {
  const { client, verifier } = begun
  const answer =
    proof === null
      ? begun.answer
      : await followed(deployed, client, await client.post(proof.action, proof.fields))
  const target = targetOf(answer) ?? ''
  const code = URL.canParse(target) ? new URL(target).searchParams.get('code') : null
  if (code === null) throw new Error(`bench: no code, but ${answer.status} ${target}`)
  const told = await client.alone().post(deployed.token, {
    grant_type: 'authorization_code',
    client_id: deployed.clientId,
    redirect_uri: app.redirectUri,
    code_verifier: verifier,
    code,
  })
  const tokens = JSON.parse(told.body)
  for (const kind of ['access_token', 'id_token', 'refresh_token']) {
    if (told.status !== 200 || typeof tokens[kind] !== 'string') {
      throw new Error(`bench: no ${kind}, but ${told.status} ${told.body}`)
    }
  }
  return tokens
}

/** Goes where the answers lead, until one wants something of the person, or leads to the app. */
async function followed(deployed: Deployed, client: Client, first: Answered): Promise<Answered> {
  let answer = first
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const target = targetOf(answer)
    if (target === null || target.startsWith(app.redirectUri)) return answer
    answer = await client.get(new URL(target, deployed.origin).href)
  }
  throw new Error('bench: a sign-in goes in circles')
}

function targetOf({ headers }: Answered): string | null {
  const refresh = headers.refresh
  return headers.location ?? (typeof refresh === 'string' ? refresh.replace(/^0; url=/, '') : null)
}

/** Signed in the process that measures, and so outside every server's time. */
function responseTo(samlRequest: string, acs: string): string {
  const xml = Buffer.from(samlRequest.replaceAll('&#x2B;', '+').replaceAll('&#43;', '+'), 'base64')
  const inResponseTo = / ID="([^"]+)"/.exec(xml.toString('utf8'))?.[1]
  if (inResponseTo === undefined) throw new Error('bench: an AuthnRequest without ID')
  const response = oktaResponse({
    now: Date.now(),
    responseId: newOktaId(systemRandom),
    assertionId: newOktaId(systemRandom),
    issuer: parties.issuer,
    acs,
    audience: parties.entityId,
    inResponseTo,
    user: {
      login: parties.userPrincipalName,
      nameId: parties.nameId,
      firstName: 'Alice',
      lastName: 'Jones',
      email: parties.userPrincipalName,
      groups: ['Everyone', 'Sales'],
    },
    key: idpKey,
  })
  return Buffer.from(buildResponse(response), 'utf8').toString('base64')
}
