import { forbid } from './directoryError.ts'
import type { DirectoryStore } from './ports.ts'
import type { Domain } from './types.ts'
import { domainAndAncestors } from './upn.ts'

/** The tenant's domains as they stand above and below each other. */
export interface DomainTree {
  /** The nearest domain above this one that is here. */
  parent(id: string): Domain | null
  /** It has a sign-in of its own: nothing stands above it here, or it was promoted. */
  isRoot(domain: Domain): boolean
  /** The subdomains that have their sign-in from this domain, at whatever depth; in order of name. */
  followers(domain: Domain): readonly Domain[]
  /** The domain that this one has its sign-in from: itself when it is a root. */
  rootOf(domain: Domain): Domain
}

/** Reads all domains. A domain from before ownership was kept is a root when it is signed in to otherwise than the one above it. */
export async function domainTree(store: DirectoryStore): Promise<DomainTree> {
  const all = await store.domains()
  const byName = new Map(all.map((domain) => [domain.id, domain]))
  const ownerships = new Map(
    (await store.domainRecords.ownerships()).map((each) => [each.domain, each]),
  )

  function parent(id: string): Domain | null {
    for (const name of domainAndAncestors(id).slice(1)) {
      const found = byName.get(name)
      if (found !== undefined) return found
    }
    return null
  }

  function isRoot(domain: Domain): boolean {
    const above = parent(domain.id)
    if (above === null) return true
    const differs =
      above.federationId !== domain.federationId ||
      above.authenticationType !== domain.authenticationType
    return ownerships.get(domain.id)?.isRoot ?? differs
  }

  function rootOf(domain: Domain): Domain {
    const above = isRoot(domain) ? null : parent(domain.id)
    return above === null ? domain : rootOf(above)
  }

  return {
    parent,
    isRoot,
    rootOf,
    followers: (domain) =>
      all.filter((other) => follows(other, domain.id)).sort((a, b) => (a.id < b.id ? -1 : 1)),
  }

  function follows(other: Domain, id: string): boolean {
    const above = isRoot(other) ? null : parent(other.id)
    return above !== null && (above.id === id || follows(above, id))
  }
}

/**
 * A subdomain follows the domain above it, unless that one is changed in the same way together with it. Throws DirectoryError
 * `domainFollowsAnother`.
 */
export function mayHaveOwnSignin(
  domain: Domain,
  tree: DomainTree,
  together: readonly string[],
): void {
  const root = tree.rootOf(domain)
  if (root.id === domain.id || together.includes(root.id)) return
  const message = `${domain.id} follows ${root.id}: change that one, or give it a sign-in of its own (homerealm domains promote ${domain.id}).`
  forbid('domainFollowsAnother', 'domains', message)
}
