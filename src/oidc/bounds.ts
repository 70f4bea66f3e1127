import type { IncomingMessage } from 'node:http'
import { fingerprint } from '../lib/secrets.ts'
import type { RecordBound } from './ports.ts'

/** The kinds of record that whoever comes by can make without signing in: requests that wait for a person. */
const bounded: ReadonlySet<string> = new Set(['Interaction', 'DeviceCode'])

/**
 * Of one network (http/address.ts) the newest five thousand stay: enough for a company behind one address at nine o'clock, and whoever floods us
 * pushes out their own and nobody else's. A hundred thousand in all (3 GB at worst, 100 MB in practice), and then 429 until some are
 * over: within an hour for sign-ins, a day for devices. It takes twenty networks to come there.
 */
const most = { ofOwner: 5000, ofAll: 100_000 } as const

/** How many records of a kind there may be, and whose a new one is; null for kinds that are made by signing in, and outside requests. */
export function boundOf(
  kind: string,
  req: IncomingMessage | undefined,
  networkOf: (req: IncomingMessage) => string,
): RecordBound | null {
  if (!bounded.has(kind) || req === undefined) return null
  return { owner: fingerprint(networkOf(req)), ...most }
}
