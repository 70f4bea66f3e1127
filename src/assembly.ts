import { createPrivateKey } from 'node:crypto'
import type { Config } from './config.ts'
import type { Tenant } from './directory/types.ts'
import type { Cookies } from './http/cookies.ts'
import { oidcPresenter } from './http/oidcPresenter.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import { type RandomSource, systemRandom } from './lib/ids.ts'
import { sealer, sealPurposes } from './lib/seal.ts'
import { fingerprint } from './lib/secrets.ts'
import type { Log } from './observe/log.ts'
import type { AppRefusal } from './oidc/deps.ts'
import { withDirectoryApi } from './oidc/directoryApi.ts'
import { createKeyRing, type KeyRing } from './oidc/keyRing.ts'
import { oncePerRequest } from './oidc/person.ts'
import { keepRefusal } from './oidc/refusalTrace.ts'
import { createOidc, type Oidc } from './oidc/service.ts'
import { requestSigner } from './saml/authnRequest.ts'
import { signingTrust } from './saml/certificates.ts'
import { tenantlessAcsUrl } from './signin/acsUrls.ts'
import { personOf } from './signin/current.ts'
import { createLogout, type Logout } from './signin/logout/service.ts'
import type { ScryptCost } from './signin/password/hash.ts'
import type { Session } from './signin/ports.ts'
import { nodeSamlOpinion } from './signin/secondOpinion.ts'
import { createSignin, type Signin, type SigninEvent } from './signin/service.ts'
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
  /** SHA-256 thumbprints of certificates that apps register for no federation: those whose private keys are public. */
  readonly refusedCertificates?: ReadonlySet<string>
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
    signer: requestSigner(config),
    decryptionKeys: config.decryptionKey === null ? [] : [createPrivateKey(config.decryptionKey)],
    secondOpinion: config.secondOpinion
      ? nodeSamlOpinion(tenantlessAcsUrl(publicUrl), config.entityId, config.limits)
      : null,
    stores: parts.storage,
    proposeTotp: (userId) => proposeTotp(userId, secondFactorParts(parts)),
    onVerdict: parts.onVerdict,
  })
}

/** SAML single logout over the same stores; `onEnded` tells the apps of a session. */
export function assembleLogout(
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
    signer: requestSigner(config),
    onEnded,
    clock,
    random,
  })
}

/** What second factors are kept with. */
export function secondFactorParts(
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
export function assembleOidc(signin: Signin, parts: Parts, cookies: Cookies): Oidc {
  const { clock, random, tenant } = signin
  const { apps, credentials, directory, providerRecords: records } = parts.storage
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
      ...oncePerRequest((req) => personOf(cookies.session(req), clock(), signin)),
      browserOf: (req, res) => fingerprint(cookies.ensureBrowser(req, res)),
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
