import { type Variant, variantsOf } from './anchorTransforms.ts'
import { checkImmutableId } from './immutableId.ts'

/** A text that may be stored where another was sent. */
export type NearMiss = Variant

/** A NameID longer than any escaping of a stored value is no near miss of one. */
const maxLength = 256
const maxCandidates = 64

/**
 * The stored values that a NameID would match after one or a few known transforms, fewest first; at most 64, none equal to the
 * NameID, each a value that the rules for ImmutableIds allow. This is for hints: nothing here ever lets anyone in, since a NameID
 * matches a stored ImmutableId byte for byte or not at all. Case is not among them, since it cannot be enumerated:
 * `explainDifference` tells it where the stored value is at hand.
 */
export function nearMisses(nameId: string): readonly NearMiss[] {
  if (nameId.length > maxLength) return []
  const found = new Map<string, NearMiss>()
  for (const variant of variantsOf(nameId)) {
    if (variant.value === nameId || checkImmutableId(variant.value) !== null) continue
    const known = found.get(variant.value)
    if (known === undefined || known.transforms.length > variant.transforms.length) {
      found.set(variant.value, variant)
    }
  }
  return [...found.values()]
    .sort((a, b) => a.transforms.length - b.transforms.length)
    .slice(0, maxCandidates)
}
