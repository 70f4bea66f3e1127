import type { IncomingMessage } from 'node:http'
import { type Configuration, type KoaContextWithOIDC, Provider } from 'oidc-provider'
import { MULTIPLE_AUTHN } from '../signin/checks/secondFactor.ts'
import { type Accounts, createAccounts } from './account.ts'
import { recordAdapter } from './adapter.ts'
import { acceptAskedAddress } from './assertionAudience.ts'
import { letAssertionsRepeat } from './assertionReplay.ts'
import { boundOf } from './bounds.ts'
import { idTokenClaimNames } from './claims.ts'
import {
  appOf,
  clientAdapter,
  clientProperties,
  deviceGrantType,
  msalDeviceGrantType,
  ruleClients,
} from './clients.ts'
import { issuerOf, type OidcParts, userinfoUrlOf } from './deps.ts'
import { deviceHandler } from './device.ts'
import { AadstsError } from './errors.ts'
import { grantLoader, grantSeconds } from './grants.ts'
import { mustBeHinted } from './idTokenHint.ts'
import type { Keys } from './keys.ts'
import { promptPolicy } from './policy.ts'
import { providerSeconds } from './providerClock.ts'
import { isSpaOrigin } from './redirectUris.ts'
import { refreshHandler } from './refresh.ts'
import { createResources, type Resources } from './resources.ts'
import { oidcScopes } from './scopes.ts'
import { shadowSessions, unusedSessionCookie } from './sessions.ts'
import { pairwiseSubject } from './subject.ts'
import { accessTokenCustomizer } from './tokens.ts'
import { signingAlgs } from './types.ts'

/** Entra's paths below `/{tenant}`. Discovery is the provider's own, to which the router rewrites. */
export const routes = {
  authorization: '/oauth2/v2.0/authorize',
  token: '/oauth2/v2.0/token',
  jwks: '/discovery/v2.0/keys',
  device_authorization: '/oauth2/v2.0/devicecode',
  code_verification: '/oauth2/v2.0/unused-verification',
  end_session: '/oauth2/v2.0/unused-logout',
} as const

/** Ours, below `/{tenant}`. */
export const logoutPath = '/oauth2/v2.0/logout'

/** Where a person goes on when an app's request needs one: our sign-in. */
export const interactionPath = '/signin/app/'
/** The cookie that binds a sign-in to its browser. Under https only https can set it (RFC 6265bis section 4.1.3.1). */
export function interactionCookie(parts: Pick<OidcParts, 'publicUrl'>): string {
  return `${cookiePrefix(parts)}homerealm-interaction`
}

/** The cookie that the provider knows the browser by when a sign-in comes back to it. */
export function resumeCookie(parts: Pick<OidcParts, 'publicUrl'>): string {
  return `${cookiePrefix(parts)}homerealm-resume`
}

/** Seconds. */
const CODE_LIFETIME = 600
const DEVICE_CODE_LIFETIME = 900
const INTERACTION_LIFETIME = 3600
const ID_TOKEN_LIFETIME = 3600
const SESSION_RECORD_LIFETIME = 12 * 3600
const LONGEST_ASSERTION = 24 * 3600

/** The provider and what belongs to it, for one set of keys. */
export interface BuiltProvider {
  readonly provider: Provider
  readonly accounts: Accounts
  readonly resources: Resources
  readonly keys: Keys
}

/**
 * Builds oidc-provider over our stores. It costs a millisecond, so that another set of keys simply means another provider. Apps are
 * read at every request.
 */
export function buildProvider(
  parts: OidcParts,
  keys: Keys,
  hooks: {
    /** Told that an error is to be shown on a page, because no redirect is safe. */
    readonly onPage: (ctx: KoaContextWithOIDC) => void
    /** The network that a request came from. */
    readonly networkOf: (req: IncomingMessage) => string
  },
): BuiltProvider {
  const accounts = createAccounts(parts, keys)
  const resources = createResources(parts)
  const customize = accessTokenCustomizer(parts, accounts, resources, keys.pairwiseSecret)
  const cookie = { httpOnly: true, sameSite: 'lax', secure: isSecure(parts) } as const

  const configuration: Configuration = {
    adapter: (kind) => ({
      ...recordAdapter(kind, parts.records, parts.clock, () =>
        boundOf(kind, currentContext()?.req as IncomingMessage | undefined, hooks.networkOf),
      ),
      ...clientsOf(kind),
    }),
    jwks: { keys: keys.signing.map(({ privateJwk }) => ({ ...privateJwk })) as never },
    routes,
    cookies: {
      names: {
        session: unusedSessionCookie,
        interaction: interactionCookie(parts),
        resume: resumeCookie(parts),
      },
      long: cookie,
      short: cookie,
    },

    scopes: [...oidcScopes],
    claims: { openid: [...idTokenClaimNames], profile: [], email: [], acr: null, sid: null },
    acrValues: [
      MULTIPLE_AUTHN,
      'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    ],
    conformIdTokenClaims: false,
    responseTypes: ['code', 'code id_token', 'id_token'],
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: async (_ctx, userId, client) =>
      pairwiseSubject(keys.pairwiseSecret, userId, client.clientId),
    enabledJWA: {
      idTokenSigningAlgValues: [...signingAlgs],
      clientAuthSigningAlgValues: [...signingAlgs],
    },

    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    extraClientMetadata: { properties: [...clientProperties], validator: () => {} },
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: (_ctx, client) => appOf(client).isPublic },
    clientBasedCORS: (_ctx, origin, client) => isSpaOrigin(appOf(client), origin),
    extraParams: ['domain_hint', 'whr'],

    findAccount: accounts.find,
    loadExistingGrant: grantLoader(() => provider, parts, accounts),
    interactions: {
      policy: promptPolicy(mustBeAssigned, parts),
      url: (_ctx, interaction) => `${interactionPath}${interaction.uid}`,
    },
    issueRefreshToken: async (_ctx, _client, source) => source.scopes.has('offline_access'),
    expiresWithSession: async () => false,
    formats: { customizers: { jwt: async (ctx, token, jwt) => customize(ctx, token, jwt) } },
    ttl: {
      AccessToken: (_ctx, _token, client) => appOf(client).accessTokenSeconds,
      ClientCredentials: (_ctx, _token, client) => appOf(client).accessTokenSeconds,
      RefreshToken: (_ctx, _token, client) => appOf(client).refreshTokenSeconds,
      Grant: grantSeconds,
      AuthorizationCode: CODE_LIFETIME,
      DeviceCode: DEVICE_CODE_LIFETIME,
      IdToken: ID_TOKEN_LIFETIME,
      Interaction: INTERACTION_LIFETIME,
      Session: SESSION_RECORD_LIFETIME,
    },

    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      claimsParameter: { enabled: false },
      dPoP: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****' },
      resourceIndicators: {
        enabled: true,
        defaultResource: resources.resourceOfRequest,
        getResourceServerInfo: resources.resourceServer,
        useGrantedResource: async () => true,
      },
    },

    assertJwtClientAuthClaimsAndHeader: async (_ctx, claims) => {
      if (Number(claims.exp) > providerSeconds() + LONGEST_ASSERTION) throw new AadstsError(700024)
    },
    renderError: async (ctx, out) => {
      hooks.onPage(ctx)
      ctx.body = out
    },
    discovery: {
      userinfo_endpoint: userinfoUrlOf(parts),
      end_session_endpoint: `${parts.publicUrl}/${parts.tenant.id}${logoutPath}`,
      request_parameter_supported: false,
      http_logout_supported: true,
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    },
  }
  const provider = new Provider(issuerOf(parts), configuration)
  // The router tells it host and scheme in X-Forwarded headers of its own making; what the outside sent is overwritten.
  provider.proxy = true
  ruleClients(provider, parts.clock)
  letAssertionsRepeat(provider)
  acceptAskedAddress(provider)
  shadowSessions(provider, parts.currentPerson)
  provider.registerGrantType('refresh_token', refreshHandler(parts, accounts, resources), [
    'refresh_token',
    'scope',
  ])
  for (const name of [deviceGrantType, msalDeviceGrantType]) {
    provider.registerGrantType(name, deviceHandler(parts, accounts, resources), ['device_code'])
  }
  return { provider, accounts, resources, keys }

  function clientsOf(kind: string) {
    if (kind !== 'Client') return {}
    return clientAdapter(parts.apps, {
      placeholder: `${parts.publicUrl}/`,
      usesAssertion: () => currentContext()?.oidc.params?.client_assertion !== undefined,
    })
  }

  async function mustBeAssigned(ctx: KoaContextWithOIDC): Promise<void> {
    const person = await parts.currentPerson(ctx.req as IncomingMessage)
    // The session that the provider began with has ended meanwhile: whoever signs out just then is not let through unchecked.
    if (person === null) throw new AadstsError(50058)
    const app = appOf(ctx.oidc.client)
    const sub = pairwiseSubject(keys.pairwiseSecret, person.user.id, app.id)
    mustBeHinted(ctx.oidc.params?.id_token_hint, sub)
    try {
      await accounts.personMustBeAssigned(app, person)
    } catch (error) {
      // At Entra a person who is there sees the page; an app that asked silently gets the answer.
      if (error instanceof AadstsError) error.allow_redirect = ctx.oidc.prompts.has('none')
      throw error
    }
  }
}

function currentContext(): KoaContextWithOIDC | undefined {
  return Provider.ctx
}

function cookiePrefix(parts: Pick<OidcParts, 'publicUrl'>): string {
  return isSecure(parts) ? '__Secure-' : ''
}

function isSecure({ publicUrl }: Pick<OidcParts, 'publicUrl'>): boolean {
  return publicUrl.startsWith('https:')
}
