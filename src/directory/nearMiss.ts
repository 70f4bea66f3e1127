import { type AnchorForm, readAnchorForms, swapByteOrder, writeAnchorForms } from './anchorForms.ts'
import { asciiLowerCase } from './characters.ts'
import { checkImmutableId } from './immutableId.ts'

/**
 * The ways in which two texts of one anchor are known to differ. This is for hints and comparisons: nothing here ever lets
 * anyone in, since a NameID matches a stored ImmutableId byte for byte or not at all.
 */
export type Transform =
  | 'byteOrderMark'
  | 'whiteSpace'
  | 'quotes'
  | 'urlEncoding'
  | 'plusAsDot2B'
  | 'plusAsSpace'
  | 'padding'
  | 'base64url'
  | 'hex'
  | 'guidText'
  | 'guidByteOrder'
  | 'case'

const transformWords: Readonly<Record<Transform, string>> = {
  byteOrderMark: 'a byte order mark or another invisible character',
  whiteSpace: 'white space',
  quotes: 'quotation marks around it',
  urlEncoding: 'URL-encoding',
  plusAsDot2B: '+ written as .2B',
  plusAsSpace: 'a space in place of +',
  padding: 'the padding (=) at the end',
  base64url: 'base64url against base64',
  hex: 'hexadecimal against base64',
  guidText: 'GUID text against its bytes',
  guidByteOrder: 'the byte order of the GUID (RFC 4122 against .NET)',
  case: 'case',
}

/** A text that may be stored where another was sent. */
export interface NearMiss {
  /** What makes the difference, in the order in which it is undone. */
  readonly transforms: readonly Transform[]
  readonly value: string
}

/** A NameID longer than any escaping of a stored value is no near miss of one. */
const maxLength = 256
const maxCandidates = 64

/** Each takes one kind of damage away, or returns the text as it is. */
const repairs: readonly (readonly [Transform, (text: string) => string])[] = [
  ['byteOrderMark', (text) => text.replace(/^ï»¿|[\uFEFF\u200B-\u200D\u2060\u00AD]/gu, '')],
  ['quotes', (text) => text.replace(/^'|^"(.*)"$/s, '$1')],
  ['plusAsSpace', (text) => text.replaceAll(' ', '+')],
  ['whiteSpace', (text) => text.replace(/[^\S\uFEFF]+/gu, '')],
  ['urlEncoding', decodePercent],
  ['plusAsDot2B', (text) => text.replace(/\.(2B|2F|3D)/gi, (_, code) => fromHex(code))],
]

/** The other direction, for a stored value that is the damaged one. */
const damages: readonly (readonly [Transform, (text: string) => string])[] = [
  ['urlEncoding', (text) => text.replace(/[+/=]/g, (c) => `%${toHex(c)}`)],
  ['plusAsDot2B', (text) => text.replaceAll('+', '.2B')],
  ['plusAsDot2B', (text) => text.replace(/[+/=]/g, (c) => `.${toHex(c)}`)],
]

/**
 * The stored values that a NameID would match after one or a few known transforms, fewest first; at most 64, none equal to the
 * NameID, each a value that the rules for ImmutableIds allow. Case is not among them, since it cannot be enumerated:
 * `explainDifference` tells it where the stored value is at hand.
 */
export function nearMisses(nameId: string): readonly NearMiss[] {
  if (nameId.length > maxLength) return []
  const found = new Map<string, NearMiss>()
  const add = (value: string, transforms: readonly Transform[]) => {
    if (value === nameId || checkImmutableId(value) !== null) return
    const known = found.get(value)
    if (known === undefined || known.transforms.length > transforms.length) {
      found.set(value, { transforms, value })
    }
  }
  for (const repaired of repairedTexts(nameId)) {
    add(repaired.value, repaired.transforms)
    for (const { transforms, value } of otherForms(repaired.value)) {
      add(value, [...repaired.transforms, ...transforms])
    }
  }
  for (const [transform, damage] of damages) add(damage(nameId), [transform])
  return [...found.values()]
    .sort((a, b) => a.transforms.length - b.transforms.length)
    .slice(0, maxCandidates)
}

/** How two texts of an anchor differ. `position` counts characters from 1. */
export type Difference =
  | {
      readonly kind: 'transforms'
      readonly transforms: readonly Transform[]
      readonly position?: number
    }
  | { readonly kind: 'cut'; readonly shorter: 'sent' | 'stored'; readonly length: number }
  | { readonly kind: 'oneCharacter'; readonly position: number }
  | { readonly kind: 'other'; readonly position: number }

/** A prefix shorter than this says nothing about a cut. */
const minCutLength = 8

/** How a sent value differs from the stored one, or null when they are equal byte for byte. */
export function classifyDifference(sent: string, stored: string): Difference | null {
  if (sent === stored) return null
  const foldedSent = asciiLowerCase(sent)
  const foldedStored = asciiLowerCase(stored)
  if (foldedSent === foldedStored) {
    return { kind: 'transforms', transforms: ['case'], position: firstDifference(sent, stored) }
  }
  const transforms = transformsBetween(sent, stored) ?? transformsBetween(stored, sent)
  if (transforms !== null) return { kind: 'transforms', transforms }

  if (sent.startsWith(stored) && stored.length >= minCutLength) {
    return { kind: 'cut', shorter: 'stored', length: stored.length }
  }
  if (stored.startsWith(sent) && sent.length >= minCutLength) {
    return { kind: 'cut', shorter: 'sent', length: sent.length }
  }
  const position = firstDifference(sent, stored)
  const restEqual = sent.length === stored.length && sent.slice(position) === stored.slice(position)
  return { kind: restEqual ? 'oneCharacter' : 'other', position }
}

/**
 * The difference as a clause that follows "the sent value ...", or null when there is none: `differs in case at character 5`.
 * It tells positions and kinds, and no character of the stored value.
 */
export function explainDifference(sent: string, stored: string): string | null {
  const difference = classifyDifference(sent, stored)
  if (difference === null) return null
  switch (difference.kind) {
    case 'transforms': {
      const words = transformsInWords(difference.transforms)
      const place = difference.position === undefined ? '' : ` at character ${difference.position}`
      return `differs in ${words}${place}`
    }
    case 'cut':
      return difference.shorter === 'sent'
        ? `is the beginning of the stored one, cut after character ${difference.length}`
        : `goes on after character ${difference.length}, where the stored one ends`
    case 'oneCharacter':
      return `differs in one character, character ${difference.position}`
    case 'other':
      return `differs from character ${difference.position} on`
  }
}

/** `white space and the padding (=) at the end`. */
export function transformsInWords(transforms: readonly Transform[]): string {
  return transforms.map((transform) => transformWords[transform]).join(' and ')
}

function transformsBetween(from: string, to: string): readonly Transform[] | null {
  const candidates = nearMisses(from)
  const exact = candidates.find(({ value }) => value === to)
  if (exact) return exact.transforms
  const folded = candidates.find(({ value }) => asciiLowerCase(value) === asciiLowerCase(to))
  return folded ? [...folded.transforms, 'case'] : null
}

/** The text as it is, with each kind of damage taken away alone, and with all of them one after the other. */
function repairedTexts(text: string): readonly NearMiss[] {
  const alone = repairs
    .map(([transform, repair]) => ({ transforms: [transform], value: repair(text) }))
    .filter(({ value }) => value !== text)
  let together: NearMiss = { transforms: [], value: text }
  for (const [transform, repair] of repairs) {
    const value = transform === 'plusAsSpace' ? together.value : repair(together.value)
    if (value !== together.value) {
      together = { transforms: [...together.transforms, transform], value }
    }
  }
  return [{ transforms: [], value: text }, ...alone, ...(alone.length > 1 ? [together] : [])]
}

/** The same bytes in the other forms, and with the byte order of a GUID turned. */
function otherForms(text: string): readonly NearMiss[] {
  return readAnchorForms(text).flatMap(({ form, bytes }) =>
    [bytes, swapByteOrder(bytes)].flatMap((written, index) =>
      written === null
        ? []
        : writeAnchorForms(written).map(([writtenForm, value]) => ({
            transforms: transformsOf(form, writtenForm, index === 1),
            value,
          })),
    ),
  )
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

function firstDifference(a: string, b: string): number {
  let index = 0
  while (index < a.length && a[index] === b[index]) index++
  return index + 1
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
