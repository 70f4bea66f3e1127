import type { Act } from '../../directory/audit.ts'
import { offerNextCertificate } from '../../directory/certificateRollover.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { Federation } from '../../directory/types.ts'
import { isoSeconds } from '../../lib/clock.ts'
import { readSigningCertificate, validityAt } from '../../saml/certificates.ts'
import {
  type IdpMetadata,
  MetadataError,
  readIdpMetadata,
} from '../../saml/metadata/idpMetadata.ts'
import type { FetchMetadata } from './metadataFetch.ts'

/** What came of looking at a federation's metadata again. */
export interface RefreshOutcome {
  readonly kind: RefreshKind
  /** For the admin: what was found, what was done, and what to do. */
  readonly message: string
}

/** `unchanged` is as it should be, `certificateAdded` is announced; the rest changes nothing and wants a look. */
export type RefreshKind =
  | 'unchanged'
  | 'certificateAdded'
  | 'cannotBeRead'
  | 'otherIssuer'
  | 'severalNew'
  | 'slotTaken'
  | 'formerCertificate'
  | 'notValidNow'
  | 'certificateGone'
  | 'otherAddress'

/**
 * Fetches the metadata of a federation by its `metadataExchangeUri` and puts a new signing certificate in the second slot, when it is
 * the only new one, that slot is free, and it never was here before. Nothing else is ever taken over: the metadata is not signed by
 * anybody we know, so that https is all that vouches for it. Entra does as much by the same property (entra.md section 3).
 */
export async function refreshFromMetadata(
  store: DirectoryStore,
  federation: Federation,
  fetch: FetchMetadata,
  act: Act,
): Promise<RefreshOutcome> {
  const { metadataExchangeUri: uri, displayName: name } = federation
  if (uri === null) {
    return { kind: 'unchanged', message: `${name} has no address of metadata to look at.` }
  }
  let metadata: IdpMetadata
  try {
    metadata = readIdpMetadata(await fetch(uri))
  } catch (error) {
    if (!(error instanceof MetadataError)) throw error
    return { kind: 'cannotBeRead', message: `The metadata of ${name}: ${error.message}` }
  }
  const judged = judgeMetadata(federation, metadata, act.at)
  if (!('offer' in judged)) return judged
  const { thumbprint, base64, notAfter } = judged.offer
  if (!(await offerNextCertificate(store, federation, base64, act))) {
    return { kind: 'slotTaken', message: `${name} was changed meanwhile; nothing was done.` }
  }
  return {
    kind: 'certificateAdded',
    message: `The metadata of ${name} has a new signing certificate: SHA-256 ${thumbprint}, until ${isoSeconds(notAfter)}. It is accepted from now on as nextSigningCertificate. Compare it with Okta's; to take it back: homerealm domains history, then undo.`,
  }
}

type Judged = RefreshOutcome | { readonly offer: IdpMetadata['signingCertificates'][number] }

/** What to do about the metadata; looks at nothing else. */
export function judgeMetadata(federation: Federation, metadata: IdpMetadata, now: number): Judged {
  const { displayName: name, formerSigningCertificates: former } = federation
  const is = (kind: RefreshKind, message: string) => ({ kind, message })
  if (metadata.issuerUri !== federation.issuerUri) {
    const message = `The metadata of ${name} is that of another Issuer: ${metadata.issuerUri}; expected ${federation.issuerUri}. Nothing of it was used.`
    return is('otherIssuer', message)
  }
  const { signingCertificate: current, nextSigningCertificate: next } = federation
  const slots = [current, next].filter((each) => each !== null)
  const known = new Set(slots.map((each) => readSigningCertificate(each).thumbprint))
  const news = metadata.signingCertificates.filter(({ thumbprint }) => !known.has(thumbprint))
  const [offer, ...more] = news
  if (offer === undefined) return judgeKnown(federation, metadata)
  if (more.length > 0) {
    const message = `The metadata of ${name} has ${news.length} certificates that are not registered: register the right one by hand.`
    return is('severalNew', message)
  }
  if (former.includes(offer.thumbprint)) {
    const message = `The metadata of ${name} names a certificate that was retired here: SHA-256 ${offer.thumbprint}. It was not taken back.`
    return is('formerCertificate', message)
  }
  if (validityAt(offer, now) === 'expired') {
    const message = `The new certificate in the metadata of ${name} has run out already: SHA-256 ${offer.thumbprint}.`
    return is('notValidNow', message)
  }
  if (next !== null) {
    const message = `The metadata of ${name} has a new certificate, and another one is registered as the next: SHA-256 ${offer.thumbprint}. Rotate, or register it by hand.`
    return is('slotTaken', message)
  }
  return { offer }
}

function judgeKnown(federation: Federation, metadata: IdpMetadata): RefreshOutcome {
  const { displayName: name, signingCertificate, passiveSignInUri } = federation
  const { thumbprint } = readSigningCertificate(signingCertificate)
  if (!metadata.signingCertificates.some((each) => each.thumbprint === thumbprint)) {
    const message = `The metadata of ${name} names its signingCertificate no more: homerealm domains certificates DOMAIN says whether to rotate.`
    return { kind: 'certificateGone', message }
  }
  const addresses = [metadata.passiveSignInUri, metadata.redirectSignInUri]
  if (!addresses.includes(passiveSignInUri)) {
    const message = `The metadata of ${name} has another sign-in address: ${metadata.passiveSignInUri}. It was not taken over; federate again with it if it is right.`
    return { kind: 'otherAddress', message }
  }
  return { kind: 'unchanged', message: `The metadata of ${name} has nothing new.` }
}
