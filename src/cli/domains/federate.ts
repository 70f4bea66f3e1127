import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { metadataFetch } from '../../admin/domains/metadataFetch.ts'
import { domainName, existingDomain } from '../../directory/domains.ts'
import {
  type FederateInput,
  type FederationSettings,
  federateWithin,
} from '../../directory/federations.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { Federation } from '../../directory/types.ts'
import { systemClock } from '../../lib/clock.ts'
import { newGuid, systemRandom } from '../../lib/ids.ts'
import { CertificateError, readSigningCertificate, validityAt } from '../../saml/certificates.ts'
import {
  type IdpMetadata,
  MetadataError,
  readIdpMetadata,
} from '../../saml/metadata/idpMetadata.ts'
import { printable } from '../printable.ts'
import { publicTestThumbprints } from '../publicTestKeys.ts'
import type { Surroundings } from '../surroundings.ts'
import { UsageError } from '../usageError.ts'
import { carryOut } from './carryOut.ts'
import { federationLines, withStorage } from './command.ts'
import { removedLines, undoHint } from './leave.ts'
import { addSettingOptions, settingsFrom } from './settings.ts'

interface FederateOptions {
  readonly metadata?: string
  readonly issuer?: string
  readonly signInUrl?: string
  readonly signOutUrl?: string
  readonly certificate?: string
  readonly nextCertificate?: string
  readonly name?: string
  readonly replace?: boolean
  readonly yes?: boolean
}

/** `homerealm domains federate DOMAIN... (--metadata FILE | --issuer URI --sign-in-url URL --certificate FILE)` */
export function addFederateCommand(domains: Command, surroundings: Surroundings): void {
  const command = domains
    .command('federate')
    .description(
      'let an identity provider sign in the people of one or more domains, or change its settings',
    )
    .argument('<domain...>', 'their names: customer.com')
    .option(
      '--metadata <file-or-url>',
      'the IdP metadata XML, as Okta offers it: a file, or its https URL',
    )
    .option('--issuer <uri>', 'the IdP’s Issuer, in place of metadata')
    .option('--sign-in-url <url>', 'where AuthnRequests go, in place of metadata')
    .option('--certificate <file>', 'its signing certificate: PEM, DER (.cer) or base64')
    .option('--next-certificate <file>', 'a second one that is accepted too, for a rollover')
    .option('--sign-out-url <url>', 'where sign-outs go')
    .option('--name <text>', 'what the federation is called here')
    .option('--replace', 'take the domains away from the federation that serves them now')
    .option('--yes', 'do it without a question; needed where nobody can be asked')
  addSettingOptions(command).action((names: string[], given: FederateOptions, called: Command) =>
    withStorage(surroundings, false, async (storage) => {
      const { print } = surroundings
      const present = await presentFederation(storage.directory, names)
      const source = await sourceFrom(given.metadata ?? null)
      const input = inputFrom(names, { ...given, ...source }, settingsFrom(called), present)
      const { domains: _, replace: __, ...expected } = input
      const { result, change } = await carryOut(storage, surroundings, {
        action: 'federate',
        title: `Federate ${names.join(', ')}`,
        work: (tx) => federateWithin(tx, input, () => newGuid(systemRandom)),
        expected,
        warnings: ({ after }) => federationWarnings(after, surroundings),
        isConfirmed: given.yes === true,
      })
      const served = result.domains.join(', ')
      print(
        result.before === null ? `Federated ${served}:` : `Changed the federation of ${served}:`,
      )
      print(printable(federationLines(result.after, result.domains).join('\n')))
      for (const line of removedLines(result)) print(printable(line))
      print(change === null ? '  nothing changed' : undoHint(change.id).trim())
    }),
  )
}

/** The federation that serves the first of the domains now: what is not said on the command line stays as it has it. */
async function presentFederation(
  store: DirectoryStore,
  names: readonly string[],
): Promise<Federation | null> {
  const domain = await existingDomain(store, domainName(names[0] ?? ''))
  return domain.federationId === null ? null : store.federation(domain.federationId)
}

function inputFrom(
  domains: readonly string[],
  given: Omit<FederateOptions, 'metadata'> & MetadataSource,
  settings: FederationSettings,
  present: Federation | null,
): FederateInput {
  const { metadata, metadataExchangeUri } = given
  const issuerUri = given.issuer ?? metadata?.issuerUri ?? present?.issuerUri
  // Another Issuer is another identity provider: nothing of the present one goes over to it unsaid.
  const kept = present?.issuerUri === issuerUri ? present : null
  const passiveSignInUri = given.signInUrl ?? metadata?.passiveSignInUri ?? kept?.passiveSignInUri
  const [first, second] = metadata?.signingCertificates ?? []
  const signingCertificate = given.certificate
    ? certificateFrom(given.certificate)
    : (first?.base64 ?? kept?.signingCertificate)
  const next = given.nextCertificate ? certificateFrom(given.nextCertificate) : second?.base64
  const missing = [
    issuerUri === undefined && '--issuer URI',
    passiveSignInUri === undefined && '--sign-in-url URL',
    signingCertificate === undefined && '--certificate FILE',
  ].filter((each) => each !== false)
  if (!issuerUri || !passiveSignInUri || !signingCertificate) {
    throw new UsageError(
      `Missing: ${missing.join(', ')}. Give them, or all at once with --metadata FILE (in Okta: the app, Sign On, Metadata URL).`,
    )
  }
  const signOutUri = given.signOutUrl ?? metadata?.signOutUri
  return {
    domains,
    issuerUri,
    passiveSignInUri,
    signingCertificate,
    ...(next !== undefined && { nextSigningCertificate: next }),
    ...(signOutUri && { signOutUri }),
    ...(given.name !== undefined && { displayName: given.name }),
    ...(metadataExchangeUri !== null && { metadataExchangeUri }),
    ...(metadata && { requestBinding: metadata.requestBinding }),
    ...(metadata?.wantAuthnRequestsSigned && { isSignedAuthenticationRequestRequired: true }),
    ...settings,
    ...(given.replace !== undefined && { replace: given.replace }),
  }
}

/** The metadata, and where it is to be looked at again; null when a file was given, or nothing. */
interface MetadataSource {
  readonly metadata: IdpMetadata | null
  readonly metadataExchangeUri: string | null
}

async function sourceFrom(fileOrUrl: string | null): Promise<MetadataSource> {
  if (fileOrUrl === null) return { metadata: null, metadataExchangeUri: null }
  const isUrl = /^https?:/i.test(fileOrUrl)
  const xml = isUrl ? await metadataFetch()(fileOrUrl) : fileBytes(fileOrUrl).toString('utf8')
  const metadata = naming(fileOrUrl, () => readIdpMetadata(xml))
  return { metadata, metadataExchangeUri: isUrl ? fileOrUrl : null }
}

function certificateFrom(file: string): string {
  return naming(file, () => readSigningCertificate(fileBytes(file)).base64)
}

/** What a reader says is wrong with the content, with the file's name before it. */
function naming<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CertificateError || error instanceof MetadataError)) throw error
    throw new UsageError(`${file}: ${error.message}`)
  }
}

function fileBytes(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new UsageError(
      `${file}: cannot be read: ${code === 'ENOENT' ? 'there is no such file' : message}.`,
    )
  }
}

/** What would lock the domain's people out, or let others in; told loudly, since the command did what it was asked. */
export function federationWarnings(after: Federation, { config }: Surroundings): readonly string[] {
  const warnings: string[] = []
  const slots = [after.signingCertificate, after.nextSigningCertificate].filter((c) => c !== null)
  const certificates = slots.map((base64) => readSigningCertificate(base64))
  const now = systemClock()
  if (certificates.every((certificate) => validityAt(certificate, now) !== 'valid')) {
    warnings.push('WARNING: NOBODY CAN SIGN IN: no signing certificate is inside its validity.')
  }
  for (const { thumbprint } of certificates) {
    if (publicTestThumbprints().has(thumbprint)) {
      warnings.push(
        `DANGER: ANYBODY CAN SIGN IN AS ANYBODY: the private key of the certificate ${thumbprint.slice(0, 16)}... is public (certs/README.md).`,
      )
    }
  }
  if (after.isSignedAuthenticationRequestRequired && config().signingKey === null) {
    warnings.push(
      'WARNING: AuthnRequests are to be signed and HOMEREALM_SIGNING_KEY is not set here: no sign-in can start without it.',
    )
  }
  return warnings
}
