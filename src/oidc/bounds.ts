import type { IncomingMessage } from 'node:http'
import { fingerprint } from '../lib/secrets.ts'
import type { RecordBound } from './ports.ts'

/** The kinds of record that whoever comes by can make without signing in: requests that wait for a person. */
const bounded: ReadonlySet<string> = new Set(['Interaction', 'DeviceCode'])

/**
 * Of one network (http/address.ts) the newest thousand stay, so that one who floods us pushes out their own and nobody else's; fifty
 * thousand in all (1.6 GB at worst, 50 MB in practice), and then 429 until some are over: within an hour for sign-ins, a day
 * for devices. It takes fifty networks to come there.
 */
const most = { ofOwner: 1000, ofAll: 50_000 } as const

/** How many records of a kind there may be, and whose a new one is; null for kinds that are made by signing in, and outside requests. */
export function boundOf(
  kind: string,
  req: IncomingMessage | undefined,
  networkOf: (req: IncomingMessage) => string,
): RecordBound | null {
  if (!bounded.has(kind) || req === undefined) return null
  return { owner: fingerprint(networkOf(req)), ...most }
}
