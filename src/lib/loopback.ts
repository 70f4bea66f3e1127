import { BlockList, isIPv4, isIPv6 } from 'node:net'

const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether a host, as `URL.hostname` spells it, stays on this machine: http is let through to it, for demos and tests. */
export function isLoopbackHost(hostname: string): boolean {
  return loopbackHosts.has(hostname)
}

const here = new BlockList()
here.addSubnet('0.0.0.0', 8, 'ipv4')
here.addSubnet('127.0.0.0', 8, 'ipv4')
here.addSubnet('169.254.0.0', 16, 'ipv4')
here.addSubnet('::', 127, 'ipv6')
here.addSubnet('fe80::', 10, 'ipv6')

/**
 * Whether a host, as `URL.hostname` spells it, is this machine or its own link (RFC 6890: loopback, unspecified, link-local, where
 * clouds have their metadata services), or a name that always means it (RFC 6761 section 6.3). Other names are not looked up.
 */
export function isOwnHost(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (isIPv4(name)) return here.check(name, 'ipv4')
  // Of IPv4 in IPv6 (`::ffff:127.0.0.1`) the list knows what it knows of IPv4.
  if (isIPv6(name)) return here.check(name, 'ipv6')
  return name === 'localhost' || name.endsWith('.localhost')
}
