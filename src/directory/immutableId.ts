import { anchorOfGuid, readAnchorForms } from './anchorForms.ts'
import { describeCharacter } from './characters.ts'
import { scientificNotation, spreadsheetError } from './spreadsheetDamage.ts'

/** entra.md section 3: documented as 60 by one page and 64 by another; 64 is what Entra takes. */
export const maxImmutableIdLength = 64

/**
 * What forbids a text as onPremisesImmutableId, as words that follow "The ImmutableId ...", or null. The rules: 1 to 64
 * characters of printable ASCII without white space, and neither `$` nor `_` (Graph's `user` resource). Entra speaks of
 * alphanumeric characters and escapes others; ASCII alone also leaves nothing that could be equal by eye and different in
 * bytes (composed letters, look-alikes, invisible characters).
 */
export function checkImmutableId(text: string): string | null {
  if (allowed.test(text)) return null
  if (text === '') return 'is empty'
  if (text.trim() !== text) {
    const place = text.trimStart() === text ? 'ends' : 'begins'
    return `${place} with white space, or with a byte order mark`
  }
  for (const [index, character] of [...text].entries()) {
    if (index >= maxImmutableIdLength) break
    if (/^\s$/u.test(character)) return `has white space at character ${index + 1}`
    if (character === '$' || character === '_') {
      return `has the character ${character} at character ${index + 1}, which is not allowed`
    }
    if (!/^[!-~]$/.test(character)) {
      return `has the character ${describeCharacter(character)} at character ${index + 1}; only printable ASCII is allowed`
    }
  }
  if (text.length > maxImmutableIdLength) {
    return `has ${text.length} characters; ${maxImmutableIdLength} are the most`
  }
  return null
}

/** The rules below in one, for the millions of values that keep them. */
const allowed = /^[!-#%-^`-~]{1,64}$/

/** A text that is allowed, but looks as if something went wrong with it on its way here. */
export interface ImmutableIdWarning {
  readonly looksLike:
    | 'hex'
    | 'guidText'
    | 'base64url'
    | 'unpaddedBase64'
    | 'cutBase64'
    | 'impossibleBase64'
    | 'foldedCase'
    | 'scientificNotation'
    | 'spreadsheetError'
    | 'quoted'
    | 'urlEncoded'
  /** A clause that follows "The ImmutableId ...". */
  readonly message: string
  /** The usual form of the same value, where it can be told. */
  readonly instead: string | null
}

interface Look {
  readonly looksLike: ImmutableIdWarning['looksLike']
  readonly pattern: RegExp
  readonly is: string
  readonly instead?: (text: string) => string | null
}

/** What Entra's tools write. */
const base64OfGuid = /^[A-Za-z0-9+/]{21}[AQgw]==$/
/** Sixteen bytes, as a GUID has them. */
const hexOfGuid = /^[0-9A-Fa-f]{32}$/
const guidText =
  /^(?:\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$/

/** First match wins: the more telling looks stand first. */
const looks: readonly Look[] = [
  {
    looksLike: 'spreadsheetError',
    pattern: spreadsheetError,
    is: 'is an error value of a spreadsheet, which took the anchor for a formula',
  },
  {
    looksLike: 'scientificNotation',
    pattern: scientificNotation,
    is: 'is a number in scientific notation: a spreadsheet took the anchor for a number, and its digits are lost',
  },
  {
    looksLike: 'quoted',
    pattern: /^['"]|['"]$/,
    is: 'begins or ends with a quotation mark',
    instead: (text) => text.replace(/^['"]+|['"]+$/g, ''),
  },
  {
    looksLike: 'guidText',
    pattern: guidText,
    is: 'is a GUID as text; Entra’s tools store the base64 of its bytes in .NET order',
    instead: anchorOfGuid,
  },
  {
    looksLike: 'hex',
    pattern: hexOfGuid,
    is: 'is 16 bytes in hexadecimal; Entra’s tools store their base64',
    instead: (text) => Buffer.from(text, 'hex').toString('base64'),
  },
  {
    looksLike: 'urlEncoded',
    pattern: /%(?:2B|2F|3D)|\.(?:2B|2F|3D)/i,
    is: 'has +, / or = in an escaped form, as in a URL',
    instead: (text) =>
      text.replace(/[%.](2B|2F|3D)/gi, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      ),
  },
  {
    looksLike: 'base64url',
    pattern: /^(?=.*-)[A-Za-z0-9-]{22}(?:==)?$/,
    is: 'is base64url of 16 bytes; Entra’s tools store plain base64',
    instead: base64OfReading,
  },
  {
    looksLike: 'cutBase64',
    pattern: /^[A-Za-z0-9+/]{21}(?:==)?$|^[A-Za-z0-9+/]{23}$|^[A-Za-z0-9+/]{22}=$/,
    is: 'is base64 of a GUID that lost a character: 24 characters ending in == are usual, and spreadsheets eat a leading + or = and closing ones',
    instead: (text) => (/^[A-Za-z0-9+/]{22}=$/.test(text) ? `${text}=` : null),
  },
  {
    looksLike: 'unpaddedBase64',
    pattern: /^[A-Za-z0-9+/]{21}[AQgw]$/,
    is: 'is base64 of 16 bytes without its padding',
    instead: (text) => `${text}==`,
  },
  {
    looksLike: 'impossibleBase64',
    pattern: /^[A-Za-z0-9+/]{21}[^AQgw]==$/,
    is: 'is no base64 of 16 bytes, since the character before == can only be A, Q, g or w',
  },
  {
    looksLike: 'foldedCase',
    // By chance one base64 GUID in a hundred thousand has no capital or no small letter.
    pattern: /^(?:[a-z0-9+/]{22}|[A-Z0-9+/]{22})==$/,
    is: 'is base64 in which all letters are of one case: something has changed the case on the way',
  },
]

/**
 * What an allowed ImmutableId looks like when it is probably not what the identity provider will send: at most one warning,
 * the most telling one. Ordinary values (base64 of a GUID, an employee number, an e-mail) give none.
 */
export function immutableIdWarnings(text: string): readonly ImmutableIdWarning[] {
  if (base64OfGuid.test(text) && /[A-Z]/.test(text) && /[a-z]/.test(text)) return []
  const look = looks.find(({ pattern }) => pattern.test(text))
  if (look === undefined) return []
  const usual = look.instead?.(text) ?? null
  const instead = usual !== null && checkImmutableId(usual) === null ? usual : null
  const message =
    instead === null
      ? look.is
      : `${look.is}; if the identity provider sends base64, it is ${instead}`
  return [{ looksLike: look.looksLike, message, instead }]
}

function base64OfReading(text: string): string | null {
  return readAnchorForms(text)[0]?.bytes.toString('base64') ?? null
}
