import type { Command } from 'commander'
import { hours, isoSeconds, systemClock } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/ids.ts'
import { addApiKey, removeApiKey } from '../../oidc/apiKeys.ts'
import { directoryApi, directoryIdentifier } from '../../oidc/directoryApi.ts'
import { rolesGranted } from '../../oidc/permissions.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { wholeNumber } from '../wholeNumber.ts'
import { storageForApps } from './opened.ts'

interface AddKeyOptions {
  readonly days: string
  readonly json?: boolean
}

/** `homerealm apps add-key|remove-key`: API keys, for clients of the directory API that speak no OAuth. */
export function addApiKeyCommands(apps: Command, surroundings: Surroundings): void {
  const { print } = surroundings
  const { withApp } = storageForApps(surroundings)

  apps
    .command('add-key')
    .description('make an API key: the app’s roles of the directory API, for Graph and SCIM alone')
    .argument('<app>', 'name or client id')
    .option('--days <days>', 'the key ends after so many days, 1 to 3650', '365')
    .option('--json', 'print JSON')
    .action((nameOrId: string, { days, json }: AddKeyOptions) =>
      withApp(nameOrId, async (storage, before) => {
        const lifetime = wholeNumber(days, '--days', 1, 3650) * hours(24)
        const making = { now: systemClock(), random: systemRandom, lifetime }
        const { app, key, stored } = await addApiKey(storage.apps, before, making)
        const [expires, roles] = [isoSeconds(stored.expiresAt), rolesGranted(app, directoryApi)]
        if (json) {
          print(JSON.stringify({ appId: app.id, keyId: stored.id, key, expires, roles }, null, 2))
          return
        }
        print(`API key, shown this once: ${key}`)
        print(
          `It ends at ${expires}. To end it now: homerealm apps remove-key ${app.id} ${stored.id}`,
        )
        print(
          roles.length > 0
            ? `It may: ${roles.join(', ')}`
            : `It may nothing yet: give it (apps set --grant) a role that homerealm apps show ${directoryIdentifier} lists.`,
        )
      }),
    )

  apps
    .command('remove-key')
    .description('take an API key away; it ends at once')
    .argument('<app>', 'name or client id')
    .argument('<key-id>', 'as apps show names it')
    .option('--json', 'print JSON')
    .action((nameOrId: string, keyId: string, { json }: Pick<AddKeyOptions, 'json'>) =>
      withApp(nameOrId, async (storage, before) => {
        const app = await removeApiKey(storage.apps, before, keyId)
        const left = app.apiKeys.map(({ id }) => id)
        if (json) print(JSON.stringify({ appId: app.id, removed: keyId, left }, null, 2))
        else {
          const others = left.join(', ') || 'none'
          print(printable(`Removed the API key ${keyId} of ${app.displayName}. Left: ${others}`))
        }
      }),
    )
}
