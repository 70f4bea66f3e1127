import { Resolver } from 'node:dns/promises'
import { isIPv6 } from 'node:net'
import { domainAndAncestors } from '../../directory/upn.ts'
import { seconds } from '../../lib/clock.ts'
import type { TxtAnswer } from './txtAnswers.ts'

export interface TxtLookupOptions {
  /** The resolvers to begin with, `address` or `address:port`; those of the machine when there is none. */
  readonly resolvers: readonly string[]
  /** Ask the resolvers themselves, each, and not the domain's own servers: where a firewall lets no DNS out. Default false. */
  readonly resolverOnly?: boolean
  /** How long one server is waited for, in milliseconds. Default 3 s. */
  readonly timeout?: number
  /** The port that the domain's own servers answer on. Default 53 (RFC 1035 section 4.2). */
  readonly authoritativePort?: number
}

/** Asks for the TXT records of a domain. Never rejects for what a server does: that is an answer too. */
export type TxtLookup = (domain: string) => Promise<readonly TxtAnswer[]>

/** Hostile zones name many servers; so many are asked. */
const mostServers = 8

/**
 * Asks every authoritative server of the domain's zone on its own, so that an old answer in a cache neither hides a new record nor
 * shows one that is gone. The zone is the nearest one that has NS records; without any (or when their addresses are not to be
 * found), the resolvers' own answers stand.
 */
export function txtLookup(options: TxtLookupOptions): TxtLookup {
  const { resolvers, timeout = seconds(3), authoritativePort = 53 } = options

  function resolverAt(servers: readonly string[]): Resolver {
    const resolver = new Resolver({ timeout, tries: 2, maxTimeout: timeout })
    if (servers.length > 0) resolver.setServers(servers)
    return resolver
  }

  async function ask(server: string, resolver: Resolver, domain: string): Promise<TxtAnswer> {
    try {
      const records = await resolver.resolveTxt(domain)
      return { server, said: { records: records.map((strings) => strings.join('')) } }
    } catch (error) {
      return { server, said: { error: codeOf(error) } }
    }
  }

  async function authoritativeServers(domain: string): Promise<readonly Server[]> {
    const resolver = resolverAt(resolvers)
    for (const zone of domainAndAncestors(domain)) {
      const names = await resolver.resolveNs(zone).catch(() => [])
      const servers: Server[] = []
      for (const name of names.sort().slice(0, mostServers)) {
        const addresses = await addressesOf(name, resolver)
        servers.push(...addresses.map((address) => ({ name, address })))
      }
      if (names.length > 0) return servers
    }
    return []
  }

  return async (domain) => {
    const own = options.resolverOnly ? [] : await authoritativeServers(domain)
    if (own.length === 0) {
      const each = resolvers.length > 0 ? resolvers : new Resolver().getServers()
      return Promise.all(each.map((server) => ask(server, resolverAt([server]), domain)))
    }
    return Promise.all(
      own.map(({ name, address }) => {
        const place = isIPv6(address) ? `[${address}]` : address
        const resolver = resolverAt([`${place}:${authoritativePort}`])
        return ask(`${name} (${address})`, resolver, domain)
      }),
    )
  }
}

interface Server {
  readonly name: string
  readonly address: string
}

/** One address of a name server: the first IPv4 one, since many networks have no IPv6, or else the first IPv6 one. */
async function addressesOf(name: string, resolver: Resolver): Promise<readonly string[]> {
  const four = await resolver.resolve4(name).catch(() => [])
  const found = four.length > 0 ? four : await resolver.resolve6(name).catch(() => [])
  return found.slice(0, 1)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'EUNKNOWN'
}
