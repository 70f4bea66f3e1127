import { Refusal, refuse } from '../../aadsts/reasons.ts'
import type { Federation } from '../../directory/types.ts'
import { decodeResponse } from '../../saml/decode.ts'
import { verifyResponse } from '../../saml/verify.ts'
import { check } from './check.ts'
import { issuerHint } from './hints.ts'

const STATUS_SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success'

/** Can it be read safely, and is it a SAML 2.0 Response of a shape that an honest identity provider sends? (R1 to R5) */
export const message = check('message', ['message'], (found, { limits }) => {
  const claimed = decodeResponse(found.message, limits)
  return { actual: `a SAML 2.0 Response, ID ${claimed.id}`, found: { claimed } }
})

/**
 * Which federation's keys may verify it? The request that the response claims to answer decides; the claimed Issuer must be
 * that federation's before any key is used. Only a response that names no request of ours is looked up by its Issuer (R21),
 * and it is refused later unless unsolicited responses are allowed.
 */
export const trust = check('trust', ['claimed'], async ({ claimed }, { directory, state }) => {
  const issuer = claimed.issuer
  if (issuer === null) {
    refuse('issuerNotFederated', { expected: 'an Issuer', actual: 'no Issuer element' })
  }
  const request = claimed.inResponseTo && (await state.pendingRequest(claimed.inResponseTo))
  const federation = await directory.federationByIssuer(issuer)
  if (request) {
    const asked = await directory.federation(request.federationId)
    if (asked !== null && asked.issuerUri !== issuer) {
      refuse(federation === null ? 'issuerNotFederated' : 'issuerMismatch', {
        expected: asked.issuerUri,
        actual: issuer,
        hint: issuerHint(issuer, asked.issuerUri),
      })
    }
  }
  if (federation === null) {
    refuse('issuerNotFederated', {
      expected: 'the issuerUri of a federation',
      actual: issuer,
      hint: await nearIssuer(issuer, (uri) => directory.federationByIssuer(uri)),
    })
  }
  if (!federation.isEnabled) {
    refuse('federationDisabled', {
      expected: 'an enabled federation',
      actual: federation.displayName,
    })
  }
  return { expected: federation.issuerUri, actual: issuer, found: { federation } }
})

/** Did the identity provider say Success? Read from claimed bytes, because a refusal is seldom signed; it only ever refuses. */
export const status = check('status', ['claimed'], ({ claimed }) => {
  const { code, subCode, message: text } = claimed.status
  if (code !== STATUS_SUCCESS) {
    const said = [code ?? 'no StatusCode', subCode, text && `"${text.slice(0, 200)}"`]
    refuse('statusNotSuccess', {
      expected: STATUS_SUCCESS,
      actual: said.filter(Boolean).join(' / '),
    })
  }
  return { expected: STATUS_SUCCESS, actual: code }
})

export const assertion = check('assertion', ['claimed'], ({ claimed }) => {
  if (claimed.assertionCount === 0) {
    refuse('assertionMissing', { expected: 'one Assertion', actual: 'none' })
  }
  return { expected: 'one Assertion', actual: claimed.encrypted ? 'one, encrypted' : 'one' }
})

/** Does the signature hold, by one of the federation's certificates? From here on verified bytes exist (R6 to R8, R24). */
export const signature = check('signature', ['claimed', 'federation'], (found, circumstances) => {
  const signing = circumstances.trustOf(found.federation)
  const { now, limits, decryptionKeys } = circumstances
  const verified = toldOfFormerCertificates(found.federation, () =>
    verifyResponse(found.claimed, signing, { now, limits, decryptionKeys }),
  )
  const slot = signing.certificates.findIndex((c) => c.thumbprint === verified.signedBy.thumbprint)
  return {
    expected: `a signature by ${signing.certificates.map((c) => shortThumbprint(c.thumbprint)).join(' or ')}`,
    actual: `${verified.envelope ? 'Response' : 'Assertion'} signed by ${shortThumbprint(verified.signedBy.thumbprint)} (${
      slot === 0 ? 'signingCertificate' : 'nextSigningCertificate'
    })`,
    hint: verified.warnings.length > 0 ? verified.warnings.join('; ') : undefined,
    found: { verified },
  }
})

/** Signed bytes again: the Issuer, of both levels, and the status of a signed Response (R10, R15). */
export const issuer = check('issuer', ['verified', 'federation'], ({ verified, federation }) => {
  const { assertion: signed, envelope } = verified
  if (signed.version !== '2.0') {
    refuse('notAResponse', { expected: 'Assertion Version 2.0', actual: signed.version ?? 'none' })
  }
  if (signed.issuer !== federation.issuerUri) {
    refuse('issuerMismatch', {
      expected: federation.issuerUri,
      actual: signed.issuer ?? 'no Issuer in the signed assertion',
      hint: signed.issuer === null ? undefined : issuerHint(signed.issuer, federation.issuerUri),
    })
  }
  if (envelope?.issuer != null && envelope.issuer !== federation.issuerUri) {
    refuse('issuerMismatch', { expected: federation.issuerUri, actual: envelope.issuer })
  }
  if (envelope !== null && envelope.statusCode !== STATUS_SUCCESS) {
    refuse('statusNotSuccess', { expected: STATUS_SUCCESS, actual: envelope.statusCode ?? 'none' })
  }
  return { expected: federation.issuerUri, actual: signed.issuer }
})

/** Adds to an unknown signing key what the directory knows of it: that it was ours once. */
function toldOfFormerCertificates<T>(federation: Federation, verify: () => T): T {
  try {
    return verify()
  } catch (error) {
    if (!(error instanceof Refusal) || error.evidence.thumbprint === undefined) throw error
    if (!federation.formerSigningCertificates.includes(error.evidence.thumbprint)) throw error
    refuse(error.reason, {
      ...error.evidence,
      hint: 'It is a certificate that this federation had before: the identity provider still signs with the old one, or went back to it.',
    })
  }
}

function shortThumbprint(thumbprint: string): string {
  return `${thumbprint.slice(0, 16)}…`
}

async function nearIssuer(
  claimed: string,
  exists: (uri: string) => Promise<unknown>,
): Promise<string | undefined> {
  const variants = [
    claimed.endsWith('/') ? claimed.slice(0, -1) : `${claimed}/`,
    claimed.toLowerCase(),
    claimed.trim(),
    claimed.replace(/^https:/, 'http:'),
    claimed.replace(/^http:/, 'https:'),
  ]
  for (const variant of new Set(variants)) {
    if (variant !== claimed && (await exists(variant)) !== null) {
      return `Did you mean ${variant}? ${issuerHint(claimed, variant)}`
    }
  }
  return undefined
}
