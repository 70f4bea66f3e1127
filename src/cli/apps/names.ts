import type { AppStore } from '../../oidc/ports.ts'
import type { App } from '../../oidc/types.ts'
import { printable } from '../printable.ts'
import { UsageError } from '../usageError.ts'

export interface NameOptions {
  readonly allowSameName?: boolean
}

export const sameNameOption = [
  '--allow-same-name',
  'although another app is called so: people cannot tell the two apart on pages',
] as const

/** Throws UsageError when another app than this one has the name already, in whatever case: commands find apps so. */
export async function nameMustBeFree(
  apps: Pick<AppStore, 'apps'>,
  name: string,
  { allowSameName = false }: NameOptions,
  self: App | null = null,
): Promise<void> {
  if (allowSameName) return
  const other = (await apps.apps()).find(
    ({ id, displayName }) =>
      id !== self?.id && displayName.toLowerCase() === name.trim().toLowerCase(),
  )
  if (other === undefined) return
  throw new UsageError(
    printable(
      `There is an app ${JSON.stringify(other.displayName)} already, with the client id ${other.id}. Change that one (homerealm apps set ${other.id} ...), take another name, or say --allow-same-name. Nothing was written.`,
    ),
  )
}
