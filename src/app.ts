import { createPrivateKey } from 'node:crypto'
import express, { type Express } from 'express'
import type { Config } from './config.ts'
import type { Tenant } from './directory/types.ts'
import { acsRouter } from './http/acs.ts'
import { appSigninRouter, mustAuthenticate } from './http/appSignin.ts'
import { authenticateWith } from './http/authenticate.ts'
import { requestIds } from './http/context.ts'
import { type Cookies, cookiesFor } from './http/cookies.ts'
import { deviceRouter } from './http/device.ts'
import { errorRouter, lastResort, notFound } from './http/errors.ts'
import { landing } from './http/landing.ts'
import { limitedRoutes } from './http/limits.ts'
import { logoutRouter } from './http/logout.ts'
import { meRouter } from './http/me.ts'
import { oidcRouter } from './http/oidc.ts'
import { oidcPresenter } from './http/oidcPresenter.ts'
import { passwordRouter } from './http/password.ts'
import { realmRouter } from './http/realm.ts'
import { scimDoor } from './http/scim/door.ts'
import { securityHeaders } from './http/securityHeaders.ts'
import { signinRouter } from './http/signin.ts'
import { signoutRouter } from './http/signout.ts'
import { stepRouter } from './http/steps.ts'
import { FederatedDomainStrategy } from './http/strategy.ts'
import { userinfoRouter } from './http/userinfo.ts'
import { assetRouter, healthRouter, metadataRouter } from './http/wellKnown.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import { type RandomSource, systemRandom } from './lib/ids.ts'
import { sealer, sealPurposes } from './lib/seal.ts'
import type { Log } from './observe/log.ts'
import type { AppRefusal } from './oidc/deps.ts'
import { withDirectoryApi } from './oidc/directoryApi.ts'
import { createKeyRing, type KeyRing } from './oidc/keyRing.ts'
import { tellApps } from './oidc/logout.ts'
import { oncePerRequest } from './oidc/person.ts'
import { keepRefusal } from './oidc/refusalTrace.ts'
import { createOidc, type Oidc } from './oidc/service.ts'
import type { RequestSigner } from './saml/authnRequest.ts'
import { readSigningCertificate, signingTrust } from './saml/certificates.ts'
import { spMetadata } from './saml/metadata/spMetadata.ts'
import { tenantlessAcsUrl } from './signin/acsUrls.ts'
import { personOf } from './signin/current.ts'
import { createLocalSignin } from './signin/local.ts'
import type { IncompleteLogout } from './signin/logout/incomplete.ts'
import { createLogout, type Logout } from './signin/logout/service.ts'
import { passwordHasher, type ScryptCost } from './signin/password/hash.ts'
import type { Session } from './signin/ports.ts'
import { nodeSamlOpinion } from './signin/secondOpinion.ts'
import { createSignin, type Signin, type SigninEvent } from './signin/service.ts'
import { REQUEST_LIFETIME } from './signin/start.ts'
import { proposeTotp, type SecondFactorParts } from './signin/totp/secondFactor.ts'
import type { Storage } from './storage/storage.ts'
import type { DemoPerson } from './web/models.ts'

/** What the server is made of besides its configuration. */
export interface Parts {
  readonly storage: Storage
  readonly tenant: Tenant
  readonly log: Log
  readonly onVerdict: (event: SigninEvent) => void
  /** Told of apps that are refused, besides the log. */
  readonly onAppRefused?: (event: AppRefusal) => void
  readonly clock?: Clock
  readonly random?: RandomSource
  /** The people whom the demo's e-mail page offers; null outside the demo. */
  readonly demoPeople?: readonly DemoPerson[] | null
  /** What secrets in the storage are sealed with: 32 bytes. */
  readonly keyEncryptionKey: Buffer
  /** Another cost of password hashes than the usual one, for tests. */
  readonly passwordCost?: ScryptCost
}

/** The sign-in over a deployment's stores and keys. `publicUrl` is an origin. */
export function assembleSignin(
  config: Config,
  publicUrl: string,
  parts: Omit<Parts, 'log' | 'demoPeople'>,
): Signin {
  return createSignin({
    settings: {
      publicUrl,
      entityId: config.entityId,
      clockSkew: config.clockSkew,
      maxLifetime: config.maxLifetime,
      longestSession: config.longestSession,
      limits: config.limits,
      diagnose: config.diagnose,
    },
    tenant: parts.tenant,
    directory: parts.storage.directory,
    state: parts.storage.signin,
    sessions: parts.storage.sessions,
    traces: parts.storage.traces,
    counts: parts.storage.signinCounts,
    clock: parts.clock ?? systemClock,
    random: parts.random ?? systemRandom,
    trustOf: (federation) => signingTrust(federation),
    signer: signerOf(config),
    decryptionKeys: config.decryptionKey === null ? [] : [createPrivateKey(config.decryptionKey)],
    secondOpinion: config.secondOpinion
      ? nodeSamlOpinion(tenantlessAcsUrl(publicUrl), config.entityId, config.limits)
      : null,
    stores: parts.storage,
    proposeTotp: (userId) => proposeTotp(userId, secondFactorParts(parts)),
    onVerdict: parts.onVerdict,
  })
}

function assembleLogout(
  config: Config,
  signin: Signin,
  parts: Parts,
  onEnded: (session: Session) => Promise<void>,
): Logout {
  const { settings, tenant, directory, sessions, clock, random } = signin
  const { logouts } = parts.storage
  return createLogout({
    ...settings,
    logoutUrls: [`${settings.publicUrl}/${tenant.id}/saml2/logout`],
    directory,
    sessions,
    logouts,
    state: parts.storage.signin,
    trustOf: (federation) => signingTrust(federation),
    signer: signerOf(config),
    onEnded,
    clock,
    random,
  })
}

function secondFactorParts(
  parts: Pick<Parts, 'storage' | 'random' | 'keyEncryptionKey'>,
): SecondFactorParts {
  const random = parts.random ?? systemRandom
  const opened = sealer(parts.keyEncryptionKey, sealPurposes.secondFactors, random)
  return { ...parts.storage, random, sealer: opened }
}

/** The keys that tokens are signed with. */
export function assembleKeyRing(
  parts: Pick<Parts, 'storage' | 'keyEncryptionKey' | 'clock' | 'random'>,
): KeyRing {
  const { storage, clock = systemClock, random = systemRandom } = parts
  const keySealer = sealer(parts.keyEncryptionKey, sealPurposes.signingKeys, random)
  return createKeyRing({ store: storage.keys, sealer: keySealer, clock, random })
}

/** The OpenID provider over the same stores and sessions. */
function assembleOidc(signin: Signin, parts: Parts, cookies: Cookies): Oidc {
  const { clock, random, tenant, directory } = signin
  const { apps, credentials, providerRecords: records } = parts.storage
  const { publicUrl } = signin.settings
  return createOidc(
    {
      publicUrl,
      tenant,
      directory,
      credentials,
      apps: withDirectoryApi(apps, publicUrl),
      records,
      clock,
      random,
      currentPerson: oncePerRequest((req) => personOf(cookies.session(req), clock(), signin)),
      report: (error, requestId) => {
        parts.log.error({ err: error, requestId }, 'the OpenID provider failed')
      },
      refused: (event) => {
        parts.log.warn({ event: 'app', ...event }, 'app refused')
        parts.onAppRefused?.(event)
        keepRefusal(event, parts.storage.traces, clock()).catch((error: unknown) => {
          parts.log.error({ err: error }, 'the trace of a refused app could not be kept')
        })
      },
    },
    assembleKeyRing(parts),
    oidcPresenter,
  )
}

/** The whole server as one Express app: every route stands here. */
export function createApp(config: Config, publicUrl: string, parts: Parts): Express {
  const signin = assembleSignin(config, publicUrl, parts)
  const { clock, random, tenant } = signin
  const hasher = passwordHasher(random, parts.passwordCost)
  const { sealer: factors } = secondFactorParts(parts)
  const local = createLocalSignin(signin, { stores: parts.storage, sealer: factors, hasher })
  const cookies = cookiesFor(publicUrl, random, REQUEST_LIFETIME)
  const oidc = assembleOidc(signin, parts, cookies)
  const authenticate = authenticateWith(
    new FederatedDomainStrategy(signin, (returnTo) => mustAuthenticate(oidc, returnTo)),
  )
  const logout = assembleLogout(config, signin, parts, async (session) => {
    await tellApps(oidc.parts, (await oidc.current()).keys, session)
  })
  const tellIncomplete = (event: IncompleteLogout) =>
    parts.log.warn({ event: 'logout', ...event }, 'the identity provider may still have a session')
  const land = landing(signin, local, cookies)
  const metadata = () =>
    spMetadata({
      entityId: config.entityId,
      publicUrl,
      tenantId: tenant.id,
      signingCertificate: config.signingCertificate,
      encryptionCertificate: config.decryptionCertificate,
    })

  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.set('trust proxy', config.trustProxy)
  app.use(requestIds(random))
  app.use(securityHeaders(publicUrl))

  for (const [paths, limits] of limitedRoutes(
    config.ratePerMinute,
    clock,
    publicUrl,
    parts.storage.apps,
  )) {
    app.use(paths, limits)
  }
  // No two of these share a path; what sign-ins ask for most stands first.
  app.use(oidcRouter(oidc, signin)) //                            /{tenant}/v2.0/.well-known/...  /{tenant}/discovery/v2.0/keys  /{tenant}/oauth2/v2.0/...
  app.use(appSigninRouter(oidc, signin)) //                       GET /signin/app/{uid}
  app.use(signinRouter(signin, authenticate, parts.demoPeople ?? null)) // GET, POST /signin
  app.use(acsRouter(signin, authenticate, cookies)) //            POST /{tenant}/saml2  POST /login.srf
  if (config.telemetryPort === null) {
    app.use(healthRouter(async () => void (await parts.storage.directory.tenant())))
  }
  app.use(assetRouter())
  app.use(meRouter(signin, local, logout, cookies, land)) //      GET /  GET /me  POST /me/second-factor
  app.use(passwordRouter(signin, local, cookies, land)) //        POST /signin/password
  app.use(stepRouter(signin, local, cookies, land)) //            GET, POST /signin/code  /signin/enrol  /signin/new-password
  app.use(logoutRouter(signin, logout, cookies, tellIncomplete)) // GET, POST /{tenant}/saml2/logout
  app.use(realmRouter(signin)) //                                 GET /common/userrealm  GET /getuserrealm.srf  POST /common/GetCredentialType
  app.use(metadataRouter(signin, metadata)) //                    GET /{tenant}/federationmetadata/saml20/...
  app.use(deviceRouter(oidc, parts.storage.attempts)) //          GET, POST /devicelogin
  app.use(signoutRouter(oidc, signin, cookies, logout)) //         POST /signout  GET, POST /{tenant}/oauth2/v2.0/logout
  app.use(userinfoRouter(oidc, signin)) //                        GET, POST /{tenant}/oidc/userinfo
  app.use('/scim/v2', scimDoor({ ...parts, publicUrl, hasher, oidc, clock, random })) // users and groups by SCIM
  app.use(errorRouter()) //                                       GET /error?code=N
  app.use(notFound)
  app.use(
    lastResort(clock, (error, requestId) => {
      parts.log.error({ err: error, requestId }, 'unexpected error')
    }),
  )
  return app
}

function signerOf({ signingKey, signingCertificate }: Config): RequestSigner | null {
  if (signingKey === null) return null
  const certificateBase64 = signingCertificate
    ? readSigningCertificate(signingCertificate).base64
    : null
  return { privateKeyPem: signingKey, certificateBase64 }
}
