import type { Choices } from './choices.ts'

/**
 * Changes a document, given as a byte string (latin1), by the choices it asks for; `partner` is another document that the same
 * key signed. Gives the document back when it finds nothing to change.
 */
export type Mutator = (xml: string, choose: Choices, partner: string) => string
export type Mutators = Readonly<Record<string, Mutator>>

/** One change as data, so that it can be shrunk, kept in a file and done again. */
export interface Mutation {
  readonly mutator: string
  /** What it chooses by: `choicesEach` numbers from 0 to 1. */
  readonly shares: readonly number[]
}
