import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { type AppSettings, keyOfPem } from '../../oidc/apps.ts'
import { readPermissions } from '../../oidc/permissions.ts'
import type { AppStore } from '../../oidc/ports.ts'
import type { App, AppApi, RedirectUri, ScimSettings } from '../../oidc/types.ts'
import { immutableIdPlaces, optionalClaims, signingAlgs } from '../../oidc/types.ts'
import { UsageError } from '../usageError.ts'

/** The settings of an app as commander reads them; what was not given is undefined. */
export interface AppOptions {
  readonly redirectUri?: readonly string[]
  readonly spa?: readonly string[]
  readonly native?: readonly string[]
  readonly public?: boolean
  readonly deviceCode?: boolean
  readonly allowHybrid?: boolean
  readonly assignmentRequired?: boolean
  readonly requireMfa?: boolean
  readonly enabled?: boolean
  readonly frontChannelLogout?: string
  readonly backChannelLogout?: string
  readonly signingAlg?: App['idTokenSigningAlg']
  readonly accessTokenMinutes?: string
  readonly refreshTokenDays?: string
  readonly groups?: App['groupsClaim']
  readonly groupsPrefix?: string
  readonly claims?: readonly string[]
  readonly certificate?: readonly string[]
  readonly identifierUri?: string
  readonly scope?: readonly string[]
  readonly role?: readonly string[]
  readonly grant?: readonly string[]
  readonly scimImmutableId?: ScimSettings['immutableIdFrom'] | typeof NONE
}

/** Takes a setting back, where a text sets it. */
const NONE = 'none'

const HELP = `
Lists replace the list that was there; --redirect-uri, --spa and --native are one list, of redirect URIs.
The directory API of this server is https://graph.microsoft.com: --grant https://graph.microsoft.com/User.Read.All.
Taken back are switches by --no-device-code, --no-allow-hybrid, --no-assignment-required, --no-require-mfa.`

/** Adds the options for the settings of an app. Lists replace the list that was there. */
export function addAppOptions(command: Command): Command {
  return command
    .option('--redirect-uri <uri...>', 'where a server-side app is answered (web, confidential)')
    .option('--spa <uri...>', 'where an app in the browser is answered (public, PKCE, CORS)')
    .option(
      '--native <uri...>',
      'where an app on a device is answered (public; loopback ports are free)',
    )
    .option('--public', 'the app keeps no secret, though it has no such address')
    .option('--device-code', 'the app may use the device flow')
    .addOption(new Option('--no-device-code').hideHelp())
    .option('--allow-hybrid', 'ID tokens from the authorization endpoint, by form_post')
    .addOption(new Option('--no-allow-hybrid').hideHelp())
    .option('--assignment-required', 'only who is assigned may use it (homerealm apps assign)')
    .addOption(new Option('--no-assignment-required').hideHelp())
    .option('--require-mfa', 'only with a second factor, of the identity provider or here')
    .addOption(new Option('--no-require-mfa').hideHelp())
    .option('--enabled', 'the app may be used; --no-enabled stops it at once')
    .addOption(new Option('--no-enabled').hideHelp())
    .option('--front-channel-logout <uri>', 'loaded in a frame at sign-out; none takes it back')
    .option(
      '--back-channel-logout <uri>',
      'called with a logout token at sign-out; none takes it back',
    )
    .addOption(new Option('--signing-alg <alg>', 'signs its ID tokens').choices(signingAlgs))
    .option('--access-token-minutes <minutes>', 'lifetime of its access tokens, 5 to 1440')
    .option('--refresh-token-days <days>', 'lifetime of an unused refresh token, 1 to 365')
    .addOption(new Option('--groups <which>', 'the groups claim').choices(['none', 'all']))
    .option('--groups-prefix <prefix>', 'only groups that begin so; none takes it back')
    .addOption(
      new Option('--claims <claims...>', 'more claims in ID tokens; none takes all back').choices([
        ...optionalClaims,
        NONE,
      ]),
    )
    .option(
      '--certificate <file...>',
      'PEM certificates that the app proves itself with (private_key_jwt)',
    )
    .option('--identifier-uri <uri>', 'makes the app an API: api://orders; none takes it back')
    .option('--scope <value...>', 'what the API offers to apps for a person: Orders.Read')
    .option('--role <value...>', 'what the API offers to apps in their own name: Orders.Read.All')
    .option(
      '--grant <api/value...>',
      'scopes and roles of APIs that the app may use: api://orders/Orders.Read; none takes all back',
    )
    .addOption(
      new Option(
        '--scim-immutable-id <where>',
        'makes the app a SCIM client, and says where it writes the ImmutableId; none takes it back',
      ).choices([...immutableIdPlaces, NONE]),
    )
    .addHelpText('after', HELP)
}

/** What the options change of an app; `before` is null for a new one. Throws UsageError or AppError. */
export async function settingsFrom(
  options: AppOptions,
  before: App | null,
  apps: Pick<AppStore, 'appByIdentifierUri'>,
): Promise<Partial<AppSettings>> {
  const addresses = redirectUrisFrom(options)
  const redirectUris = addresses ?? before?.redirectUris ?? []
  const isPersonal = redirectUris.some(({ platform }) => platform !== 'web')
  const isPublic =
    options.public ?? (addresses === null ? before?.isPublic : undefined) ?? isPersonal
  const keys = await Promise.all((options.certificate ?? []).map((file) => keyOfPem(read(file))))
  return withoutUndefined({
    isPublic: isPublic || isPersonal,
    redirectUris: addresses ?? undefined,
    allowDeviceCode: options.deviceCode,
    allowHybrid: options.allowHybrid,
    assignmentRequired: options.assignmentRequired,
    requireMfa: options.requireMfa,
    isEnabled: options.enabled,
    frontChannelLogoutUri: textOrNone(options.frontChannelLogout),
    backChannelLogoutUri: textOrNone(options.backChannelLogout),
    idTokenSigningAlg: options.signingAlg,
    accessTokenSeconds: product(options.accessTokenMinutes, 60, '--access-token-minutes'),
    refreshTokenSeconds: product(options.refreshTokenDays, 86_400, '--refresh-token-days'),
    groupsClaim: options.groups,
    groupsPrefix: textOrNone(options.groupsPrefix),
    optionalClaims: claimsFrom(options),
    keys: options.certificate === undefined ? undefined : keys,
    scim: scimFrom(options),
    api: apiFrom(options, before?.api ?? null),
    ...(await grantsFrom(options, apps)),
  })
}

function redirectUrisFrom({ redirectUri, spa, native }: AppOptions): readonly RedirectUri[] | null {
  if (redirectUri === undefined && spa === undefined && native === undefined) return null
  return [
    ...(redirectUri ?? []).map((uri) => ({ uri, platform: 'web' }) as const),
    ...(spa ?? []).map((uri) => ({ uri, platform: 'spa' }) as const),
    ...(native ?? []).map((uri) => ({ uri, platform: 'native' }) as const),
  ]
}

function apiFrom(
  { identifierUri, scope, role }: AppOptions,
  before: AppApi | null,
): AppApi | null | undefined {
  if (identifierUri === NONE) return null
  if (identifierUri === undefined && scope === undefined && role === undefined) return undefined
  const identifier = identifierUri ?? before?.identifierUri
  if (identifier === undefined) {
    throw new UsageError('--scope and --role belong to an API: give its --identifier-uri as well.')
  }
  const described = (value: string) => ({ value, description: '' })
  return {
    identifierUri: identifier,
    scopes: scope?.map(described) ?? before?.scopes ?? [],
    roles: role?.map(described) ?? before?.roles ?? [],
  }
}

async function grantsFrom({ grant }: AppOptions, apps: Pick<AppStore, 'appByIdentifierUri'>) {
  if (grant === undefined) return {}
  const grants = grant.length === 1 && grant[0] === NONE ? [] : grant
  const wrong = grants.find((text) => !/^[^/]+:\/\/[^/]+\/(?:.*[^/])$/.test(text))
  if (wrong === undefined) return readPermissions(apps, grants)
  throw new UsageError(
    `--grant names an API and a scope or role of it, as in api://orders/Orders.Read: ${JSON.stringify(wrong)} does not.`,
  )
}

function claimsFrom({ claims }: AppOptions): App['optionalClaims'] | undefined {
  if (claims?.length === 1 && claims[0] === NONE) return []
  if (!claims?.includes(NONE)) return claims as App['optionalClaims'] | undefined
  throw new UsageError('--claims none takes all back, and stands alone.')
}

/** What it may do is another matter, and stands in --grant alone: there is one list of what an app was granted. */
function scimFrom({ scimImmutableId: from }: AppOptions): ScimSettings | null | undefined {
  if (from === undefined) return undefined
  return from === NONE ? null : { immutableIdFrom: from }
}

function textOrNone(text: string | undefined): string | null | undefined {
  return text === NONE ? null : text
}

function product(text: string | undefined, factor: number, option: string): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,6}$/.test(text)) return Number(text) * factor
  throw new UsageError(`${option} is a whole number, and ${JSON.stringify(text)} is none.`)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(`The file ${file} cannot be read (${code}).`)
  }
}

function withoutUndefined(settings: { [K in keyof AppSettings]?: AppSettings[K] | undefined }) {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as Partial<AppSettings>
}
