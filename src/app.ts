import { createPrivateKey } from 'node:crypto'
import express, { type Express } from 'express'
import helmet from 'helmet'
import type { Config } from './config.ts'
import type { Tenant } from './directory/types.ts'
import { acsRouter } from './http/acs.ts'
import { authenticateWith } from './http/authenticate.ts'
import { requestIds } from './http/context.ts'
import { cookiesFor } from './http/cookies.ts'
import { errorRouter, lastResort, notFound } from './http/errors.ts'
import { atOnce, perAddress } from './http/limits.ts'
import { meRouter } from './http/me.ts'
import { signinRouter } from './http/signin.ts'
import { FederatedDomainStrategy } from './http/strategy.ts'
import { assetRouter, healthRouter, metadataRouter } from './http/wellKnown.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import { type RandomSource, systemRandom } from './lib/ids.ts'
import type { Log } from './observe/log.ts'
import type { RequestSigner } from './saml/authnRequest.ts'
import { readSigningCertificate, signingTrust } from './saml/certificates.ts'
import { spMetadata } from './saml/metadata/spMetadata.ts'
import { tenantlessAcsUrl } from './signin/acsUrls.ts'
import { nodeSamlOpinion } from './signin/secondOpinion.ts'
import { createSignin, type Signin, type SigninEvent } from './signin/service.ts'
import { REQUEST_LIFETIME } from './signin/start.ts'
import type { Storage } from './storage/storage.ts'
import type { DemoPerson } from './web/models.ts'

/** What the server is made of besides its configuration. */
export interface Parts {
  readonly storage: Storage
  readonly tenant: Tenant
  readonly log: Log
  readonly onVerdict: (event: SigninEvent) => void
  readonly clock?: Clock
  readonly random?: RandomSource
  /** The people whom the demo's e-mail page offers; null outside the demo. */
  readonly demoPeople?: readonly DemoPerson[] | null
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
    clock: parts.clock ?? systemClock,
    random: parts.random ?? systemRandom,
    trustOf: (federation) => signingTrust(federation),
    signer: signerOf(config),
    decryptionKeys: config.decryptionKey === null ? [] : [createPrivateKey(config.decryptionKey)],
    secondOpinion: config.secondOpinion
      ? nodeSamlOpinion(tenantlessAcsUrl(publicUrl), config.entityId, config.limits)
      : null,
    onVerdict: parts.onVerdict,
  })
}

/** The whole server as one Express app: every route stands here. */
export function createApp(config: Config, publicUrl: string, parts: Parts): Express {
  const signin = assembleSignin(config, publicUrl, parts)
  const { clock, random, tenant } = signin
  const cookies = cookiesFor(publicUrl, random, REQUEST_LIFETIME)
  const authenticate = authenticateWith(new FederatedDomainStrategy(signin))
  const limited = [
    perAddress(config.ratePerMinute, clock),
    atOnce({ ofOneAddress: 100, ofAll: 2000 }, clock),
  ]
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

  app.use(healthRouter(async () => void (await parts.storage.directory.tenant())))
  app.use(assetRouter())
  // A pattern, not `/:tenant/saml2`: that would decode the segment, and could fail before the limit counts.
  app.use(/^\/(?:signin|login\.srf|[^/]+\/saml2)\/?$/i, limited)
  app.use(meRouter(signin, cookies)) //                           GET /  GET /me  POST /signout  GET /signedout
  app.use(signinRouter(signin, authenticate, parts.demoPeople ?? null)) // GET, POST /signin
  app.use(acsRouter(signin, authenticate, cookies)) //            POST /{tenant}/saml2  POST /login.srf
  app.use(metadataRouter(signin, metadata)) //                    GET /{tenant}/federationmetadata/saml20/...
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

/** Pages set a policy of their own; what has none may load nothing. */
function securityHeaders(publicUrl: string) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: publicUrl.startsWith('https:'),
    // Not no-referrer: the POST to the identity provider would then carry `Origin: null`.
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
    xFrameOptions: { action: 'deny' },
  })
}
