import type { AuditRecord, AuditValues } from './audit.ts'
import { certificateThumbprint } from './certificateThumbprint.ts'
import type { DomainChange, DomainState } from './domainRecords.ts'
import type { Federation } from './types.ts'

/**
 * What the audit keeps of a change of domains: the records that it touched, certificates by their thumbprint, and in `after` its number
 * in the history, which has them whole. The target is the first domain; its name tells all of them.
 */
export function domainAudit(
  { id: change, at, who, action, domains, before, after }: DomainChange,
  undoes: number | null,
): Omit<AuditRecord, 'id' | 'door'> {
  return {
    at,
    who,
    action: 'domainsChanged',
    target: { kind: 'domain', id: domains[0] ?? '', name: domains.join(', ') },
    before: valuesOfState(before),
    after: { change, kind: action, ...valuesOfState(after) },
    undoes,
  }
}

/** The kinds of records that are there at all; null for an empty state. */
function valuesOfState({ federations, ...rest }: DomainState): AuditValues | null {
  const kinds = { ...rest, federations: federations.map(withThumbprints) }
  const there = Object.entries(kinds).filter(([, records]) => records.length > 0)
  return there.length === 0 ? null : Object.fromEntries(there)
}

function withThumbprints(federation: Federation): AuditValues {
  const { signingCertificate, nextSigningCertificate: next, ...rest } = federation
  return {
    ...rest,
    signingCertificate: certificateThumbprint(signingCertificate),
    nextSigningCertificate: next === null ? null : certificateThumbprint(next),
  }
}
