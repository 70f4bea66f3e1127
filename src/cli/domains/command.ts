import type { Command } from 'commander'
import { addDomain, domainName, existingDomain } from '../../directory/domains.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { Federation } from '../../directory/types.ts'
import { isoSeconds, spanInWords, systemClock } from '../../lib/clock.ts'
import { readSigningCertificate, validityAt } from '../../saml/certificates.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { addFederateCommand } from './federate.ts'

/** `homerealm domains list|show|add|federate`. */
export function addDomainsCommand(program: Command, surroundings: Surroundings): void {
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
    .argument('<domain>')
    .option('--json', 'print JSON')
    .action((domain: string, options: { readonly json?: boolean }) =>
      withStore(surroundings, true, (store) =>
        show(store, domain, surroundings, options.json === true),
      ),
    )

  domains
    .command('add')
    .description('add a managed domain; you vouch that it is yours')
    .argument('<domain...>')
    .action((names: string[]) =>
      withStore(surroundings, false, async (store) => {
        for (const name of names) {
          const added = await addDomain(store, name)
          surroundings.print(
            `Added ${added.id} (${added.authenticationType.toLowerCase()}). Federate it: homerealm domains federate ${added.id} --metadata FILE`,
          )
        }
      }),
    )

  addFederateCommand(domains, surroundings)
}

/** Runs `work` over the store of the configured database, and closes it whatever comes. */
export async function withStore(
  surroundings: Surroundings,
  readonly: boolean,
  work: (store: DirectoryStore) => Promise<void>,
): Promise<void> {
  const storage = await surroundings.openStorage({ readonly })
  try {
    await work(storage.directory)
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
    row.isVerified ? row.authenticationType : `${row.authenticationType}, not verified`,
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
  if (json) {
    print(JSON.stringify({ ...domain, users, federation }, null, 2))
    return
  }
  const lines = [
    `${domain.id}: ${domain.authenticationType}, ${domain.isVerified ? 'verified' : 'NOT verified'}, ${users} users`,
  ]
  if (federation !== null) {
    const served = (await store.domainsOf(federation.id)).map((each) => each.id)
    lines.push(...federationLines(federation, served))
  }
  print(printable(lines.join('\n')))
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
