import type { DomainRecords } from '../../directory/domainRecords.ts'
import { compareTexts, mustBeStorable } from '../text.ts'
import type { Place, Turn } from './directory.ts'

/** Ownership and history of domains in memory, with the records of the directory. */
export function memoryDomainRecords(place: Place, turn: Turn): DomainRecords {
  return {
    ownership: async (domain) => place.records.ownerships.get(domain) ?? null,
    ownerships: async () =>
      [...place.records.ownerships.values()].sort((a, b) => compareTexts(a.domain, b.domain)),
    putOwnership: (ownership) =>
      turn(() => {
        mustBeStorable('domain', ownership.domain)
        place.records.ownerships.set(ownership.domain, ownership)
      }),
    deleteDomain: (id) =>
      turn(() => {
        place.records.domains.delete(id)
        place.records.ownerships.delete(id)
      }),
    addChange: (change) =>
      turn(() => {
        const id = place.records.domainChanges.length + 1
        place.records.domainChanges.push({ ...change, id })
        return id
      }),
    change: async (id) => place.records.domainChanges[id - 1] ?? null,
    changes: async () => [...place.records.domainChanges].reverse(),
    markUndone: (id, undoneBy) =>
      turn(() => {
        const change = place.records.domainChanges[id - 1]
        if (change !== undefined) place.records.domainChanges[id - 1] = { ...change, undoneBy }
      }),
  }
}
