import type { Command } from 'commander'
import { type CertificateValidity, certificateValidity } from '../../admin/domains/certificates.ts'
import type { Domain, Federation } from '../../directory/types.ts'
import { isoSeconds, systemClock } from '../../lib/clock.ts'
import { isSigningKey } from '../../oidc/keys.ts'
import type { Storage } from '../../storage/storage.ts'
import { blastRadius } from '../domains/blastRadius.ts'
import { withStorage } from '../domains/command.ts'
import { printable } from '../printable.ts'
import { openToOthers } from '../server/dataFolder.ts'
import { databaseName, type Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { problemsOf } from './problems.ts'

/** `homerealm status`: everything on one screen, and status 1 when something needs attention. */
export function addStatusCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('status')
    .description('database, tenant, domains, certificates, keys, and what needs attention')
    .option('--json', 'print JSON')
    .action((options: { readonly json?: boolean }) =>
      withStorage(surroundings, true, async (storage) => {
        const status = await statusOf(storage, surroundings)
        surroundings.print(
          options.json ? JSON.stringify(status, null, 2) : printable(statusText(status)),
        )
        if (status.problems.some(({ level }) => level === 'attention')) surroundings.exit(1)
      }),
    )
}

type Status = Awaited<ReturnType<typeof statusOf>>

async function statusOf(storage: Storage, surroundings: Surroundings) {
  const { directory } = storage
  const now = systemClock()
  const config = surroundings.config()
  const [domains, federations] = [await directory.domains(), await directory.federations()]
  const nothing = { domains: [], federations: [], ownerships: [] }
  const radius = await blastRadius(storage, { before: nothing, after: nothing }, now)
  const federated = domains.filter(({ federationId }) => federationId !== null)
  const keys = await storage.keys.keys()
  return {
    at: isoSeconds(now),
    database: `${config.dataFolder}/${databaseName}`,
    tenant: await directory.tenant(),
    users: await directory.countUsers(),
    domains: await Promise.all(
      domains.map(async (domain) => ({
        ...domain,
        federation: nameOf(domain, federations),
        users: await directory.countUsers({ domain: domain.id }),
      })),
    ),
    certificates: federations.flatMap((federation) => certificatesOf(federation, now)),
    keys: keys
      .filter(isSigningKey)
      .filter(({ retiresAt }) => retiresAt === null || retiresAt > now)
      .map(({ kid, alg, signsFrom, retiresAt }) => ({
        kid,
        alg,
        signsFrom: isoSeconds(signsFrom),
        retiresAt: retiresAt === null ? null : isoSeconds(retiresAt),
      })),
    breakGlass: radius.breakGlassLeft,
    problems: problemsOf({
      domains,
      federations,
      breakGlassReady: radius.breakGlassLeft.length,
      withoutImmutableId: await withoutImmutableId(storage, federated),
      hasRequestSigningKey: config.signingKey !== null,
      apps: await storage.apps.apps(),
      openToOthers: openToOthers(config.dataFolder),
      now,
    }),
  }
}

async function withoutImmutableId(
  { directory }: Storage,
  federated: readonly Domain[],
): Promise<number> {
  let count = 0
  for (const { id } of federated) {
    count += await directory.countUsers({ domain: id, withoutImmutableId: true })
  }
  return count
}

function nameOf({ federationId }: Domain, federations: readonly Federation[]): string | null {
  return federations.find(({ id }) => id === federationId)?.displayName ?? null
}

function certificatesOf(federation: Federation, now: number) {
  const slots = ['signingCertificate', 'nextSigningCertificate'] as const
  return slots.flatMap((slot) => {
    const base64 = federation[slot]
    if (base64 === null) return []
    const { notAfter, ...validity }: CertificateValidity = certificateValidity(base64, now)
    const { state, daysLeft } = validity
    return [
      { federation: federation.displayName, slot, notAfter: isoSeconds(notAfter), state, daysLeft },
    ]
  })
}

function statusText(status: Status): string {
  const { tenant, problems } = status
  const keys = status.keys.map(({ kid, alg, signsFrom }) => [kid, alg, signsFrom])
  const sections = [
    `database  ${status.database}`,
    `tenant    ${tenant.displayName} (${tenant.id}), ${status.users} users`,
    `break-glass accounts that can sign in: ${status.breakGlass.join(', ') || 'none'}`,
    section(
      'No domain yet.',
      ['DOMAIN', 'SIGN-IN', 'USERS', 'FEDERATION'],
      status.domains.map((each) => [
        each.id + (each.isDefault ? ' (default)' : ''),
        each.isVerified ? each.authenticationType : 'NOT VERIFIED',
        String(each.users),
        each.federation ?? '-',
      ]),
    ),
    section(
      'No certificate: nothing is federated.',
      ['CERTIFICATE OF', 'SLOT', 'UNTIL', 'DAYS LEFT'],
      status.certificates.map((each) => [
        each.federation,
        each.slot,
        each.notAfter,
        each.state === 'valid' ? String(each.daysLeft) : each.state.toUpperCase(),
      ]),
    ),
    section(
      'No key for tokens yet: the server makes it at its first start.',
      ['KEY', 'ALG', 'SIGNS FROM'],
      keys,
    ),
    problems.length === 0
      ? 'Nothing needs attention.'
      : problems
          .map(
            ({ level, message }) =>
              `${level === 'attention' ? 'ATTENTION' : 'notice   '}  ${message}`,
          )
          .join('\n'),
  ]
  return sections.join('\n\n').replace('\n\n', '\n').replace('\n\n', '\n')
}

function section(
  empty: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return rows.length === 0 ? empty : table(header, rows)
}
