import { importedProperties, type Origin } from './imports.ts'

/**
 * The origins of a user's values: what came with the user, and over it what was set since (null: through another door, or cleared by
 * it).
 */
export function originsByProperty(
  creation: Origin | null,
  since: ReadonlyMap<string, Origin | null>,
): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>()
  for (const property of importedProperties) {
    const origin = since.has(property) ? since.get(property) : creation
    if (origin) origins.set(property, origin)
  }
  return origins
}
