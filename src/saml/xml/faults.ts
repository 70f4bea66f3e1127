import { type Evidence, refuse } from '../../aadsts/reasons.ts'
import { placeOf } from './place.ts'

/** Well-formed markup that SAML has no use for, by how it begins. */
const forbidden: readonly (readonly [opening: string, name: string])[] = [
  ['<!--', 'a comment'],
  ['<![CDATA[', 'a CDATA section'],
  ['<!DOCTYPE', 'a DOCTYPE'],
  ['<?', 'a processing instruction'],
]

function evidence(xml: string, offset: number, expected: string, actual: string): Evidence {
  return { expected, actual: `${actual} at ${placeOf(xml, offset)}` }
}

/** Refuses markup at `offset` that is not what was expected: by name when it is of a forbidden kind. */
export function refuseMarkup(xml: string, offset: number, expected: string): never {
  for (const [opening, name] of forbidden)
    if (xml.startsWith(opening, offset))
      refuse('forbiddenMarkup', evidence(xml, offset, expected, name))
  refuseMalformed(xml, offset, expected)
}

export function refuseMalformed(
  xml: string,
  offset: number,
  expected: string,
  actual = offset >= xml.length ? 'the end of the document' : 'something else',
): never {
  refuse('notWellFormed', evidence(xml, offset, expected, actual))
}

/** Legal XML that no honest message has; allowed nowhere here. */
export function refuseForbidden(
  xml: string,
  offset: number,
  expected: string,
  actual: string,
): never {
  refuse('forbiddenMarkup', evidence(xml, offset, expected, actual))
}

export function refuseComplex(xml: string, offset: number, limit: number, what: string): never {
  refuse('tooComplex', evidence(xml, offset, `at most ${limit} ${what}`, 'more'))
}
