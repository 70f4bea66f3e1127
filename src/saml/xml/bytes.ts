import { isUtf8 } from 'node:buffer'
import { refuse } from '../../aadsts/reasons.ts'
import { placeOf } from './place.ts'

/** U+FFFE and U+FFFF in UTF-8: the two code points of the BMP, surrogates aside, that are no Char of XML 1.0 (production 2). */
const noncharacters = ['\xef\xbf\xbe', '\xef\xbf\xbf']

/**
 * The bytes of a document as the byte string that the parser takes. Throws Refusal `notUtf8` for anything but plain UTF-8 without a
 * byte order mark (UTF-16 included), `notWellFormed` for the two noncharacters.
 */
export function decodeXml(bytes: Buffer): string {
  if (!isUtf8(bytes)) refuse('notUtf8', { expected: 'UTF-8', actual: 'other bytes' })
  const xml = bytes.toString('latin1')
  if (xml.startsWith('\xef\xbb\xbf'))
    refuse('notUtf8', { expected: 'UTF-8 without byte order mark', actual: 'a byte order mark' })
  if (xml.includes('\xef')) refuseNoncharacters(xml)
  return xml
}

function refuseNoncharacters(xml: string): void {
  for (const bytes of noncharacters) {
    const offset = xml.indexOf(bytes)
    if (offset >= 0)
      refuse('notWellFormed', {
        expected: 'a character of XML',
        actual: `a noncharacter at ${placeOf(xml, offset)}`,
      })
  }
}
