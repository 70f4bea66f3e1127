import type { Command } from 'commander'
import {
  type CertificateReport,
  type CertificateUse,
  certificateReport,
  percent,
} from '../../admin/domains/certificates.ts'
import { metadataFetch } from '../../admin/domains/metadataFetch.ts'
import { refreshFromMetadata } from '../../admin/domains/metadataRefresh.ts'
import { federationOfDomain, rotateCertificate } from '../../directory/certificateRollover.ts'
import type { Federation } from '../../directory/types.ts'
import { isoSeconds, systemClock } from '../../lib/clock.ts'
import { dayOf } from '../../signin/ports.ts'
import type { Storage } from '../../storage/storage.ts'
import { actor } from '../actor.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { carryOut } from './carryOut.ts'
import { withStorage } from './command.ts'
import { federationWarnings } from './federate.ts'
import { undoHint } from './leave.ts'

/** `homerealm domains certificates DOMAIN` and `certificates rotate DOMAIN`. */
export function addCertificateCommands(domains: Command, surroundings: Surroundings): void {
  const { print } = surroundings

  const certificates = domains
    .command('certificates')
    .description('the certificates of a domain’s federation, and which of them Okta signs with')
    .argument('<domain>', 'its name: customer.com')
    .option('--json', 'print JSON')
    .action((name: string, options: { readonly json?: boolean }) =>
      withStorage(surroundings, true, async (storage) => {
        const federation = await federationOfDomain(storage.directory, name)
        const report = await reportOn(storage, federation)
        if (options.json) return print(JSON.stringify(asJson(federation, report), null, 2))
        print(printable(reportText(federation, report)))
      }),
    )

  certificates
    .command('rotate')
    .description('make the next certificate the one in use; the old one verifies nothing more')
    .argument('<domain>', 'its name: customer.com')
    .option('--yes', 'do it without a question; needed where nobody can be asked')
    .action((name: string, options: { readonly yes?: boolean }) =>
      withStorage(surroundings, false, async (storage) => {
        const federation = await federationOfDomain(storage.directory, name)
        const report = await reportOn(storage, federation)
        const { result, change } = await carryOut(storage, surroundings, {
          action: 'rotate',
          title: `Rotate the certificate of ${federation.displayName}`,
          work: (tx) => rotateCertificate(tx, name),
          warnings: ({ after }) => [
            ...(report.verdict === 'safeToRetire' ? [] : [`WARNING: ${report.message}`]),
            ...federationWarnings(after, surroundings),
          ],
          isConfirmed: options.yes === true,
        })
        print(
          printable(
            `Rotated the certificate of ${result.after.displayName}.${undoHint(change?.id)}`,
          ),
        )
      }),
    )

  domains
    .command('refresh')
    .description(
      'look at the metadata of a domain’s federation again, as the server does by itself',
    )
    .argument('<domain>', 'its name: customer.com')
    .action((name: string) =>
      withStorage(surroundings, false, async ({ directory }) => {
        const federation = await federationOfDomain(directory, name)
        const { kind, message } = await refreshFromMetadata(
          directory,
          federation,
          metadataFetch(),
          actor(),
        )
        print(printable(message))
        if (kind !== 'unchanged' && kind !== 'certificateAdded') surroundings.exit(1)
      }),
    )
}

async function reportOn(storage: Storage, federation: Federation): Promise<CertificateReport> {
  const now = systemClock()
  const counted = await storage.signinCounts.signinsSince(dayOf(now) - 90)
  return certificateReport(federation, counted, now)
}

function asJson(federation: Federation, { certificates, verdict, message }: CertificateReport) {
  const time = (at: number | null) => (at === null ? null : isoSeconds(at))
  return {
    federation: federation.displayName,
    issuerUri: federation.issuerUri,
    verdict,
    message,
    certificates: certificates.map(({ validity, lastSigninAt, ...each }) => ({
      ...each,
      lastSigninAt: time(lastSigninAt),
      validity: validity && {
        ...validity,
        notBefore: time(validity.notBefore),
        notAfter: time(validity.notAfter),
      },
    })),
  }
}

function reportText(federation: Federation, report: CertificateReport): string {
  const header = ['SLOT', 'SHA-256', 'VALID', 'DAYS LEFT', 'SIGN-INS (7 DAYS)', 'LAST']
  const cells = report.certificates.map((each) => [
    each.slot,
    each.thumbprint,
    ...validityCells(each),
    each.share === null ? String(each.signins) : `${each.signins} (${percent(each.share)})`,
    each.lastSigninAt === null ? '-' : isoSeconds(each.lastSigninAt),
  ])
  return [
    `${federation.displayName} (${federation.issuerUri})`,
    table(header, cells),
    report.message,
  ].join('\n')
}

function validityCells({ validity }: CertificateUse): readonly [string, string] {
  if (validity === null) return ['verifies nothing', '-']
  const [from, to] = [validity.notBefore, validity.notAfter].map((at) =>
    isoSeconds(at).slice(0, 10),
  )
  const left = {
    valid: String(validity.daysLeft),
    expired: 'EXPIRED',
    notYetValid: 'NOT YET VALID',
  }
  return [`${from} to ${to}`, left[validity.state]]
}
