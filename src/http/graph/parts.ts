import { txtLookup } from '../../admin/domains/txtLookup.ts'
import type { GraphParts } from '../../admin/graph/ports.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { Clock } from '../../lib/clock.ts'
import type { RandomSource } from '../../lib/ids.ts'
import { sealer, sealPurposes } from '../../lib/seal.ts'
import type { PasswordHasher } from '../../signin/password/hash.ts'
import type { CredentialStores } from '../../signin/password/ports.ts'
import type { SessionStore } from '../../signin/ports.ts'
import { directoryPasswords } from '../directoryPasswords.ts'

/** What the Graph door works with, over a deployment's stores and keys. */
export function graphParts(from: {
  readonly publicUrl: string
  readonly config: {
    readonly graphStrict: boolean
    /** The resolvers that a domain's TXT record is looked up by; none for those of the machine. */
    readonly dnsServers: readonly string[]
  }
  readonly storage: CredentialStores & {
    readonly directory: DirectoryStore
    readonly sessions: SessionStore
  }
  readonly hasher: PasswordHasher
  readonly refusedCertificates?: ReadonlySet<string>
  readonly keyEncryptionKey: Buffer
  readonly clock: Clock
  readonly random: RandomSource
}): GraphParts {
  const { publicUrl, config, storage, hasher } = from
  const { keyEncryptionKey, clock, random, refusedCertificates } = from
  return {
    store: storage.directory,
    passwords: directoryPasswords(storage, hasher),
    publicUrl,
    isStrict: config.graphStrict,
    ...(refusedCertificates && { refusedCertificates }),
    lookUpTxt: txtLookup({ resolvers: config.dnsServers }),
    positions: sealer(keyEncryptionKey, sealPurposes.pagePositions, random),
    clock,
    random,
  }
}
