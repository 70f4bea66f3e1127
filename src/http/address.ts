import { isIPv6 } from 'node:net'
import type { Request } from 'express'

/**
 * The network that a client is in, for counting attempts: its IPv4 address, or the first 64 bits of its IPv6 address, of which one
 * customer has all the rest (RFC 6177). Behind proxies it is what the last trusted one says (HOMEREALM_TRUST_PROXY).
 */
export function networkOf(req: Pick<Request, 'ip'>): string {
  const ip = (req.ip ?? 'unknown').toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(ip)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(ip)) return ip.slice(0, 64)
  // The URL parser writes every IPv6 address in one way; a zone (`%eth0`) is none of its own.
  const [head = '', tail] = new URL(`http://[${ip.replace(/%.*$/, '')}]`).hostname
    .slice(1, -1)
    .split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right]
  return `${groups.slice(0, 4).join(':')}::/64`
}
