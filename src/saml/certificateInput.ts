import { CertificateError, downloadIt, mistakenPem, oneCertificate } from './certificateMistakes.ts'

/** Far above any certificate (RSA 16384 is 6 kB of PEM), and with room for text around a PEM block. */
const maxInputBytes = 64 * 1024

/** PEM labels that hold a certificate: RFC 7468 section 5.1, and the old name of its section 5.3 that old tools still write. */
const certificateLabels = new Set(['CERTIFICATE', 'X509 CERTIFICATE'])

/**
 * The DER bytes of the one certificate that an input holds: PEM with one CERTIFICATE block (text around it is ignored, RFC 7468
 * section 2), base64 with or without line breaks, or DER. Text may be UTF-8 with or without byte order mark, or UTF-16 as
 * Windows PowerShell writes it. Throws CertificateError.
 */
export function certificateDer(input: string | Buffer): Buffer {
  const size = typeof input === 'string' ? Buffer.byteLength(input) : input.length
  if (size > maxInputBytes) {
    throw new CertificateError(`${size} bytes`, `${maxInputBytes} bytes at most`, downloadIt)
  }
  // 0x30 is ASN.1 SEQUENCE, with which DER starts. In base64 or PEM it would be the digit 0, with which no certificate starts.
  const isDer = typeof input !== 'string' && input[0] === 0x30
  const der = isDer ? input : derOfText(typeof input === 'string' ? input : textOf(input))
  checkOneDerValue(der)
  return der
}

function textOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new CertificateError('bytes that are neither DER nor text', oneCertificate, downloadIt)
  }
}

function derOfText(input: string): Buffer {
  const text = input.replace(/^\uFEFF/, '')
  const start = text.trimStart()
  if (start === '') throw new CertificateError('nothing', oneCertificate, downloadIt)
  if (start.startsWith('<')) {
    throw new CertificateError(
      'XML',
      oneCertificate,
      'If it is the identity provider’s metadata, give it as metadata.',
    )
  }
  return text.includes('-----') ? derOfPem(text) : derOfBase64(text, 0, text.length)
}

function derOfPem(text: string): Buffer {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,64})-----/g)]
  const labels = blocks.map((block) => block[1] ?? '')
  const strange = labels.filter((label) => !certificateLabels.has(label))
  if (strange.length > 0) throw mistakenPem(strange)
  const [block] = blocks
  if (block === undefined) {
    throw new CertificateError('PEM without a BEGIN CERTIFICATE line', oneCertificate, downloadIt)
  }
  if (blocks.length > 1) {
    throw new CertificateError(
      `${blocks.length} certificates`,
      'exactly one',
      'Keep the block of the signing certificate, not those of its authorities; the next one is registered on its own.',
    )
  }
  const bodyStart = block.index + block[0].length
  const bodyEnd = text.indexOf(`-----END ${block[1]}-----`, bodyStart)
  if (bodyEnd < 0) {
    throw new CertificateError(
      `a PEM block without its line -----END ${block[1]}-----`,
      'a whole block',
      'The file was cut off: copy it again.',
    )
  }
  return derOfBase64(text, bodyStart, bodyEnd)
}

/** Strict base64 (RFC 4648 section 4) between two places of a text, after white space is taken out. */
function derOfBase64(text: string, from: number, to: number): Buffer {
  const body = text.slice(from, to)
  const at = body.search(/[^A-Za-z0-9+/=\s]/)
  if (at >= 0) {
    const lines = text.slice(0, from + at).split('\n')
    const column = (lines.at(-1) ?? '').length + 1
    throw new CertificateError(
      `the character ${JSON.stringify(body[at])} at line ${lines.length}, column ${column}`,
      'base64: letters, digits, + and /',
      body[at] === '\\' ? 'Write real line breaks instead of \\n.' : downloadIt,
    )
  }
  const compact = body.replace(/\s+/g, '')
  const der = Buffer.from(compact, 'base64')
  // Node's decoder forgives a missing or misplaced padding; encoding again shows whether it had to.
  if (der.toString('base64') !== compact) {
    throw new CertificateError(
      `${compact.length} characters that are not whole base64`,
      'base64 in groups of four with = at its end only',
      'The text was cut off or joined from pieces: copy it again.',
    )
  }
  return der
}

/** Whether the bytes are one ASN.1 SEQUENCE of definite length and nothing else (X.690 section 8.1.3). */
function checkOneDerValue(der: Buffer): void {
  const first = der[1] ?? 0
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (der[0] !== 0x30 || lengthBytes > 4 || first === 0x80 || der.length < 2 + lengthBytes) {
    const isPem = der.subarray(0, 5).toString('latin1') === '-----'
    throw new CertificateError(
      isPem ? 'base64 of a PEM text' : 'content that is not DER',
      oneCertificate,
      isPem ? 'Decode it once and give the PEM.' : downloadIt,
    )
  }
  const content = lengthBytes === 0 ? first : der.readUIntBE(2, lengthBytes)
  const total = 2 + lengthBytes + content
  if (total > der.length) {
    throw new CertificateError(
      `${der.length} bytes of a DER value of ${total}`,
      'the whole value',
      'The certificate was cut off: copy it again.',
    )
  }
  if (total < der.length) {
    throw new CertificateError(
      `${der.length - total} bytes after the end of the DER value`,
      'one certificate and nothing else',
      downloadIt,
    )
  }
}
