/**
 * The texts under which the same anchor bytes travel: base64 (what Entra and Okta's usual expressions use), base64 without
 * padding, base64url, hexadecimal and GUID text. Reading is strict: a text is in a form or it is not.
 */
export type AnchorForm = 'base64' | 'unpaddedBase64' | 'base64url' | 'hex' | 'guidText'

export interface AnchorReading {
  readonly form: AnchorForm
  readonly bytes: Buffer
}

const guidLength = 16
/** 64 characters of base64 hold 48 bytes. */
const maxBytes = 48

const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const unpaddedPattern = /^(?:[A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{2,3}$/
const base64urlPattern = /^(?=.*[-_])[A-Za-z0-9_-]+={0,2}$/
const hexPattern = /^(?:[0-9A-Fa-f]{2}){8,48}$/
const guidTextPattern =
  /^(\{?)[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(\}?)$/

/**
 * All forms that a text can be in, most telling first: 32 hexadecimal digits are also valid base64 of 24 bytes. The bytes of
 * GUID text stand as its digits do (RFC 9562); `swapByteOrder` gives .NET's.
 */
export function readAnchorForms(text: string): readonly AnchorReading[] {
  const readings: AnchorReading[] = []
  const guid = guidTextPattern.exec(text)
  if (guid && (guid[1] === '{') === (guid[2] === '}')) {
    readings.push({ form: 'guidText', bytes: Buffer.from(text.replace(/[{}-]/g, ''), 'hex') })
  } else if (base64urlPattern.test(text)) {
    readings.push({ form: 'base64url', bytes: Buffer.from(text, 'base64url') })
  }
  if (hexPattern.test(text)) readings.push({ form: 'hex', bytes: Buffer.from(text, 'hex') })
  if (base64Pattern.test(text)) {
    readings.push({ form: 'base64', bytes: Buffer.from(text, 'base64') })
  } else if (unpaddedPattern.test(text)) {
    readings.push({ form: 'unpaddedBase64', bytes: Buffer.from(text, 'base64') })
  }
  return readings.filter(
    ({ form, bytes }) =>
      bytes.length > 0 && bytes.length <= maxBytes && isCanonical(text, form, bytes),
  )
}

/** Base64 whose last character has bits that no byte has (RFC 4648 section 3.5) is no form of its bytes. */
function isCanonical(text: string, form: AnchorForm, bytes: Buffer): boolean {
  if (form === 'hex' || form === 'guidText') return true
  const base64 = bytes.toString('base64')
  if (form === 'base64') return text === base64
  if (form === 'unpaddedBase64') return text === withoutPadding(base64)
  const url = bytes.toString('base64url')
  return text === url || text === base64.replaceAll('+', '-').replaceAll('/', '_')
}

/** The texts that bytes can have in each form, the usual one first. GUID text is written for 16 bytes only. */
export function writeAnchorForms(bytes: Buffer): readonly (readonly [AnchorForm, string])[] {
  const base64 = bytes.toString('base64')
  const hex = bytes.toString('hex')
  const texts: [AnchorForm, string][] = [
    ['base64', base64],
    ['unpaddedBase64', withoutPadding(base64)],
    ['base64url', base64.replaceAll('+', '-').replaceAll('/', '_')],
    ['base64url', bytes.toString('base64url')],
    ['hex', hex],
    ['hex', hex.toUpperCase()],
  ]
  if (bytes.length === guidLength) {
    const guid = guidText(bytes)
    texts.push(['guidText', guid], ['guidText', guid.toUpperCase()])
    texts.push(['guidText', `{${guid}}`], ['guidText', `{${guid.toUpperCase()}}`])
  }
  return texts
}

/**
 * Between the byte order of a GUID's digits (RFC 9562, big-endian) and .NET's `Guid.ToByteArray`, which has the first three
 * groups little-endian; the same step leads both ways. Null for anything but 16 bytes.
 */
export function swapByteOrder(bytes: Buffer): Buffer | null {
  if (bytes.length !== guidLength) return null
  const swapped = Buffer.from(bytes)
  swapped.subarray(0, 4).reverse()
  swapped.subarray(4, 6).reverse()
  swapped.subarray(6, 8).reverse()
  return swapped
}

/** The anchor that Entra's tools make of a GUID: base64 of its bytes in .NET order, 24 characters. Takes GUID text with hyphens. */
export function anchorOfGuid(guid: string): string {
  const digits = Buffer.from(guid.replace(/[{}-]/g, ''), 'hex')
  const bytes = swapByteOrder(digits)
  if (bytes === null) throw new Error('anchorOfGuid takes a GUID')
  return bytes.toString('base64')
}

function withoutPadding(base64: string): string {
  return base64.replace(/=+$/, '')
}

function guidText(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return [8, 12, 16, 20, 32]
    .map((end, index, ends) => hex.slice(ends[index - 1] ?? 0, end))
    .join('-')
}
