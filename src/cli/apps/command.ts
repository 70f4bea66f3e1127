import type { Command } from 'commander'
import { assembleKeyRing } from '../../assembly.ts'
import { hours, isoSeconds, systemClock } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/ids.ts'
import {
  addApp,
  changeApp,
  findApp,
  rotateSecret,
  SECRET_LIFETIME,
  SECRET_OVERLAP,
} from '../../oidc/apps.ts'
import { directoryApi } from '../../oidc/directoryApi.ts'
import { rolesGranted } from '../../oidc/permissions.ts'
import type { App } from '../../oidc/types.ts'
import type { Storage } from '../../storage/storage.ts'
import { jsonText } from '../json.ts'
import { printable } from '../printable.ts'
import { keyEncryptionKeyOf } from '../server/keyEncryptionKey.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { wholeNumber } from '../wholeNumber.ts'
import { addAssignCommands } from './assign.ts'
import { addApiKeyCommands } from './keys.ts'
import { type NameOptions, nameMustBeFree, sameNameOption } from './names.ts'
import { storageForApps } from './opened.ts'
import { type AppOptions, addAppOptions, settingsFrom } from './options.ts'
import { addressesGone, appText, kindOf, withoutHashes } from './show.ts'

interface SecretOptions {
  readonly json?: boolean
  readonly secretDays?: string
  readonly overlapHours?: string
}

interface NewOptions extends NameOptions {
  readonly secret: boolean
}

/** `homerealm apps add|set|list|show|remove|rotate-secret|add-key|remove-key|assign|unassign`: the OIDC clients. */
export function addAppsCommand(program: Command, surroundings: Surroundings): void {
  const { print } = surroundings
  const { withStorage, withApp } = storageForApps(surroundings)
  const apps = program
    .command('apps')
    .description('the apps that sign people in here (OIDC clients)')

  addAppOptions(
    apps.command('add').description('register an app').argument('<name>', 'its name on pages'),
  )
    .option('--no-secret', 'make no secret, for an app that is an API only')
    .option('--secret-days <days>', 'the secret ends after so many days', '180')
    .option(...sameNameOption)
    .option('--json', 'print JSON')
    .action((name: string, options: AppOptions & SecretOptions & NewOptions) =>
      withStorage(false, async (storage) => {
        await nameMustBeFree(storage.apps, name, options)
        const settings = { displayName: name, ...(await settingsFrom(options, null, storage.apps)) }
        const spans = spansFrom(options) // before anything is written
        await ensureKey(storage, settings.idTokenSigningAlg)
        const app = await addApp(storage.apps, settings, making())
        const { id: tenantId } = await storage.directory.tenant()
        const needsSecret = !app.isPublic && app.keys.length === 0 && options.secret
        const made = needsSecret ? await newSecret(storage, app, spans) : null
        if (options.json) return print(jsonText({ appId: app.id, tenantId, ...made }))
        print(printable(`Added ${app.displayName}: client id ${app.id}`))
        print(`Tenant id: ${tenantId}`)
        if (made !== null) printSecret(made)
        const roles = rolesGranted(app, directoryApi)
        if (roles.length > 0 && app.keys.length === 0 && !options.secret) {
          print(`Its API key is made by: homerealm apps add-key ${app.id}`)
        }
      }),
    )

  addAppOptions(
    apps
      .command('set')
      .description('change settings of an app')
      .argument('<app>', 'name or client id'),
  )
    .option('--name <name>', 'its name on pages')
    .option(...sameNameOption)
    .action((nameOrId: string, options: AppOptions & NameOptions & { readonly name?: string }) =>
      withApp(nameOrId, async (storage, app) => {
        if (options.name !== undefined) {
          await nameMustBeFree(storage.apps, options.name, options, app)
        }
        const settings = await settingsFrom(options, app, storage.apps)
        await ensureKey(storage, settings.idTokenSigningAlg)
        const name = options.name === undefined ? {} : { displayName: options.name }
        const changed = await changeApp(storage.apps, app, { ...settings, ...name })
        const gone = addressesGone(app, changed)
        if (gone.length > 0) print(printable(`Not registered any more: ${gone.join(', ')}`))
        print(printable(await appText(changed, storage)))
      }),
    )

  apps
    .command('list')
    .description('all apps')
    .option('--json', 'print JSON')
    .action((options: { readonly json?: boolean }) =>
      withStorage(true, async (storage) => {
        const all = await storage.apps.apps()
        if (options.json) print(jsonText(all.map(withoutHashes)))
        else if (all.length === 0)
          print('No app yet. Register one: homerealm apps add NAME --redirect-uri URI')
        else {
          const rows = all.map((app) => [app.displayName, app.id, kindOf(app)])
          print(printable(table(['NAME', 'CLIENT ID', 'KIND'], rows)))
        }
      }),
    )

  apps
    .command('show')
    .description('one app, and who is assigned to it')
    .argument('<app>', 'name, client id, or identifier of an API')
    .option('--json', 'print JSON')
    .action((nameOrId: string, options: { readonly json?: boolean }) =>
      withStorage(true, async (storage) => {
        const api = nameOrId.includes('://')
          ? await storage.apps.appByIdentifierUri(nameOrId)
          : null
        const app = api ?? (await findApp(storage.apps, nameOrId))
        if (options.json) print(jsonText(withoutHashes(app)))
        else print(printable(await appText(app, storage)))
      }),
    )

  apps
    .command('remove')
    .description('remove an app; its refresh tokens and grants go with it')
    .argument('<app>', 'name or client id')
    .action((nameOrId: string) =>
      withApp(nameOrId, async (storage, app) => {
        await storage.apps.deleteApp(app.id)
        print(printable(`Removed ${app.displayName} (${app.id}).`))
        const users = (await storage.apps.apps()).filter((other) =>
          [...other.grantedScopes, ...other.grantedRoles].some(({ apiId }) => apiId === app.id),
        )
        const names = users.map(({ displayName }) => displayName).join(', ')
        if (names !== '') print(printable(`What was granted of it is void now, to: ${names}`))
      }),
    )

  apps
    .command('rotate-secret')
    .description('make a new secret; the older ones end soon')
    .argument('<app>', 'name or client id')
    .option('--secret-days <days>', 'the new one ends after so many days', '180')
    .option(
      '--overlap-hours <hours>',
      'the older ones go on for so many hours; 0 ends them now',
      '24',
    )
    .option('--json', 'print JSON')
    .action((nameOrId: string, options: SecretOptions) =>
      withApp(nameOrId, async (storage, app) => {
        const made = await newSecret(storage, app, spansFrom(options))
        if (options.json) print(jsonText({ appId: app.id, ...made }))
        else printSecret(made)
      }),
    )

  addApiKeyCommands(apps, surroundings)

  addAssignCommands(apps, surroundings)

  /** The secret is printed here and never again. */
  function printSecret({ secret, expires, olderSecrets }: NewSecret): void {
    print(`Client secret, shown this once: ${secret}`)
    print(`It ends at ${expires}.`)
    for (const { hint, expires } of olderSecrets) {
      print(`The older one, ${hint}..., ends at ${expires}.`)
    }
  }

  async function ensureKey(storage: Storage, alg: App['idTokenSigningAlg'] | undefined) {
    if (alg === undefined) return
    const keyEncryptionKey = await keyEncryptionKeyOf(surroundings.config(), storage)
    await assembleKeyRing({ storage, keyEncryptionKey }).ensure([alg])
  }
}

const making = () => ({ now: systemClock(), random: systemRandom })

type NewSecret = Awaited<ReturnType<typeof newSecret>>

/** A new secret beside those that go on for a while. */
async function newSecret({ apps }: Storage, app: App, spans: ReturnType<typeof spansFrom>) {
  const { app: changed, secret } = await rotateSecret(apps, app, { ...making(), ...spans })
  const [newest, ...older] = changed.secrets.map(({ hint, expiresAt }) => ({
    hint,
    expires: isoSeconds(expiresAt),
  }))
  return { secret, expires: newest?.expires ?? null, olderSecrets: older }
}

/** How long a new secret is good, and the older ones beside it, in milliseconds. Throws UsageError. */
function spansFrom({ secretDays, overlapHours }: SecretOptions) {
  return {
    lifetime:
      secretDays === undefined
        ? SECRET_LIFETIME
        : wholeNumber(secretDays, '--secret-days', 1, 3650) * hours(24),
    overlap:
      overlapHours === undefined
        ? SECRET_OVERLAP
        : wholeNumber(overlapHours, '--overlap-hours', 0, 8760) * hours(1),
  }
}
