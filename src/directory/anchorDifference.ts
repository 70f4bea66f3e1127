import {
  familyOf,
  type Transform,
  type TransformFamily,
  transformsBetween,
  transformsInWords,
} from './anchorTransforms.ts'
import { isEqualButCase } from './characters.ts'
import { maxImmutableIdLength } from './immutableId.ts'
import { spreadsheetDamage } from './spreadsheetDamage.ts'

/** How two texts of an anchor differ. `position` counts characters from 1. */
export type Difference =
  | {
      readonly kind: 'transforms'
      readonly transforms: readonly Transform[]
      readonly position?: number
    }
  | { readonly kind: 'tooLong'; readonly length: number }
  | { readonly kind: 'cut'; readonly shorter: 'sent' | 'stored'; readonly length: number }
  | { readonly kind: 'oneCharacter'; readonly position: number }
  | { readonly kind: 'other'; readonly position: number }

/** A difference as a comparison of two directories counts it. */
export type DifferenceClass = TransformFamily | 'tooLong' | 'different'

/** A prefix shorter than this says nothing about a cut. */
const minCutLength = 8
/** What is longer is no escaping of an anchor, and is not looked into. */
const maxLength = 256

/** How a sent value differs from the stored one, or null when they are equal byte for byte. */
export function classifyDifference(sent: string, stored: string): Difference | null {
  if (sent === stored) return null
  if (isEqualButCase(sent, stored)) {
    return { kind: 'transforms', transforms: ['case'], position: firstDifference(sent, stored) }
  }
  const transforms = knownTransforms(sent, stored)
  if (transforms !== null) return { kind: 'transforms', transforms }

  if (sent.length > maxImmutableIdLength) return { kind: 'tooLong', length: sent.length }
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

/** Under which class `users drift` counts it. */
export function differenceClass(difference: Difference): DifferenceClass {
  if (difference.kind === 'transforms') return familyOf(difference.transforms)
  return difference.kind === 'tooLong' ? 'tooLong' : 'different'
}

/**
 * The difference as a clause that follows "the sent value ...", or null when there is none: `differs in case at character 5`.
 * It tells positions and kinds, and no character of the stored value.
 */
export function explainDifference(sent: string, stored: string): string | null {
  const difference = classifyDifference(sent, stored)
  return difference && differenceInWords(difference)
}

/** The same for a difference at hand. */
export function differenceInWords(difference: Difference): string {
  switch (difference.kind) {
    case 'transforms': {
      const words = transformsInWords(difference.transforms)
      const place = difference.position === undefined ? '' : ` at character ${difference.position}`
      return `differs in ${words}${place}`
    }
    case 'tooLong':
      return `has ${difference.length} characters, where ${maxImmutableIdLength} are the most`
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

function knownTransforms(sent: string, stored: string): readonly Transform[] | null {
  if (sent.length > maxLength || stored.length > maxLength) return null
  const damage = spreadsheetDamage(sent, stored) ?? spreadsheetDamage(stored, sent)
  if (damage !== null) return [damage]
  return transformsBetween(sent, stored) ?? transformsBetween(stored, sent)
}

function firstDifference(a: string, b: string): number {
  let index = 0
  while (index < a.length && a[index] === b[index]) index++
  return index + 1
}
