import { isIP, isIPv6 } from 'node:net'

const most = 8

/**
 * A list of DNS servers with commas, each `address`, `address:port` or `[IPv6 address]:port`, as node:dns takes them; null when it
 * is none, or has more than 8.
 */
export function readDnsServers(text: string): readonly string[] | null {
  const servers = text.split(',').map((each) => each.trim())
  return servers.length <= most && servers.every(isServer) ? servers : null
}

function isServer(text: string): boolean {
  if (isIP(text) !== 0) return true
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const isAddress = six === undefined ? isIP(four ?? '') === 4 : isIPv6(six)
  return isAddress && Number(port) >= 1 && Number(port) <= 65_535
}
