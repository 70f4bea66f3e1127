import { isArray, type ScimObject } from './json.ts'
import { bad } from './scimError.ts'

/** RFC 7643 section 3: `schemas` says what a body is. Throws ScimError `invalidSyntax` unless it has this URN. */
export function mustHaveSchema(body: ScimObject, urn: string): void {
  const schemas = body.get('schemas')
  const has =
    isArray(schemas) &&
    schemas.some((each) => typeof each === 'string' && each.toLowerCase() === urn.toLowerCase())
  if (!has) bad('invalidSyntax', `schemas: it must be a list with ${urn}.`)
}
