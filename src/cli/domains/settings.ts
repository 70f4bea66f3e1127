import { type Command, Option } from 'commander'
import type { FederationSettings } from '../../directory/federations.ts'

type Switch = {
  [K in keyof FederationSettings]-?: FederationSettings[K] extends boolean | undefined ? K : never
}[keyof FederationSettings]

/** The switches of a federation as options: `--NAME` sets one, `--no-NAME` takes it back. The loud ones weaken it. */
const switches: readonly (readonly [option: string, property: Switch, what: string])[] = [
  [
    'sign-requests',
    'isSignedAuthenticationRequestRequired',
    'sign AuthnRequests (needs HOMEREALM_SIGNING_KEY)',
  ],
  [
    'require-signed-response',
    'requireSignedResponse',
    'the Response itself must be signed, not the assertion alone',
  ],
  [
    'require-encrypted-assertion',
    'requireEncryptedAssertion',
    'refuse assertions that are not encrypted',
  ],
  [
    'require-idp-email',
    'requireIdpEmailMatch',
    'the attribute IDPEmail must be the userPrincipalName',
  ],
  ['allow-unsolicited', 'allowUnsolicited', 'DANGER: accept responses that nobody asked for'],
  ['allow-sha1-signatures', 'allowSha1Signatures', 'DANGER: accept SHA-1 in signatures'],
  ['allow-cbc-encryption', 'allowCbcEncryption', 'DANGER: accept AES-CBC, inside signed Responses'],
  [
    'allow-inclusive-canonicalization',
    'allowInclusiveCanonicalization',
    'accept inclusive C14N beside exclusive',
  ],
  ['enabled', 'isEnabled', 'the federation signs people in; --no-enabled stops it at once'],
]

const choices = [
  new Option('--binding <binding>', 'how AuthnRequests go').choices(['post', 'redirect']),
  new Option('--mfa <behavior>', 'federatedIdpMfaBehavior').choices([
    'acceptIfMfaDoneByFederatedIdp',
    'enforceMfaByFederatedIdp',
    'rejectMfaByFederatedIdp',
  ]),
  new Option(
    '--expired-certificates <policy>',
    'what to do with a signing certificate outside its validity',
  ).choices(['refuse', 'warn']),
]

/** Adds the options for the settings of a federation. */
export function addSettingOptions(command: Command): Command {
  for (const choice of choices) command.addOption(choice)
  for (const [option, , what] of switches) {
    command.option(`--${option}`, what)
    command.addOption(new Option(`--no-${option}`).hideHelp())
  }
  return command
    .option(
      '--groups-attribute <name>',
      'the attribute with a person’s groups; none for the usual names (groups)',
    )
    .option('--name-id-format <uri...>', 'the NameID formats that are accepted')
    .addHelpText(
      'after',
      '\nEvery switch without value has its opposite: --no-sign-requests, for example.',
    )
}

/** The settings that stand on the command line, and no others: what is not said stays as it is. */
export function settingsFrom(command: Command): FederationSettings {
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli'
  const values = command.opts()
  const settings: Record<string, unknown> = {}
  for (const [option, property] of switches) {
    const name = option.replace(/-(.)/g, (_all, letter: string) => letter.toUpperCase())
    if (isGiven(name)) settings[property] = values[name]
  }
  for (const [name, property] of [
    ['binding', 'requestBinding'],
    ['mfa', 'federatedIdpMfaBehavior'],
    ['expiredCertificates', 'expiredCertificates'],
    ['nameIdFormat', 'nameIdFormats'],
  ] as const) {
    if (isGiven(name)) settings[property] = values[name]
  }
  if (isGiven('groupsAttribute')) {
    const { groupsAttribute: name } = values
    settings.groupsAttribute = name === 'none' ? null : name
  }
  return settings as FederationSettings
}
