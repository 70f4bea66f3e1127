import type { GraphErrorDetail } from '../../aadsts/faces/graph.ts'
import { closestWord } from '../../directory/closest.ts'
import { GraphError, quoted } from './error.ts'

/** Reads one value of a body: what it is here, or what is wrong with it as words that follow "Property x ...". */
export type Reader<T> = (value: unknown) => { readonly value: T } | { readonly fault: string }

/** The properties that a body may have, by name. */
export type Fields = Readonly<Record<string, Reader<unknown>>>

/** What was read of a body: only the properties that it has. */
export type Read<F extends Fields> = {
  readonly [N in keyof F]?: F[N] extends Reader<infer T> ? T : never
}

/** A resource as bodies of requests have it. */
export interface BodyForm<F extends Fields> {
  /** Of Graph: `user`, `internalDomainFederation`. */
  readonly resource: string
  readonly fields: F
  /** Properties that Graph has, and this server does not keep: refused with a message of their own. */
  readonly notKept: readonly string[]
}

/** A hostile body may have thousands. */
const mostProblems = 20

/**
 * Reads a body by its form. Control information of OData (`@odata.type`, `name@odata.type`) is passed over, and a type must be the right
 * one. Throws 400 with every property that is unknown, not kept, or of a wrong type.
 */
export function readBody<F extends Fields>(
  body: ReadonlyMap<string, unknown>,
  { resource, fields, notKept }: BodyForm<F>,
): Read<F> {
  const read: Record<string, unknown> = {}
  const problems: GraphErrorDetail[] = []
  const report = (target: string, message: string) =>
    problems.push({ target, code: 'InvalidValue', message })

  for (const [name, value] of body) {
    if (problems.length >= mostProblems) break
    if (name === '@odata.type') {
      if (value === `#microsoft.graph.${resource}` || value === `microsoft.graph.${resource}`)
        continue
      report(name, `The body is no microsoft.graph.${resource}, says its @odata.type.`)
    } else if (!isControl(name)) {
      const reader = Object.hasOwn(fields, name) ? fields[name] : undefined
      const reading = reader?.(value)
      if (reading === undefined)
        report(quoted(name), unknownProperty(name, resource, fields, notKept))
      else if ('fault' in reading) report(name, `Property ${name} ${reading.fault}.`)
      else read[name] = reading.value
    }
  }
  refuseAll(problems)
  return read as Read<F>
}

/** Throws 400 when there is any problem; the message is that of the only one, or says that there are several. */
export function refuseAll(
  problems: readonly GraphErrorDetail[],
  rules: readonly string[] = [],
): void {
  const [first, ...more] = problems
  if (first === undefined) return
  const message =
    more.length === 0 ? first.message : 'One or more properties contains invalid values.'
  throw new GraphError(400, 'Request_BadRequest', message, { details: problems, rules })
}

/** OData JSON format 4.01 section 4.6: annotations have an @ in their name. Links are no annotation of a value: `members@odata.bind`. */
function isControl(name: string): boolean {
  return (
    ['@odata.context', '@odata.id', '@odata.etag'].includes(name) || name.endsWith('@odata.type')
  )
}

function unknownProperty(
  name: string,
  resource: string,
  fields: Fields,
  notKept: readonly string[],
): string {
  if (notKept.includes(name)) {
    return `Property ${name} is not kept by this server. Leave it out.`
  }
  const near = closestWord(name, Object.keys(fields))
  const advice = near === null ? '' : ` Is ${near} meant?`
  return `Invalid property '${quoted(name)}' of resource '${resource}'.${advice}`
}

export const text: Reader<string> = (value) =>
  typeof value === 'string' ? { value } : { fault: 'must be a text' }

/** A text that says something: an empty one is neither a value nor none. */
export const filledText: Reader<string> = (value) =>
  typeof value === 'string' && value !== ''
    ? { value }
    : { fault: 'must be a text, and not an empty one' }

export const flag: Reader<boolean> = (value) =>
  typeof value === 'boolean' ? { value } : { fault: 'must be true or false' }

export function nullable<T>(reader: Reader<T>): Reader<T | null> {
  return (value) => {
    if (value === null) return { value }
    const reading = reader(value)
    return 'fault' in reading ? { fault: `${reading.fault}, or null` } : reading
  }
}

/** One of Graph's enumerations; an empty text is none of its values. */
export function oneOf<const T extends string>(values: readonly T[]): Reader<T> {
  return (value) => {
    const found = values.find((each) => each === value)
    return found === undefined ? { fault: `must be one of ${values.join(', ')}` } : { value: found }
  }
}

/** A property that has the same value in every record here: taken when it says so. */
export function always(constant: string | boolean | null | readonly []): Reader<unknown> {
  const wanted = JSON.stringify(constant)
  return (value) => {
    const isSame = Array.isArray(constant)
      ? Array.isArray(value) && value.length === 0
      : value === constant
    return isSame ? { value } : { fault: `is always ${wanted} on this server` }
  }
}
