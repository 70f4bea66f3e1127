import {
  type Adapter,
  type AdapterPayload,
  type Client,
  errors,
  type Provider,
} from 'oidc-provider'
import type { Clock } from '../lib/clock.ts'
import { AadstsError } from './errors.ts'
import type { AppStore } from './ports.ts'
import { isRegistered } from './redirectUris.ts'
import { secretState } from './secrets.ts'
import type { App } from './types.ts'

export const deviceGrantType = 'urn:ietf:params:oauth:grant-type:device_code'
/** MSAL's name for it. */
export const msalDeviceGrantType = 'device_code'

/** The property under which the provider's client carries our app. */
const carried = 'homerealm_app'
export const clientProperties: readonly string[] = [carried]

/** The app behind a client of the provider. */
export function appOf(client: Client | undefined): App {
  const app = client?.[carried]
  if (app === undefined) throw new errors.InvalidClient('client is invalid', 'client not found')
  return app as App
}

/**
 * Gives the provider its clients, anew at every request, so that a changed app needs no restart. Of what decides (redirect URIs,
 * secrets, grants) the metadata holds nothing: the provider asks the methods below.
 */
export function clientAdapter(
  apps: Pick<AppStore, 'app'>,
  options: {
    /** A redirect URI for the provider's own checks of metadata; no app is ever answered there. */
    readonly placeholder: string
    /** Whether the request at hand proves the client by an assertion: an app may have secrets and keys at once. */
    readonly usesAssertion: () => boolean
  },
): Pick<Adapter, 'find'> {
  return {
    async find(id): Promise<AdapterPayload | undefined> {
      const app = await apps.app(id.toLowerCase())
      if (app === null) return undefined
      if (!app.isEnabled) throw new AadstsError(7000112, { app: app.id })
      const byAssertion =
        app.keys.length > 0 && (options.usesAssertion() || app.secrets.length === 0)
      const method = app.isPublic ? 'none' : byAssertion ? 'private_key_jwt' : 'client_secret_basic'
      return {
        client_id: app.id,
        client_name: app.displayName,
        token_endpoint_auth_method: method,
        ...(method === 'client_secret_basic' && { client_secret: 'kept as a hash' }),
        ...(method === 'private_key_jwt' && { jwks: { keys: [...app.keys] } }),
        redirect_uris: [options.placeholder],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        subject_type: 'pairwise',
        id_token_signed_response_alg: app.idTokenSigningAlg,
        [carried]: app,
      }
    },
  }
}

/** The rules that decide about a client, in place of the provider's own, which know less than our apps do. */
export function ruleClients(provider: Provider, clock: Clock): void {
  const rules = {
    redirectUriAllowed(this: Client, uri: unknown) {
      return typeof uri === 'string' && isRegistered(appOf(this), uri)
    },
    postLogoutRedirectUriAllowed: () => false,
    grantTypeAllowed(this: Client, type: string) {
      return isGrantTypeAllowed(appOf(this), type)
    },
    responseTypeAllowed(this: Client, type: string) {
      return type === 'code' || appOf(this).allowHybrid
    },
    /** An ID token never stands in an address, where logs and histories would keep it. */
    responseModeAllowed: (mode: string | undefined, type: string | undefined) =>
      type?.includes('id_token') === true
        ? mode === 'form_post'
        : mode === undefined || ['query', 'fragment', 'form_post'].includes(mode),
    /** Every ID token says which session it belongs to, for front-channel logout. */
    includeSid: () => true,
    async compareClientSecret(this: Client, secret: string) {
      const state = secretState(appOf(this), secret, clock())
      if (state === 'expired') throw new AadstsError(7000222)
      return state === 'good'
    },
  }
  Object.assign(provider.Client.prototype, rules)
}

function isGrantTypeAllowed(app: App, type: string): boolean {
  switch (type) {
    case 'authorization_code':
      return app.redirectUris.length > 0
    case 'refresh_token':
      return app.redirectUris.length > 0 || app.allowDeviceCode
    case 'client_credentials':
      return !app.isPublic
    case deviceGrantType:
    case msalDeviceGrantType:
      return app.allowDeviceCode
    default:
      return false
  }
}
