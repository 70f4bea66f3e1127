import { type Command, Option } from 'commander'
import { assembleKeyRing } from '../../assembly.ts'
import { isoSeconds, systemClock } from '../../lib/clock.ts'
import { inSigningOrder, isSigningKey } from '../../oidc/keys.ts'
import { type SigningAlg, signingAlgs } from '../../oidc/types.ts'
import type { Storage } from '../../storage/storage.ts'
import { keyEncryptionKeyOf } from '../server/keyEncryptionKey.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'

/** `homerealm keys list|rotate`: the keys that tokens are signed with. */
export function addKeysCommand(program: Command, surroundings: Surroundings): void {
  const { print } = surroundings
  const keys = program.command('keys').description('the keys that tokens are signed with')

  keys
    .command('list')
    .description('all keys, and what each is for at this moment')
    .option('--json', 'print JSON')
    .action((options: { readonly json?: boolean }) =>
      withStorage(true, async (storage) => {
        const rows = await rowsOf(storage)
        if (options.json) {
          print(JSON.stringify(rows, null, 2))
        } else if (rows.length === 0) {
          print('No key yet: the server makes them at its first start.')
        } else {
          const cells = rows.map((row) => [
            row.kid,
            row.alg,
            row.use,
            row.signsFrom,
            row.retiresAt ?? '-',
          ])
          print(table(['KEY', 'ALG', 'NOW', 'SIGNS FROM', 'PUBLISHED UNTIL'], cells))
        }
      }),
    )

  keys
    .command('rotate')
    .description(
      'make a new key: published at once, it signs two hours later, when every client has it; a running server picks it up',
    )
    .addOption(new Option('--alg <alg>', 'of this algorithm').choices(signingAlgs).default('RS256'))
    .option(
      '--revoke',
      'the old key is in wrong hands: it goes at once, and every token that it signed is void',
    )
    .action((options: { readonly alg: SigningAlg; readonly revoke?: boolean }) =>
      withStorage(false, async (storage) => {
        const keyEncryptionKey = await keyEncryptionKeyOf(surroundings.config(), storage)
        const ring = assembleKeyRing({ storage, keyEncryptionKey })
        await ring.ensure([options.alg])
        const made = await ring.rotate(options.alg, { revoke: options.revoke === true })
        print(`The key ${made.kid} (${made.alg}) signs from ${isoSeconds(made.signsFrom)}.`)
        if (options.revoke) print('The older ones are gone, and so is all that they signed.')
      }),
    )

  async function withStorage(readonly: boolean, work: (storage: Storage) => Promise<void>) {
    const storage = await surroundings.openStorage({ readonly })
    try {
      await work(storage)
    } finally {
      await storage.close()
    }
  }
}

async function rowsOf(storage: Storage) {
  const now = systemClock()
  const order = inSigningOrder((await storage.keys.keys()).filter(isSigningKey), now)
  return order.map((key) => ({
    kid: key.kid,
    alg: key.alg,
    use:
      key.signsFrom > now
        ? 'published, will sign'
        : order.find(({ alg }) => alg === key.alg) === key
          ? 'signs'
          : 'published, signed before',
    signsFrom: isoSeconds(key.signsFrom),
    retiresAt: key.retiresAt === null ? null : isoSeconds(key.retiresAt),
  }))
}
