import { deflateRawSync } from 'node:zlib'
import type { Fault } from './fault.ts'

/** Another value of the form field. Nothing is wrong with the XML. */
function encoding(name: string, title: string, posted: (xml: string) => string): Fault {
  return { name, title, group: 'Encoding', posted }
}

const base64 = (xml: string | Buffer): string => Buffer.from(xml).toString('base64')

/** Bytes in the place of the first letter of an attribute value that stands in the twin as text. */
const withBytes =
  (...bytes: number[]) =>
  (xml: string) => {
    const [before = '', after = ''] = xml.split('>Alice<')
    return Buffer.concat([
      Buffer.from(`${before}>`),
      Buffer.of(...bytes),
      Buffer.from(`lice<${after}`),
    ]).toString('base64')
  }

const big = (xml: string): Buffer => Buffer.from(xml, 'utf16le').swap16()

/** How the response is carried: base64 and the encoding of its characters. */
export const encodingFaults: readonly Fault[] = [
  { ...encoding('base64', 'Base64 on one line, as posted', base64), group: 'Honest variants' },
  {
    ...encoding('base64-in-lines', 'Base64 in lines of 76, as RFC 2045 has it', (xml) =>
      base64(xml).replace(/.{76}/g, '$&\r\n'),
    ),
    group: 'Honest variants',
  },
  encoding('base64-junk', 'Base64 with characters that are none', (xml) =>
    base64(xml).replace(/.{8}/, '$&!'),
  ),
  encoding('base64-blank', 'Base64 with a blank inside, as from an unescaped "+"', (xml) =>
    base64(xml).replace(/.{8}/, '$& '),
  ),
  encoding('base64-url', 'Base64url, with its padding', (xml) =>
    base64(xml).replaceAll('+', '-').replaceAll('/', '_'),
  ),
  encoding('base64-unpadded', 'Base64 without its padding', (xml) =>
    base64(padTo(xml, 1)).replace(/=+$/, ''),
  ),
  encoding(
    'base64-surplus-padding',
    'Base64 with padding too much',
    (xml) => `${base64(padTo(xml, 0))}=`,
  ),
  encoding(
    'base64-text-after-padding',
    'Base64 that goes on after its padding',
    (xml) => `${base64(padTo(xml, 1))}AAAA`,
  ),
  encoding('base64-loose-bits', 'Base64 whose unused bits are not zero', (xml) =>
    base64(padTo(xml, 1)).replace(
      /.==$/,
      (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}==`,
    ),
  ),
  encoding('base64-percent', 'Base64, URL-encoded twice', (xml) =>
    encodeURIComponent(base64(padTo(xml, 1))),
  ),
  encoding('base64-twice', 'Base64 of base64', (xml) => base64(base64(xml))),
  encoding('base64-empty', 'An empty form field', () => ''),
  encoding('base64-of-nothing', 'White space for a form field', () => '\r\n'),
  encoding('xml-as-posted', 'XML in place of base64', (xml) => xml),
  encoding('deflated', 'Compressed, as for the Redirect binding', (xml) =>
    base64(deflateRawSync(xml)),
  ),
  encoding('byte-order-mark', 'A byte order mark before the XML', (xml) => base64(`\ufeff${xml}`)),
  encoding('utf-16', 'UTF-16 with a byte order mark', (xml) =>
    base64(Buffer.from(`\ufeff${xml}`, 'utf16le')),
  ),
  encoding('utf-16-big-endian', 'UTF-16, big end first, without byte order mark', (xml) =>
    base64(big(xml)),
  ),
  encoding('utf-8-invalid-byte', 'A byte that no UTF-8 has', withBytes(0xff)),
  encoding('utf-8-latin1', 'A letter in ISO-8859-1', withBytes(0xc5)),
  encoding('utf-8-overlong', 'A letter in two bytes where one is right', withBytes(0xc1, 0x81)),
  encoding('utf-8-surrogate', 'Half a surrogate pair in three bytes', withBytes(0xed, 0xa0, 0x80)),
  encoding('utf-8-beyond', 'A character beyond U+10FFFF', withBytes(0xf4, 0x90, 0x80, 0x80)),
  encoding('utf-8-cut', 'A character cut short at the end', (xml) =>
    base64(Buffer.concat([Buffer.from(xml), Buffer.of(0xe2, 0x82)])),
  ),
  encoding('nul-byte', 'A NUL at the end', (xml) => base64(`${xml}\0`)),
]

/** The XML with line breaks at its end, so that its length is `remainder` modulo 3. */
function padTo(xml: string, remainder: number): string {
  const missing = (remainder + 3 - (Buffer.byteLength(xml) % 3)) % 3
  return xml + '\n'.repeat(missing)
}
