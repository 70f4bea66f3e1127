/** The program xmlsec1 (libxml2, OpenSSL) as the other one: signs templates, and verifies what ours accepts. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { SignatureTrust } from '../../src/saml/types.ts'
import {
  type Prefixes,
  type RandomResponse,
  randomResponse,
  withSignature,
} from './randomResponse.ts'

const ds = 'http://www.w3.org/2000/09/xmldsig#'
const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const newer = 'http://www.w3.org/2007/05/xmldsig-more#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'

const prefixes: Prefixes = {
  protocol: ['saml2p', 'samlp', 'P', '_', ''],
  assertion: ['saml', 'a-1', 'Z', 'z.1', ''],
}

/** A key of certs/ by its name. */
export type KeyName = 'demo-okta' | 'ec-okta'

/** Identifier of a signature algorithm, the key for it, and its transform's name in `xmlsec1 --list-transforms`. */
const algorithms = ['sha256', 'sha384', 'sha512'].flatMap(
  (hash) =>
    [
      [`${more}rsa-${hash}`, 'demo-okta', `rsa-${hash}`],
      [`${more}ecdsa-${hash}`, 'ec-okta', `ecdsa-${hash}`],
      [`${newer}${hash}-rsa-MGF1`, 'demo-okta', `rsa-pss-${hash}`],
    ] as const,
)
const digests = [
  'http://www.w3.org/2001/04/xmlenc#sha256',
  `${more}sha384`,
  'http://www.w3.org/2001/04/xmlenc#sha512',
] as const
/** A response that waits for its signatures, and how it is to be signed. */
export interface Template extends RandomResponse {
  readonly by: 'both' | 'assertion' | 'response'
  readonly key: KeyName
  /** Identifier of the signature algorithm. */
  readonly method: string
  /** Identifier of the canonicalization, of SignedInfo and content. */
  readonly canonicalization: string
}

/** Which parts are signed, and how they are canonicalized. */
type Way = readonly [by: Template['by'], canonicalization: string]

/**
 * Random templates for the algorithms that this xmlsec1 has (RSA-PSS came with 1.3). Inclusive form brings an xml:lang of the
 * Response into SignedInfo and Assertion, which ours refuses by rule: there are none then, and only Responses are signed.
 */
export function randomTemplate(transforms: ReadonlySet<string>): fc.Arbitrary<Template> {
  const exclusively = fc.constantFrom<Way>(
    ['both', exclusive],
    ['assertion', exclusive],
    ['response', exclusive],
  )
  const inclusively = fc.constantFrom<Way>(
    ['response', 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'],
    ['response', 'http://www.w3.org/2006/12/xml-c14n11'],
  )
  const known = algorithms.filter(([, , transform]) => transforms.has(transform))
  return fc
    .record({
      start: fc.oneof(
        { weight: 2, arbitrary: fc.tuple(exclusively, randomResponse(prefixes)) },
        fc.tuple(inclusively, randomResponse(prefixes, { mayHaveLanguage: false })),
      ),
      algorithm: fc.constantFrom(...known),
      digest: fc.constantFrom(...digests),
      prefix: fc.constantFrom('ds', 'D_', ''),
      prefixList: fc.constantFrom('', 'xs', '#default', 'q #default Z'),
      hasKeyInfo: fc.boolean(),
    })
    .map(({ start: [[by, canonicalization], response], algorithm: [method, key], ...rest }) => {
      const how = { ...rest, method, canonicalization }
      const xml = signedIds({ ...response, by }).reduce(
        (it, id) => withSignature(it, id, emptySignature(id, how)),
        response.xml,
      )
      return { ...response, xml, by, key, method, canonicalization }
    })
}

/** What a federation has to allow for a response that is canonicalized so. */
export function allowedFor({
  canonicalization,
}: Pick<Template, 'canonicalization'>): Partial<SignatureTrust> {
  return { allowInclusiveCanonicalization: canonicalization !== exclusive }
}

/** The IDs of the elements that are signed, the assertion first. */
export function signedIds({
  by,
  assertionId,
  responseId,
}: Pick<Template, 'by' | 'assertionId' | 'responseId'>): readonly string[] {
  if (by === 'both') return [assertionId, responseId]
  return [by === 'assertion' ? assertionId : responseId]
}

interface SignatureChoices {
  readonly method: string
  readonly canonicalization: string
  readonly digest: string
  readonly prefix: string
  readonly prefixList: string
  readonly hasKeyInfo: boolean
}

function emptySignature(id: string, choices: SignatureChoices): string {
  const { prefix, canonicalization, prefixList } = choices
  const p = prefix === '' ? '' : `${prefix}:`
  const list =
    prefixList === '' || canonicalization !== exclusive
      ? ''
      : `<ec:InclusiveNamespaces xmlns:ec="${exclusive}" PrefixList="${prefixList}"/>`
  const keyInfo = choices.hasKeyInfo ? `<${p}KeyInfo><${p}X509Data/></${p}KeyInfo>` : ''
  return `<${p}Signature xmlns${prefix === '' ? '' : `:${prefix}`}="${ds}"><${p}SignedInfo><${p}CanonicalizationMethod Algorithm="${canonicalization}"/><${p}SignatureMethod Algorithm="${choices.method}"/><${p}Reference URI="#${id}"><${p}Transforms><${p}Transform Algorithm="${ds}enveloped-signature"/><${p}Transform Algorithm="${canonicalization}">${list}</${p}Transform></${p}Transforms><${p}DigestMethod Algorithm="${choices.digest}"/><${p}DigestValue/></${p}Reference></${p}SignedInfo><${p}SignatureValue/>${keyInfo}</${p}Signature>`
}

const saml = 'urn:oasis:names:tc:SAML:2.0'
const idAttributes = [
  ['--id-attr:ID', `${saml}:protocol:Response`],
  ['--id-attr:ID', `${saml}:assertion:Assertion`],
].flat()

function certificate(key: KeyName): string {
  return fileURLToPath(new URL(`../../certs/${key}.pem`, import.meta.url))
}

function privateKey(key: KeyName): string {
  return `${fileURLToPath(new URL(`../../certs/${key}.key.pem`, import.meta.url))},${certificate(key)}`
}

/** What `xmlsec1 --list-transforms` names; null when there is no such program. */
export function transformsOfXmlsec1(): ReadonlySet<string> | null {
  const { status, stdout } = spawnSync('xmlsec1', ['--list-transforms'], { encoding: 'utf8' })
  return status === 0
    ? new Set([...stdout.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name))
    : null
}

/** The template signed, the assertion first. Throws when the program does. */
export function signedByXmlsec1(template: Template): string {
  return signedIds(template).reduce((xml, id) => {
    const key = ['--privkey-pem', privateKey(template.key)]
    const args = ['--sign', ...key, ...idAttributes, '--node-id', id, '-']
    const { status, stdout, stderr } = spawnSync('xmlsec1', args, { input: xml, encoding: 'utf8' })
    if (status !== 0) throw new Error(`xmlsec1 ${args.join(' ')}: ${stderr}\n${xml}`)
    return stdout
  }, template.xml)
}

/** Whether xmlsec1 finds that the signature of the element with each of these IDs holds. */
export function holdsForXmlsec1(xml: string, key: KeyName, ids: readonly string[]): boolean {
  const trusted = ['--enabled-key-data', 'raw-x509-cert', '--pubkey-cert-pem', certificate(key)]
  return ids.every((id) => {
    const args = ['--verify', ...trusted, ...idAttributes, '--node-id', id, '-']
    return spawnSync('xmlsec1', args, { input: xml }).status === 0
  })
}
