import { asciiLowerCase } from '../../directory/characters.ts'
import { attributeKey, readAttributePath } from './attributePath.ts'
import { limits } from './names.ts'
import type { Resource } from './present.ts'
import { bad } from './scimError.ts'

/** Which attributes an answer has (RFC 7644 section 3.9). */
export interface Projection {
  /** Null: all but those without. */
  readonly only: ReadonlySet<string> | null
  readonly without: ReadonlySet<string>
}

/** RFC 7643 section 7, `returned` always. */
const always: ReadonlySet<string> = new Set(['id', 'schemas'])

/** From names as the client gave them. Names that are not known are ignored. Throws ScimError `invalidValue`. */
export function readProjection(
  {
    attributes,
    excludedAttributes,
  }: {
    readonly attributes: readonly string[]
    readonly excludedAttributes: readonly string[]
  },
  core: string,
): Projection {
  if (attributes.length > 0 && excludedAttributes.length > 0) {
    bad('invalidValue', 'attributes and excludedAttributes exclude each other: send one of them.')
  }
  if (attributes.length + excludedAttributes.length > limits.attributeNames) {
    bad('invalidValue', `attributes: ${limits.attributeNames} names are the most.`)
  }
  const keys = (names: readonly string[]) =>
    new Set(
      names.flatMap((name) => {
        const path = readAttributePath(name)
        return path === null ? [] : [attributeKey(path, core)]
      }),
    )
  return {
    only: attributes.length === 0 ? null : keys(attributes),
    without: keys(excludedAttributes),
  }
}

/** Whether anything of an attribute is wanted, so that what is not need not be read. */
export function wants({ only, without }: Projection, name: string): boolean {
  const key = asciiLowerCase(name)
  if (without.has(key)) return false
  return only === null || only.has(key) || [...only].some((each) => each.startsWith(`${key}.`))
}

/** The resource with what is wanted of it. */
export function project(
  resource: Resource,
  projection: Projection,
): Readonly<Record<string, unknown>> {
  if (projection.only === null && projection.without.size === 0) return resource
  const chosen: [string, unknown][] = []
  for (const [name, value] of Object.entries(resource)) {
    const key = asciiLowerCase(name)
    if (always.has(key)) {
      chosen.push([name, value])
      continue
    }
    const part = partOf(value, key, key.startsWith('urn:') ? ':' : '.', projection)
    if (part !== undefined) chosen.push([name, part])
  }
  return Object.fromEntries(chosen)
}

/** What is wanted of one attribute; undefined for nothing. */
function partOf(value: unknown, key: string, joint: ':' | '.', projection: Projection): unknown {
  const { only, without } = projection
  if (without.has(key)) return undefined
  if (only?.has(key)) return value
  if (typeof value !== 'object' || value === null) return only === null ? value : undefined
  if (Array.isArray(value)) {
    const parts = value.map((each) => partOf(each, key, joint, projection))
    return parts.some((part) => part !== undefined) ? parts : undefined
  }
  const parts = Object.entries(value).filter(([name]) => {
    const partKey = `${key}${joint}${asciiLowerCase(name)}`
    return only === null ? !without.has(partKey) : only.has(partKey)
  })
  return parts.length === 0 && only !== null ? undefined : Object.fromEntries(parts)
}
