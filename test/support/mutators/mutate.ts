/**
 * mutators/: changes of a signed response, for the bounded run in the tests and the long one of `npm run fuzz`. They know no
 * verifier and no parser.
 */
import { attributeMutators } from './attributes.ts'
import { byteMutators } from './bytes.ts'
import { Choices, choicesEach } from './choices.ts'
import { elementMutators } from './elements.ts'
import { encodingMutators, fieldMutators } from './encodings.ts'
import type { Mutation, Mutator, Mutators } from './mutator.ts'
import { spliceMutators } from './splices.ts'
import { textMutators } from './texts.ts'

/** Each family, and how often it is chosen: what keeps a document well-formed gets deeper into a verifier. */
const families: readonly (readonly [Mutators, number])[] = [
  [byteMutators, 2],
  [elementMutators, 6],
  [attributeMutators, 5],
  [textMutators, 3],
  [spliceMutators, 5],
  [encodingMutators, 2],
  [fieldMutators, 1],
]
const ofFields = new Map(Object.entries(fieldMutators))
const ofDocuments = new Map(
  families
    .filter(([family]) => family !== fieldMutators)
    .flatMap(([family]) => Object.entries(family)),
)

/** The names of all mutators, family by family. */
export const mutatorNames: readonly string[] = families.flatMap(([family]) => Object.keys(family))

/** A document that a mutation makes larger than this is left as it was: twice the size limit of messages. */
const maxLength = 512 * 1024

/**
 * The form field SAMLResponse with a mutated response: the mutations of the document in their order, then base64, then those of
 * the field. Throws for a name that is no mutator's.
 */
export function mutatedField(
  document: Buffer,
  partner: Buffer,
  mutations: readonly Mutation[],
): string {
  const unknown = mutations.find(({ mutator }) => !mutatorNames.includes(mutator))
  if (unknown) throw new Error(`there is no mutator "${unknown.mutator}"`)
  const other = partner.toString('latin1')
  const change = (table: ReadonlyMap<string, Mutator>, text: string) =>
    mutations.reduce((before, { mutator, shares }) => {
      const after = table.get(mutator)?.(before, new Choices(shares), other) ?? before
      return after.length > maxLength ? before : after
    }, text)
  const one = change(ofDocuments, document.toString('latin1'))
  return change(ofFields, Buffer.from(one, 'latin1').toString('base64'))
}

/** One to `most` mutations, chosen by a source of numbers from 0 to 1. */
export function randomMutations(share: () => number, most: number): Mutation[] {
  return Array.from({ length: 1 + Math.floor(share() * most) }, () => ({
    mutator: randomMutator(share),
    shares: Array.from({ length: choicesEach }, share),
  }))
}

/** The names of each family, as many times as it weighs. */
const weighted = families.flatMap(([family, weight]) =>
  Array.from({ length: weight }, () => Object.keys(family)),
)

function randomMutator(share: () => number): string {
  const names = weighted[Math.floor(share() * weighted.length)] ?? []
  return names[Math.floor(share() * names.length)] ?? ''
}
