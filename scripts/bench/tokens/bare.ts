import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair } from 'jose'
import { type Configuration, Provider } from 'oidc-provider'
import { parties } from '../scene.ts'
import { app, portOf, type Running } from './contender.ts'

const clientId = '6d0e1b9e-2f2f-4a4c-9f3a-0c6f3f6f2b11'
const resource = 'https://api.example.test'
const interactionPath = '/interaction/'

/**
 * oidc-provider as its documentation has it, with the memory adapter that it brings along. It makes the same tokens as homerealm: an
 * ID token and a JWT access token, both RS256 with RSA-2048, and an opaque refresh token. A person signs in as its examples have it: a
 * page with a form, whose POST ends the interaction. Whoever is named there is believed: no password, no identity provider, no
 * directory, no log; and consent is given along with it, since homerealm asks for none.
 */
export async function startBare(): Promise<Running> {
  const listener: { handle: Parameters<typeof createServer>[1] } = { handle: undefined }
  const server = createServer((req, res) => listener.handle?.(req as never, res as never))
  const origin = `http://localhost:${await portOf(server)}`
  const provider = new Provider(origin, await configuration())
  const callback = provider.callback()
  listener.handle = async (req, res) => {
    if (!req.url?.startsWith(interactionPath)) await callback(req, res)
    else if (req.method === 'POST') await finishLogin(provider, req, res)
    else await showLogin(provider, req, res)
  }
  return {
    origin,
    authorize: `${origin}/auth`,
    token: `${origin}/token`,
    clientId,
    acs: null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function showLogin(provider: Provider, req: IncomingMessage, res: ServerResponse) {
  const { uid, params } = await provider.interactionDetails(req, res)
  const page = loginPage(`${interactionPath}${uid}`, String(params.login_hint))
  res.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(page),
    'Cache-Control': 'no-store',
  })
  res.end(page)
}

const loginPage = (action: string, login: string) =>
  `<!doctype html><title>Sign in</title><form action="${escaped(action)}" method="post"><input name="login" value="${escaped(login)}"><button>Sign in</button></form>`

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}

async function finishLogin(provider: Provider, req: IncomingMessage, res: ServerResponse) {
  const { params } = await provider.interactionDetails(req, res)
  const login = new URLSearchParams(await text(req)).get('login')
  if (login !== parties.userPrincipalName) throw new Error(`bench: nobody is called ${login}`)
  const accountId = parties.nameId
  const grant = new provider.Grant({ accountId, clientId: String(params.client_id) })
  grant.addOIDCScope(app.scope)
  grant.addResourceScope(resource, app.scope)
  const consent = { grantId: await grant.save() }
  await provider.interactionFinished(req, res, { login: { accountId }, consent })
}

async function configuration(): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const key = { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }
  return {
    jwks: { keys: [key as never] },
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        redirect_uris: [app.redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    cookies: { keys: ['bench'] },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'oid'], email: ['email'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    async findAccount(_ctx, id) {
      const { userPrincipalName: upn } = parties
      const claims = { sub: id, name: 'Alice', oid: id, preferred_username: upn, email: upn }
      return { accountId: id, claims: async () => claims }
    },
    interactions: { url: (_ctx, { uid }) => `${interactionPath}${uid}` },
    issueRefreshToken: async () => true,
    expiresWithSession: async () => false,
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => resource,
        useGrantedResource: async () => true,
        getResourceServerInfo: async () => ({
          scope: app.scope,
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  }
}
