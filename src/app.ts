import express, { type Express } from 'express'
import {
  assembleLogout,
  assembleOidc,
  assembleSignin,
  type Parts,
  secondFactorParts,
} from './assembly.ts'
import type { Config } from './config.ts'
import { acsRouter } from './http/acs.ts'
import { appShortcuts } from './http/appShortcuts.ts'
import { appSigninRouter, mustAuthenticate } from './http/appSignin.ts'
import { authenticateWith } from './http/authenticate.ts'
import { requestIds } from './http/context.ts'
import { cookiesFor } from './http/cookies.ts'
import { deviceRouter } from './http/device.ts'
import { errorRouter, lastResort, notFound } from './http/errors.ts'
import { graphDoor } from './http/graph/door.ts'
import { landing } from './http/landing.ts'
import { limitedRoutes } from './http/limits.ts'
import { logoutRouter } from './http/logout.ts'
import { meRouter } from './http/me.ts'
import { oidcRouter } from './http/oidc.ts'
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
import { tellApps } from './oidc/logout.ts'
import { spMetadata } from './saml/metadata/spMetadata.ts'
import { createLocalSignin } from './signin/local.ts'
import type { IncompleteLogout } from './signin/logout/incomplete.ts'
import { hasherForApps, passwordHasher } from './signin/password/hash.ts'
import { REQUEST_LIFETIME } from './signin/start.ts'

/** The whole server as one Express app: every route stands here. */
export function createApp(config: Config, publicUrl: string, parts: Parts): Express {
  const signin = assembleSignin(config, publicUrl, parts)
  const { clock, random, tenant } = signin
  const hasher = passwordHasher(random, parts.passwordCost)
  const forApps = { hasher: hasherForApps(hasher) }
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
  const { toIdp, toApp } = appShortcuts(oidc, signin, cookies)
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
  app.use(oidcRouter(oidc, signin, toIdp)) //                     /{tenant}/v2.0/.well-known/...  /{tenant}/discovery/v2.0/keys  /{tenant}/oauth2/v2.0/...
  app.use(appSigninRouter(oidc, signin)) //                       GET /signin/app/{uid}
  app.use(signinRouter(signin, authenticate, parts.demoPeople ?? null)) // GET, POST /signin
  app.use(acsRouter(signin, authenticate, cookies, toApp)) //     POST /{tenant}/saml2  POST /login.srf
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
  // /v1.0/domains...  /v1.0/users...  /v1.0/groups...  /v1.0/$batch
  app.use(graphDoor(oidc, { ...parts, config, publicUrl, clock, random, ...forApps }))
  app.use('/scim/v2', scimDoor({ ...parts, publicUrl, ...forApps, oidc, clock, random })) // users and groups by SCIM
  app.use(errorRouter()) //                                       GET /error?code=N
  app.use(notFound)
  app.use(
    lastResort(clock, (error, requestId) => {
      parts.log.error({ err: error, requestId }, 'unexpected error')
    }),
  )
  return app
}
