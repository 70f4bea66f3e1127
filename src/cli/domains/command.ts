import type { Command } from 'commander'
import type { OwnershipProof } from '../../directory/domainRecords.ts'
import { domainName, existingDomain } from '../../directory/domains.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { Federation } from '../../directory/types.ts'
import { isoSeconds, spanInWords, systemClock } from '../../lib/clock.ts'
import { readSigningCertificate, validityAt } from '../../saml/certificates.ts'
import type { Storage } from '../../storage/storage.ts'
import { jsonText } from '../json.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { addCertificateCommands } from './certificates.ts'
import { addFederateCommand } from './federate.ts'
import { addLeaveCommands } from './leave.ts'
import { addOwnershipCommands, type MakeLookup, proofInWords, recordLines } from './ownership.ts'

/** `homerealm domains list|show|add|verify|federate|manage|remove|promote|default|undo|history|certificates`. */
export function addDomainsCommand(
  program: Command,
  surroundings: Surroundings,
  makeLookup?: MakeLookup,
): void {
  const domains = program.command('domains').description('domains and their federations')

  domains
    .command('list')
    .description('all domains: who signs their people in, and how many there are')
    .option('--json', 'print JSON')
    .action((options: { readonly json?: boolean }) =>
      withStore(surroundings, true, (store) => list(store, surroundings, options.json === true)),
    )

  domains
    .command('show')
    .description('one domain, its federation and its certificates')
    .argument('<domain>', 'its name: customer.com')
    .option('--json', 'print JSON')
    .action((domain: string, options: { readonly json?: boolean }) =>
      withStore(surroundings, true, (store) =>
        show(store, domain, surroundings, options.json === true),
      ),
    )

  addOwnershipCommands(domains, surroundings, makeLookup)
  addFederateCommand(domains, surroundings)
  addLeaveCommands(domains, surroundings)
  addCertificateCommands(domains, surroundings)
}

/** Runs `work` over the directory of the configured database, and closes it whatever comes. */
export function withStore(
  surroundings: Surroundings,
  readonly: boolean,
  work: (store: DirectoryStore) => Promise<void>,
): Promise<void> {
  return withStorage(surroundings, readonly, ({ directory }) => work(directory))
}

/** The same with all that the database keeps. */
export async function withStorage(
  surroundings: Surroundings,
  readonly: boolean,
  work: (storage: Storage) => Promise<void>,
): Promise<void> {
  const storage = await surroundings.openStorage({ readonly })
  try {
    await work(storage)
  } finally {
    await storage.close()
  }
}

async function list(store: DirectoryStore, { print }: Surroundings, json: boolean): Promise<void> {
  const rows = []
  for (const domain of await store.domains()) {
    const federation = domain.federationId ? await store.federation(domain.federationId) : null
    rows.push({
      domain: domain.id,
      authenticationType: domain.authenticationType,
      isVerified: domain.isVerified,
      proof: (await store.domainRecords.ownership(domain.id))?.proof ?? null,
      isDefault: domain.isDefault,
      users: await store.countUsers({ domain: domain.id }),
      issuerUri: federation?.issuerUri ?? null,
    })
  }
  if (json) {
    print(JSON.stringify(rows, null, 2))
    return
  }
  if (rows.length === 0) {
    print('No domain yet. Add one: homerealm domains add customer.com')
    return
  }
  const cells = rows.map((row) => [
    row.domain + (row.isDefault ? ' (default)' : ''),
    row.authenticationType + verificationNote(row),
    String(row.users),
    row.issuerUri ?? '-',
  ])
  print(printable(table(['DOMAIN', 'SIGN-IN', 'USERS', 'ISSUER'], cells)))
}

async function show(
  store: DirectoryStore,
  name: string,
  { print }: Surroundings,
  json: boolean,
): Promise<void> {
  const domain = await existingDomain(store, domainName(name))
  const federation = domain.federationId ? await store.federation(domain.federationId) : null
  const users = await store.countUsers({ domain: domain.id })
  const ownership = await store.domainRecords.ownership(domain.id)
  if (json) {
    print(jsonText({ ...domain, users, ownership, federation }))
    return
  }
  const lines = [
    `${domain.id}: ${domain.authenticationType}, ${domain.isVerified ? 'verified' : 'NOT verified'}, ${users} users`,
  ]
  if (ownership !== null && domain.isVerified) {
    lines.push(`  ${'verified'.padEnd(23)} ${proofInWords(ownership)}`)
  } else if (ownership !== null) {
    lines.push('  the TXT record that would prove it:', ...recordLines(domain.id, ownership.code))
  }
  if (federation !== null) {
    const served = (await store.domainsOf(federation.id)).map((each) => each.id)
    lines.push(...federationLines(federation, served))
  }
  print(printable(lines.join('\n')))
}

function verificationNote(row: {
  readonly isVerified: boolean
  readonly proof: OwnershipProof | null
}): string {
  if (!row.isVerified) return ', NOT VERIFIED'
  return row.proof === 'trusted' ? ', not proven' : ''
}

/** A federation as a person reads it, certificates with what is left of their validity. */
export function federationLines(
  federation: Federation,
  served: readonly string[],
): readonly string[] {
  const rows: [string, string][] = [
    ['federation', `${federation.displayName}${federation.isEnabled ? '' : ' (DISABLED)'}`],
    ['domains', served.join(', ')],
    ['issuerUri', federation.issuerUri],
    ['passiveSignInUri', `${federation.passiveSignInUri} (by ${federation.requestBinding})`],
    ['signingCertificate', certificateLine(federation.signingCertificate)],
    [
      'nextSigningCertificate',
      federation.nextSigningCertificate
        ? certificateLine(federation.nextSigningCertificate)
        : 'none',
    ],
    ['signed requests', federation.isSignedAuthenticationRequestRequired ? 'required' : 'no'],
    ['MFA', federation.federatedIdpMfaBehavior],
    ['groups attribute', federation.groupsAttribute ?? 'the usual names'],
    ['unsolicited responses', federation.allowUnsolicited ? 'ALLOWED' : 'refused'],
    ['SHA-1 signatures', federation.allowSha1Signatures ? 'ALLOWED' : 'refused'],
    [
      'expired certificates',
      federation.expiredCertificates === 'warn' ? 'ACCEPTED, with a warning' : 'refused',
    ],
  ]
  return rows.map(([label, value]) => `  ${label.padEnd(23)} ${value}`)
}

function certificateLine(base64: string): string {
  const certificate = readSigningCertificate(base64)
  const now = systemClock()
  const validity = validityAt(certificate, now)
  const left =
    validity === 'valid'
      ? `${spanInWords(certificate.notAfter - now)} left`
      : validity === 'expired'
        ? 'EXPIRED'
        : 'NOT YET VALID'
  return `until ${isoSeconds(certificate.notAfter)}, ${left}, ${certificate.subject.replaceAll('\n', ', ')}, SHA-256 ${certificate.thumbprint}`
}
