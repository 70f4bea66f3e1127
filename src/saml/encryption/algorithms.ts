/**
 * The algorithms of XML Encryption that there are here, by their exact identifiers: AES-GCM and RSA-OAEP; AES-CBC behind a switch.
 * RSA PKCS#1 v1.5 and 3DES stand in no table (saml-security R24).
 *
 * Sources: XML Encryption 1.1 sections 5.2 (block ciphers), 5.5 (key transport), RFC 8017 section 7.1 (RSAES-OAEP).
 */
import type { CipherGCMTypes } from 'node:crypto'
import { refuse } from '../../aadsts/reasons.ts'
import { plainText } from '../xml/text.ts'

export type ContentCipher =
  | { readonly mode: 'gcm'; readonly name: CipherGCMTypes; readonly keyBytes: number }
  | { readonly mode: 'cbc'; readonly name: string; readonly keyBytes: number }

const older = 'http://www.w3.org/2001/04/xmlenc#'
const newer = 'http://www.w3.org/2009/xmlenc11#'
const more = 'http://www.w3.org/2001/04/xmldsig-more#'

const contentCiphers: ReadonlyMap<string, ContentCipher> = new Map<string, ContentCipher>([
  [`${newer}aes128-gcm`, { mode: 'gcm', name: 'aes-128-gcm', keyBytes: 16 }],
  [`${newer}aes192-gcm`, { mode: 'gcm', name: 'aes-192-gcm', keyBytes: 24 }],
  [`${newer}aes256-gcm`, { mode: 'gcm', name: 'aes-256-gcm', keyBytes: 32 }],
  [`${older}aes128-cbc`, { mode: 'cbc', name: 'aes-128-cbc', keyBytes: 16 }],
  [`${older}aes192-cbc`, { mode: 'cbc', name: 'aes-192-cbc', keyBytes: 24 }],
  [`${older}aes256-cbc`, { mode: 'cbc', name: 'aes-256-cbc', keyBytes: 32 }],
])

/** The digest of OAEP: what DigestMethod may say; SHA-1 when it is absent. (Collisions are no matter here, so SHA-1 is no weakness.) */
const oaepDigests: ReadonlyMap<string, string> = new Map([
  ['http://www.w3.org/2000/09/xmldsig#sha1', 'sha1'],
  [`${older}sha256`, 'sha256'],
  [`${more}sha384`, 'sha384'],
  [`${older}sha512`, 'sha512'],
])

/** The mask generation function of OAEP: what MGF may say; MGF1 with SHA-1 when it is absent. */
const maskHashes: ReadonlyMap<string, string> = new Map([
  [`${newer}mgf1sha1`, 'sha1'],
  [`${newer}mgf1sha256`, 'sha256'],
  [`${newer}mgf1sha384`, 'sha384'],
  [`${newer}mgf1sha512`, 'sha512'],
])

/** The older identifier fixes MGF1 with SHA-1; the newer one lets the MGF element choose. */
const keyTransports: ReadonlyMap<string, 'fixedMask' | 'chosenMask'> = new Map([
  [`${older}rsa-oaep-mgf1p`, 'fixedMask'],
  [`${newer}rsa-oaep`, 'chosenMask'],
])

/** RSAES-OAEP with an empty label. */
export interface KeyTransport {
  readonly digest: string
  readonly maskHash: string
}

/** The cipher of an identifier. Throws Refusal `algorithmNotAllowed`, for CBC too unless `allowCbc`. */
export function contentCipher(identifier: string, allowCbc: boolean): ContentCipher {
  const cipher = contentCiphers.get(identifier)
  if (cipher === undefined || (cipher.mode === 'cbc' && !allowCbc))
    return refuseEncryption('AES-GCM with 128, 192 or 256 bits', identifier)
  return cipher
}

/** The key transport that an EncryptionMethod names, `digest` and `mask` being the Algorithm of its DigestMethod and MGF, or null. */
export function keyTransport(
  identifier: string,
  digest: string | null,
  mask: string | null,
): KeyTransport {
  const kind = keyTransports.get(identifier)
  if (kind === undefined || (kind === 'fixedMask' && mask !== null))
    return refuseEncryption('RSA-OAEP', identifier)
  const digestName = digest === null ? 'sha1' : oaepDigests.get(digest)
  if (digestName === undefined) return refuseEncryption('RSA-OAEP with a SHA digest', digest ?? '')
  const maskHash = mask === null ? 'sha1' : maskHashes.get(mask)
  if (maskHash === undefined) return refuseEncryption('RSA-OAEP with MGF1 and SHA', mask ?? '')
  return { digest: digestName, maskHash }
}

function refuseEncryption(expected: string, identifier: string): never {
  refuse('algorithmNotAllowed', { expected, actual: plainText(identifier).slice(0, 128) || 'none' })
}
