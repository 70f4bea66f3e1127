import { assembleSignin } from './assembly.ts'
import { openDeployment } from './cli/server/running.ts'
import { ConfigError, parseConfig } from './config.ts'
import { type Clock, minutes, systemClock } from './lib/clock.ts'
import type { RandomSource } from './lib/ids.ts'
import type { Signin, SigninEvent } from './signin/service.ts'

/**
 * What the package offers to other Express apps: the sign-in as a passport strategy, over a database of homerealm, and the
 * judgement behind it.
 */
export type { Reason } from './aadsts/reasons.ts'
export type { Domain, Federation, Tenant, User } from './directory/types.ts'
export { FederatedDomainStrategy, type SigninFailure, type SigninInfo } from './http/strategy.ts'
/** Serves `/assets/...`: stylesheet and script of the page that carries a browser to the identity provider. */
export { assetRouter as signinAssets } from './http/wellKnown.ts'
export type { Circumstances, Refused, SignedIn, Verdict } from './signin/circumstances.ts'
export { judge } from './signin/judge.ts'
export type { Session } from './signin/ports.ts'
export type { Signin, SigninEvent } from './signin/service.ts'
export type { Trace, TraceEntry } from './signin/trace.ts'
export { ConfigError }

export interface SigninOptions {
  /** Where browsers reach the app: an origin, https except on this machine. Its `/{tenant}/saml2` is the ACS. */
  readonly publicUrl: string
  /** Folder of homerealm's database, which is made when it is missing; `homerealm` commands take it as HOMEREALM_DATA. */
  readonly dataFolder: string
  /** Further settings, by the names of the README's table: `{ HOMEREALM_CLOCK_SKEW_SECONDS: '60' }`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Told of every verdict, for a log. It holds no assertion, no NameID and no claim. */
  readonly onVerdict?: (event: SigninEvent) => void
  readonly clock?: Clock
  readonly random?: RandomSource
}

/** A sign-in over a database that stays open until `close`. */
export type OpenedSignin = Signin & { readonly close: () => Promise<void> }

/** Expired records are removed this often. */
const PURGE_EVERY = minutes(5)

/**
 * Opens homerealm's SQLite database in `dataFolder` and assembles the sign-in over it, for `new FederatedDomainStrategy(signin)`.
 * The environment is not read. Rejects with ConfigError, which tells all wrong settings at once, and with DatabaseError.
 */
export async function openSignin(options: SigninOptions): Promise<OpenedSignin> {
  const { publicUrl, dataFolder, settings = {}, clock = systemClock, random, onVerdict } = options
  const config = parseConfig(
    { ...settings, HOMEREALM_PUBLIC_URL: publicUrl, HOMEREALM_DATA: dataFolder },
    'serve',
  )
  const { storage, tenant, keyEncryptionKey } = await openDeployment(config)
  const signin = assembleSignin(config, config.publicUrl ?? publicUrl, {
    storage,
    tenant,
    keyEncryptionKey,
    clock,
    onVerdict: onVerdict ?? (() => {}),
    ...(random !== undefined && { random }),
  })
  // Nothing here depends on it: what is over does not count whether it is still there or not.
  const purging = setInterval(() => {
    storage.purge(clock()).catch(() => {})
  }, PURGE_EVERY)
  purging.unref()
  return {
    ...signin,
    close: async () => {
      clearInterval(purging)
      await storage.close()
    },
  }
}
