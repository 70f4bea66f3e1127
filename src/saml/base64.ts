/**
 * Decodes base64 (RFC 4648 section 4), strictly: the standard alphabet, padded, unused bits zero. Null for anything else.
 *
 * Node's decoder skips what it does not know; encoding its answer again gives the same text only when there was nothing to skip.
 */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

const lineBreaks = /[\r\n]+/g
const whiteSpace = /[ \t\r\n]+/g

/** As `decodeBase64`, with the line breaks that RFC 2045 section 6.8 asks of its encoders (SAML bindings 3.5.4). */
export function decodeBase64Lines(text: string): Buffer | null {
  return decodeBase64(
    text.includes('\n') || text.includes('\r') ? text.replace(lineBreaks, '') : text,
  )
}

/** As `decodeBase64`, for xs:base64Binary in an XML document, which may be broken and indented by white space. */
export function decodeBase64Binary(text: string): Buffer | null {
  return decodeBase64(text) ?? decodeBase64(unbroken(text))
}

/** base64 in an XML document without the white space that may break and indent it. */
export function unbroken(text: string): string {
  return text.replace(whiteSpace, '')
}
