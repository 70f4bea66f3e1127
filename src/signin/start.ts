import type { Federation } from '../directory/types.ts'
import { type Instant, minutes } from '../lib/clock.ts'
import { newGuid, type RandomSource } from '../lib/ids.ts'
import {
  buildAuthnRequest,
  type OutgoingMessage,
  type RequestSigner,
} from '../saml/authnRequest.ts'
import { MULTIPLE_AUTHN } from './checks/secondFactor.ts'
import type { SigninState } from './ports.ts'

/** A Response is awaited this long (R18). */
export const REQUEST_LIFETIME = minutes(15)

/**
 * Sends a browser to a federation: makes the AuthnRequest, remembers it bound to that federation and that browser, and only
 * then gives out the message to send. Throws when the federation wants signed requests and there is no key.
 */
export async function startSignin(
  start: {
    readonly federation: Federation
    /** The e-mail as typed, null when a domain hint skipped the page. */
    readonly loginHint: string | null
    /** Fingerprint of the browser's cookie. */
    readonly browser: string
    /** Same-origin path to go on to. */
    readonly returnTo: string
    /** The app wants a second factor. */
    readonly requiresMfa: boolean
    /** Asks the identity provider to authenticate anew. */
    readonly forceAuthn: boolean
    /** Asks it for a second factor as well: once, when an answer came without. */
    readonly askForMfa: boolean
  },
  surroundings: {
    readonly now: Instant
    readonly random: RandomSource
    readonly state: Pick<SigninState, 'rememberRequest'>
    readonly entityId: string
    readonly signer: RequestSigner | null
  },
): Promise<OutgoingMessage> {
  const { federation, loginHint, browser, returnTo, requiresMfa, askForMfa } = start
  const { now, random, state, entityId, signer } = surroundings
  const mustSign = federation.isSignedAuthenticationRequestRequired
  if (mustSign && signer === null) {
    throw new Error(
      `The federation ${federation.displayName} requires signed AuthnRequests, and no key is configured: set HOMEREALM_SIGNING_KEY.`,
    )
  }
  const id = `_${newGuid(random)}`
  const message = await buildAuthnRequest({
    id,
    now,
    issuer: entityId,
    passiveSignInUri: federation.passiveSignInUri,
    binding: federation.requestBinding,
    sign: mustSign ? signer : null,
    loginHint,
    forceAuthn: start.forceAuthn || askForMfa,
    ...(askForMfa && { authnContextClassRef: MULTIPLE_AUTHN }),
  })
  await state.rememberRequest({
    id,
    federationId: federation.id,
    loginHint,
    browser,
    returnTo,
    requiresMfa,
    askedForMfa: askForMfa,
    createdAt: now,
    expiresAt: now + REQUEST_LIFETIME,
  })
  return message
}
