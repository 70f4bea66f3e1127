import { expect } from 'chai'
import { type Reason, Refusal } from '../../src/aadsts/reasons.ts'
import { decodeResponse } from '../../src/saml/decode.ts'
import {
  defaultLimits,
  type MessageLimits,
  type SignatureTrust,
  type VerifiedResponse,
} from '../../src/saml/types.ts'
import { verifyResponse } from '../../src/saml/verify.ts'
import { now, type Signer } from './sign.ts'

/** The refusal that an action ends in; fails when it ends in anything else. */
export function refusal(action: () => unknown): Refusal {
  try {
    action()
  } catch (fault) {
    if (fault instanceof Refusal) return fault
    throw fault
  }
  throw new Error('expected a refusal, but it was accepted')
}

/** Asserts the reason, and that it says what was expected and what was found; hands back the refusal for a closer look. */
export function expectRefusal(reason: Reason, action: () => unknown): Refusal {
  const refused = refusal(action)
  const { expected, actual } = refused.evidence
  expect(refused.reason, JSON.stringify(refused.evidence)).to.equal(reason)
  expect(expected, 'expected').to.be.a('string').with.length.above(0)
  expect(actual, 'actual').to.be.a('string').with.length.above(0)
  return refused
}

export function trustIn(signer: Signer, changes: Partial<SignatureTrust> = {}): SignatureTrust {
  return {
    certificates: [signer.certificate],
    expiredCertificates: 'refuse',
    allowSha1Signatures: false,
    allowInclusiveCanonicalization: false,
    requireSignedResponse: false,
    requireEncryptedAssertion: false,
    allowCbcEncryption: false,
    ...changes,
  }
}

/** Decodes and verifies XML as a posted form field. */
export function accept(
  xml: string | Buffer,
  trust: SignatureTrust,
  circumstances: Partial<Parameters<typeof verifyResponse>[2]> = {},
): VerifiedResponse {
  const body = Buffer.from(xml as string).toString('base64')
  const limits: MessageLimits = circumstances.limits ?? defaultLimits
  const claimed = decodeResponse({ encoding: 'base64', body }, limits)
  return verifyResponse(claimed, trust, { now, limits, decryptionKeys: [], ...circumstances })
}

/** Replaces one text by another, and fails when it is not there: an attack that changes nothing proves nothing. */
export function change(xml: string, from: string | RegExp, to: string): string {
  const changed = xml.replace(from, () => to)
  if (changed === xml) throw new Error(`nothing to change: ${from}`)
  return changed
}

/** The text of the one element with this local name, start and end tag included. */
export function cut(xml: string, pattern: RegExp): string {
  const found = pattern.exec(xml)?.[0]
  if (found === undefined) throw new Error(`nothing to cut: ${pattern}`)
  return found
}
