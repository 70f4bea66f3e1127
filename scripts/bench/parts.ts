import { hash, verify } from 'node:crypto'
import { verifiedAssertion } from '../../src/saml/assertion.ts'
import { decodeBase64Binary, decodeBase64Lines } from '../../src/saml/base64.ts'
import { signingTrust } from '../../src/saml/certificates.ts'
import { claimedResponse, verifiedEnvelope } from '../../src/saml/response.ts'
import { responseShape } from '../../src/saml/shape.ts'
import { type AllowedSignature, allowSignature } from '../../src/saml/signature/verify.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { decodeXml } from '../../src/saml/xml/bytes.ts'
import { canonicalize } from '../../src/saml/xml/canonicalize.ts'
import { ns } from '../../src/saml/xml/names.ts'
import { parseXml } from '../../src/saml/xml/parse.ts'
import { onlyChild, type XmlElement } from '../../src/saml/xml/tree.ts'
import type { Contender } from './contender.ts'
import { core, whole } from './contenders/ours.ts'
import type { BenchDocument } from './documents.ts'
import { inProcess, type Measurable, type Measured, sideBySide } from './measure.ts'
import { federation, idpKey } from './scene.ts'

/** The parts of a judgement, in their order, with what each does. */
const partTitles = {
  decode: 'base64 and UTF-8',
  parse: 'parse',
  shape: 'shape, claimed values',
  canonicalize: 'C14N (2 SignedInfo, 2 contents)',
  digest: 'digest (2 SHA-256)',
  verify: 'signature verify (2 RSA-2048)',
  reparse: 'parse of the signed bytes',
  read: 'reading of verified values',
} as const
type PartName = keyof typeof partTitles

/** How long one part of the judgement of one response takes, in microseconds, and its share of the whole. */
export interface PartShare {
  readonly part: string
  readonly microseconds: number
  readonly share: number
}

/**
 * Where the time of `judge()` goes. Each part runs by itself over inputs that are there already, in rounds with the core and the whole;
 * what the parts leave of the core is called `rest of the core`, and what the core leaves of the whole `checks`.
 */
export async function timeByPart(
  documents: readonly BenchDocument[],
  budget: number,
): Promise<PartShare[]> {
  const opened = async (contender: Contender) => contender.open('bothSigned', documents)
  const measured = await sideBySide<PartName | 'core' | 'whole'>(
    new Map<PartName | 'core' | 'whole', Measurable | null>([
      ...measurableParts(documents),
      ['core', await opened(core)],
      ['whole', await opened(whole)],
    ]),
    { warmUp: budget * 0.6, budget: budget * 0.4, rounds: 7 },
  )
  const time = (name: PartName | 'core' | 'whole') => microseconds(measured.get(name))
  const parts = Object.entries(partTitles).map(
    ([name, part]) => [part, time(name as PartName)] as const,
  )
  const sum = parts.reduce((total, [, each]) => total + each, 0)
  return [
    ...parts,
    ['rest of the core', Math.max(0, time('core') - sum)] as const,
    ['checks, directory, request, trace', Math.max(0, time('whole') - time('core'))] as const,
    ['judge(), whole', time('whole')] as const,
  ].map(([part, each]) => ({ part, microseconds: each, share: each / time('whole') }))
}

function microseconds(measured: Measured | null | undefined): number {
  return measured ? 1e6 / measured.responsesPerSecond : Number.NaN
}

function measurableParts(
  documents: readonly BenchDocument[],
): readonly (readonly [PartName, Measurable])[] {
  const stages = documents.map(stagesOf)
  const none = () => undefined as never
  return [
    ['decode', inProcess(stages, ({ base64 }) => decodeXml(decodeBase64Lines(base64) ?? none()))],
    ['parse', inProcess(stages, ({ xml }) => parseXml(xml, defaultLimits))],
    ['shape', inProcess(stages, ({ root }) => claimedResponse(responseShape(root)))],
    ['canonicalize', inProcess(stages, ({ signatures }) => signatures.map(canonicalBytes))],
    ['digest', inProcess(stages, ({ signed }) => signed.map(isDigestRight))],
    ['verify', inProcess(stages, ({ signed }) => signed.map(isSignatureRight))],
    ['reparse', inProcess(stages, ({ signedXml }) => parseXml(signedXml, defaultLimits))],
    ['read', inProcess(stages, ({ signedRoot }) => read(signedRoot))],
  ]
}

const [certificate] = signingTrust(federation).certificates

interface SignedBytes {
  readonly info: Buffer
  readonly content: Buffer
  readonly value: string
  readonly digest: string
}

/** A document at each stage of its verification. */
function stagesOf({ base64 }: BenchDocument) {
  const xml = decodeXml(Buffer.from(base64, 'base64'))
  const root = parseXml(xml, defaultLimits)
  const document = responseShape(root)
  const signatures = [document.responseSignature, document.assertionSignature]
    .filter((each) => each !== null)
    .map((each) => allowSignature(each, signingTrust(federation)))
  const signed = signatures.map((signature): SignedBytes => {
    const { digestValue, signatureValue } = signature.profile
    return { ...canonicalBytes(signature), value: signatureValue, digest: digestValue }
  })
  if (!signed.every(isDigestRight) || !signed.every(isSignatureRight) || signed.length !== 2)
    throw new Error('bench: the parts are not those of a good response')
  const signedXml = signed[0]?.content.toString('latin1') ?? ''
  const signedRoot = parseXml(signedXml, defaultLimits)
  return { base64, xml, root, signatures, signed, signedXml, signedRoot }
}

function canonicalBytes(signature: AllowedSignature): { info: Buffer; content: Buffer } {
  const { profile, infoCanonicalization, contentCanonicalization } = signature
  const { signedInfo, signed, element } = profile
  const bytes = (apex: XmlElement, how: typeof infoCanonicalization, omitted: XmlElement | null) =>
    Buffer.from(canonicalize(apex, how, omitted, defaultLimits.maxBytes), 'latin1')
  return {
    info: bytes(signedInfo, infoCanonicalization, null),
    content: bytes(signed, contentCanonicalization, element),
  }
}

function isDigestRight({ content, digest }: SignedBytes): boolean {
  return decodeBase64Binary(digest)?.equals(hash('sha256', content, 'buffer')) ?? false
}

function isSignatureRight({ info, value }: SignedBytes): boolean {
  const signature = decodeBase64Binary(value)
  return (
    signature !== null &&
    verify('sha256', info, certificate?.key ?? idpKey.certificatePem, signature)
  )
}

function read(signedRoot: XmlElement): unknown {
  const assertion = onlyChild(signedRoot, ns.assertion, 'Assertion')
  if (assertion === null) throw new Error('bench: no assertion in the signed bytes')
  const noEncryptedId = () => assertion
  return [verifiedAssertion(assertion, noEncryptedId), verifiedEnvelope(signedRoot)]
}
