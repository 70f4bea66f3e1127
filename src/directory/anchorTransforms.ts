import { type AnchorForm, readAnchorForms, swapByteOrder, writeAnchorForms } from './anchorForms.ts'
import { isEqualButCase } from './characters.ts'

/**
 * The ways in which two texts of one anchor are known to differ, each with its words and with the family under which a comparison of
 * two directories counts it. One table for the hint at a refused sign-in (nearMiss.ts) and for `users drift` (drift/). Where a pair
 * differs in several ways, its family is that of the one that stands first here.
 */
export const anchorTransforms = {
  guidByteOrder: {
    family: 'guidByteOrder',
    words: 'the byte order of the GUID (RFC 4122 against .NET)',
  },
  guidText: { family: 'guidText', words: 'GUID text against its bytes' },
  hex: { family: 'hex', words: 'hexadecimal against base64' },
  base64url: { family: 'base64url', words: 'base64url against base64' },
  scientificNotation: { family: 'spreadsheet', words: 'a number in scientific notation' },
  digitsLost: { family: 'spreadsheet', words: 'digits after the fifteenth that became zeros' },
  leadingZeros: { family: 'spreadsheet', words: 'zeros at the start that are missing' },
  spreadsheetError: { family: 'spreadsheet', words: 'an error value of a spreadsheet' },
  formula: { family: 'spreadsheet', words: 'a spreadsheet formula' },
  quotes: { family: 'spreadsheet', words: 'quotation marks around it' },
  urlEncoding: { family: 'urlEncoding', words: 'URL-encoding' },
  plusAsSpace: { family: 'urlEncoding', words: 'a space in place of +' },
  plusAsDot2B: { family: 'plusAsDot2B', words: '+ written as .2B' },
  padding: { family: 'padding', words: 'the padding (=) at the end' },
  byteOrderMark: {
    family: 'byteOrderMark',
    words: 'a byte order mark or another invisible character',
  },
  whiteSpace: { family: 'whiteSpace', words: 'white space' },
  case: { family: 'case', words: 'case' },
} as const satisfies Readonly<Record<string, { family: string; words: string }>>

export type Transform = keyof typeof anchorTransforms
export type TransformFamily = (typeof anchorTransforms)[Transform]['family']

const order = Object.keys(anchorTransforms) as readonly Transform[]

/** The family of the first of them in the table's order. There must be one. */
export function familyOf(transforms: readonly Transform[]): TransformFamily {
  const first = order.find((transform) => transforms.includes(transform))
  if (first === undefined) throw new Error('familyOf takes at least one transform')
  return anchorTransforms[first].family
}

/** `white space and the padding (=) at the end`. */
export function transformsInWords(transforms: readonly Transform[]): string {
  return transforms.map((transform) => anchorTransforms[transform].words).join(' and ')
}

/** A text that may be the other side's, and what makes the difference, in the order in which it is undone. */
export interface Variant {
  readonly transforms: readonly Transform[]
  readonly value: string
}

type Step = readonly [Transform, (text: string) => string]

/** Each takes one kind of damage away, or returns the text as it is. */
const repairs: readonly Step[] = [
  ['byteOrderMark', (text) => text.replace(/^ï»¿|[\uFEFF\u200B-\u200D\u2060\u00AD]/gu, '')],
  ['formula', (text) => text.replace(/^="(.*)"$/s, '$1')],
  ['quotes', (text) => text.replace(/^'|^"(.*)"$/s, '$1')],
  ['plusAsSpace', (text) => text.replaceAll(' ', '+')],
  ['whiteSpace', (text) => text.replace(/[^\S\uFEFF]+/gu, '')],
  ['urlEncoding', decodePercent],
  ['plusAsDot2B', (text) => text.replace(/\.(2B|2F|3D)/gi, (_, code) => fromHex(code))],
  // One = of two is no base64 of anything; the forms know only all of them, or none.
  ['padding', (text) => text.replace(/^((?:[A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{2})=$/, '$1==')],
]

/** The other direction, for a text that is the sound one of the two. */
const damages: readonly Step[] = [
  ['urlEncoding', (text) => text.replace(/[+/=]/g, (c) => `%${toHex(c)}`)],
  ['plusAsDot2B', (text) => text.replaceAll('+', '.2B')],
  ['plusAsDot2B', (text) => text.replace(/[+/=]/g, (c) => `.${toHex(c)}`)],
  ['padding', (text) => text.replace(/([^=])==$/, '$1=')],
  ['formula', (text) => text.replace(/^[+=]/, '')],
  ['leadingZeros', (text) => text.replace(/^0+(?=\d+$)/, '')],
]

/**
 * The texts that stand for the same anchor as this one by one or a few known transforms, in no order, some of them more than once.
 * Case is not among them, since it cannot be enumerated, nor is damage that loses characters for good (spreadsheetDamage.ts).
 */
export function* variantsOf(text: string): Generator<Variant> {
  for (const repaired of repairedTexts(text)) {
    if (repaired.value !== text) yield repaired
    for (const { form, bytes } of readAnchorForms(repaired.value)) {
      for (const isSwapped of [false, true]) {
        const written = isSwapped ? swapByteOrder(bytes) : bytes
        if (written === null) continue
        for (const [writtenForm, value] of writeAnchorForms(written)) {
          if (value === repaired.value) continue
          const transforms = transformsOf(form, writtenForm, isSwapped)
          yield { transforms: [...repaired.transforms, ...transforms], value }
        }
      }
    }
  }
  for (const [transform, damage] of damages) {
    const value = damage(text)
    if (value !== text) yield { transforms: [transform], value }
  }
}

/**
 * The transforms that lead from one text to another, fewest possible, or null when none known do. What is equal but for case
 * counts, with `case` as the last of them.
 */
export function transformsBetween(from: string, to: string): readonly Transform[] | null {
  let exact: readonly Transform[] | null = null
  const others: Variant[] = []
  for (const variant of variantsOf(from)) {
    const { transforms, value } = variant
    if (value.length !== to.length) continue
    if (value !== to) others.push(variant)
    // Nothing can be less than one.
    else if (transforms.length === 1) return transforms
    else if (exact === null || transforms.length < exact.length) exact = transforms
  }
  if (exact !== null || others.length === 0) return exact

  const [folded] = others
    .filter(({ value }) => isEqualButCase(value, to))
    .sort((one, other) => one.transforms.length - other.transforms.length)
  return folded === undefined ? null : [...folded.transforms, 'case']
}

/** The text as it is, with each kind of damage taken away alone, and with all of them one after the other. */
function repairedTexts(text: string): readonly Variant[] {
  const alone: Variant[] = []
  for (const [transform, repair] of repairs) {
    const value = repair(text)
    if (value !== text) alone.push({ transforms: [transform], value })
  }
  if (alone.length === 0) return [{ transforms: [], value: text }]

  let together: Variant = { transforms: [], value: text }
  for (const [transform, repair] of repairs) {
    const value = transform === 'plusAsSpace' ? together.value : repair(together.value)
    if (value !== together.value) {
      together = { transforms: [...together.transforms, transform], value }
    }
  }
  return [{ transforms: [], value: text }, ...alone, together]
}

/** GUID text usually stands for bytes in .NET order, so that turning the order is then the usual step and needs no mention. */
function transformsOf(from: AnchorForm, to: AnchorForm, swapped: boolean): readonly Transform[] {
  const forms: readonly AnchorForm[] = [from, to]
  const usuallySwapped = from !== to && forms.includes('guidText') && !forms.includes('hex')
  const byteOrder: readonly Transform[] = swapped === usuallySwapped ? [] : ['guidByteOrder']
  if (from === to) return byteOrder
  const form = (['guidText', 'hex', 'base64url'] as const).find((name) => forms.includes(name))
  return [form ?? 'padding', ...byteOrder]
}

function decodePercent(text: string): string {
  if (!/%[0-9A-Fa-f]{2}/.test(text)) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function fromHex(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 16))
}

function toHex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase()
}
