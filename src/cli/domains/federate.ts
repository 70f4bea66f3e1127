import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { type FederateInput, federate } from '../../directory/federations.ts'
import { newGuid, systemRandom } from '../../lib/ids.ts'
import { readSigningCertificate } from '../../saml/certificates.ts'
import { type IdpMetadata, readIdpMetadata } from '../../saml/metadata/idpMetadata.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { UsageError } from '../usageError.ts'
import { federationLines, withStore } from './command.ts'

interface FederateOptions {
  readonly metadata?: string
  readonly issuer?: string
  readonly signInUrl?: string
  readonly signOutUrl?: string
  readonly certificate?: string
  readonly nextCertificate?: string
  readonly name?: string
  readonly binding?: 'post' | 'redirect'
  readonly signRequests?: boolean
  readonly mfa?: FederateInput['federatedIdpMfaBehavior']
  readonly allowUnsolicited?: boolean
  readonly allowSha1Signatures?: boolean
  readonly replace?: boolean
}

/** `homerealm domains federate DOMAIN... (--metadata FILE | --issuer URI --sign-in-url URL --certificate FILE)` */
export function addFederateCommand(domains: Command, surroundings: Surroundings): void {
  domains
    .command('federate')
    .description('let an identity provider sign in the people of one or more domains')
    .argument('<domain...>')
    .option('--metadata <file>', 'the IdP metadata XML, as Okta offers it for download')
    .option('--issuer <uri>', 'the IdP’s Issuer, in place of metadata')
    .option('--sign-in-url <url>', 'where AuthnRequests go, in place of metadata')
    .option('--certificate <file>', 'its signing certificate: PEM, DER (.cer) or base64')
    .option('--next-certificate <file>', 'a second one that is accepted too, for a rollover')
    .option('--sign-out-url <url>', 'where sign-outs go')
    .option('--name <text>', 'what the federation is called here')
    .addOption(
      new Option('--binding <binding>', 'how AuthnRequests go').choices(['post', 'redirect']),
    )
    .option('--sign-requests', 'sign AuthnRequests (needs HOMEREALM_SIGNING_KEY)')
    .option('--no-sign-requests', 'do not sign them')
    .addOption(
      new Option('--mfa <behavior>', 'federatedIdpMfaBehavior').choices([
        'acceptIfMfaDoneByFederatedIdp',
        'enforceMfaByFederatedIdp',
        'rejectMfaByFederatedIdp',
      ]),
    )
    .option('--allow-unsolicited', 'DANGER: accept responses that nobody asked for')
    .option('--no-allow-unsolicited', 'refuse them (the default)')
    .option('--allow-sha1-signatures', 'DANGER: accept SHA-1 signatures')
    .option('--no-allow-sha1-signatures', 'refuse them (the default)')
    .option('--replace', 'take the domains away from the federation that serves them now')
    .action((names: string[], _options: unknown, command: Command) => {
      // Of `--x` and `--no-x`, commander presets x to true: only what stands on the command line counts here.
      const given = Object.fromEntries(
        Object.entries(command.opts()).filter(
          ([name]) => command.getOptionValueSource(name) === 'cli',
        ),
      ) as FederateOptions
      return withStore(surroundings, false, async (store) => {
        const change = await federate(store, inputFrom(names, given), () => newGuid(systemRandom))
        const { print } = surroundings
        print(
          change.before === null
            ? `Federated ${change.domains.join(', ')}:`
            : `Changed the federation of ${change.domains.join(', ')}:`,
        )
        print(printable(federationLines(change.after, change.domains).join('\n')))
        for (const { property, old, new: now } of change.before === null ? [] : change.changes) {
          print(printable(`  changed ${property}: ${short(old)} -> ${short(now)}`))
        }
        for (const removed of change.removed) {
          print(
            printable(
              `  removed the federation ${removed.displayName}, which served no other domain`,
            ),
          )
        }
        if (
          change.before !== null &&
          change.changes.length === 0 &&
          change.addedDomains.length === 0
        ) {
          print('  nothing changed')
        }
      })
    })
}

function inputFrom(domains: readonly string[], given: FederateOptions): FederateInput {
  const metadata = given.metadata === undefined ? null : metadataFrom(given.metadata)
  const issuerUri = given.issuer ?? metadata?.issuerUri
  const passiveSignInUri = given.signInUrl ?? metadata?.passiveSignInUri
  const [first, second] = metadata?.signingCertificates ?? []
  const signingCertificate = given.certificate ? certificateFrom(given.certificate) : first?.base64
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
  const requestBinding = given.binding ?? metadata?.requestBinding
  return {
    domains,
    issuerUri,
    passiveSignInUri,
    signingCertificate,
    ...(next !== undefined && { nextSigningCertificate: next }),
    ...(signOutUri && { signOutUri }),
    ...(given.name !== undefined && { displayName: given.name }),
    ...(requestBinding !== undefined && { requestBinding }),
    ...(given.signRequests !== undefined && {
      isSignedAuthenticationRequestRequired: given.signRequests,
    }),
    ...(given.signRequests === undefined &&
      metadata?.wantAuthnRequestsSigned && { isSignedAuthenticationRequestRequired: true }),
    ...(given.mfa !== undefined && { federatedIdpMfaBehavior: given.mfa }),
    ...(given.allowUnsolicited !== undefined && { allowUnsolicited: given.allowUnsolicited }),
    ...(given.allowSha1Signatures !== undefined && {
      allowSha1Signatures: given.allowSha1Signatures,
    }),
    ...(given.replace !== undefined && { replace: given.replace }),
  }
}

function metadataFrom(file: string): IdpMetadata {
  return readIdpMetadata(fileBytes(file).toString('utf8'))
}

function certificateFrom(file: string): string {
  return readSigningCertificate(fileBytes(file)).base64
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

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 24)}...${text.slice(-12)}` : text
}
