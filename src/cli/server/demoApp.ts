import { readFileSync } from 'node:fs'
import { appPaths } from '../../demo-app/server.ts'
import { type RunningDemoApp, startDemoApp } from '../../demo-app/start.ts'
import type { Tenant } from '../../directory/types.ts'
import { ListenError } from '../../http/listen.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/ids.ts'
import { addApp, changeApp, keyOfPem } from '../../oidc/apps.ts'
import { issuerOf } from '../../oidc/deps.ts'
import type { AppStore } from '../../oidc/ports.ts'
import type { App } from '../../oidc/types.ts'
import { demoPeople } from './demoTenant.ts'
import type { DemoTls } from './demoTls.ts'

/**
 * Not localhost, which is homerealm: the two are different sites, as an app and its provider are in life. A port of the demo Okta's
 * host makes a third origin; those two never speak to each other. (`[::1]` would be a third site, on machines that have it.)
 */
const APP_HOST = '127.0.0.1'
/** The name under which the demo's app is found again; an admin who tries things out will hardly take it. */
export const demoAppName = 'Routty (demo)'

/** Starts Routty, registered in the tenant under the address that it has now. Rejects with ListenError when its port is taken. */
export async function startRoutty(options: {
  readonly port: number
  readonly publicUrl: string
  readonly tenant: Tenant
  readonly apps: AppStore
  readonly tls: DemoTls | null
  readonly clock?: Clock
  readonly onError?: (error: unknown) => void
}): Promise<RunningDemoApp> {
  const { port, publicUrl, tls, apps, tenant, clock = systemClock, onError } = options
  try {
    return await startDemoApp({
      host: APP_HOST,
      port,
      issuer: issuerOf({ publicUrl, tenant }),
      homerealmUrl: publicUrl,
      people: demoPeople,
      clock,
      random: systemRandom,
      tls: tls && {
        cert: readFileSync(tls.certFile, 'utf8'),
        key: readFileSync(tls.keyFile, 'utf8'),
        ca: readFileSync(tls.caFile, 'utf8'),
      },
      register: (baseUrl) => registerRoutty(apps, baseUrl, clock),
      ...(onError && { onError }),
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new ListenError(
      `Port ${port} (for Routty, the sample app) is taken by another program. Stop that one, or choose another port: HOMEREALM_DEMO_APP_PORT=${port + 10}`,
    )
  }
}

/**
 * Registers Routty, or brings its registration up to date: its addresses and its key, which lives as long as the process and is
 * written nowhere. What an admin has set besides (assignments, lifetimes) stays as it is.
 */
async function registerRoutty(
  apps: AppStore,
  baseUrl: string,
  clock: Clock,
): Promise<{ clientId: string; clientKey: CryptoKey }> {
  const ec = { name: 'ECDSA', namedCurve: 'P-256' }
  const { publicKey, privateKey } = await crypto.subtle.generateKey(ec, false, ['sign', 'verify'])
  const spki = Buffer.from(await crypto.subtle.exportKey('spki', publicKey)).toString('base64')
  const lines = spki.replace(/(.{64})(?=.)/g, '$1\n')
  const following = {
    redirectUris: [appPaths.callback, appPaths.signedOut].map((path) => ({
      uri: baseUrl + path,
      platform: 'web' as const,
    })),
    frontChannelLogoutUri: baseUrl + appPaths.frontChannelLogout,
    // Under TLS the certificate is by the demo's own authority, which homerealm as a client does not trust: there the frame does it.
    backChannelLogoutUri: baseUrl.startsWith('http:') ? baseUrl + appPaths.backChannelLogout : null,
    keys: [await keyOfPem(`-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n`)],
  }
  const registered = (await apps.apps()).find(isRoutty)
  const { id } = registered
    ? await changeApp(apps, registered, following)
    : await addApp(
        apps,
        {
          displayName: demoAppName,
          groupsClaim: 'all',
          optionalClaims: ['upn', 'given_name', 'family_name'],
          ...following,
        },
        { now: clock(), random: systemRandom },
      )
  return { clientId: id, clientKey: privateKey }
}

/** A public app of that name is somebody else's: it could hold no key. */
function isRoutty({ displayName, isPublic }: App): boolean {
  return displayName === demoAppName && !isPublic
}
