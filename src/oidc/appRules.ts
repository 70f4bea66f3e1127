import { AppError } from './appError.ts'
import { checkNotDirectory } from './directoryApi.ts'
import { LONGEST_ACCESS_TOKEN } from './keys.ts'
import { checkMsalScheme, readLogoutUri, readRedirectUri } from './redirectUris.ts'
import type { App, AppApi } from './types.ts'

const LONGEST_NAME = 120
const MOST_OF_EACH = 100
/** Seconds, from and to, and how a person says it. */
const accessTokenBounds = [300, LONGEST_ACCESS_TOKEN / 1000, '5 to 1440 minutes'] as const
const refreshTokenBounds = [3600, 365 * 86_400, 'an hour to 365 days'] as const

/** Throws AppError for the first rule that an app breaks; the store looks at the uniqueness of the identifier. */
export function checkApp(app: App): App {
  checkName(app.displayName)
  for (const { uri, platform } of app.redirectUris) {
    checkMsalScheme(readRedirectUri(uri, platform), app.id)
  }
  const logoutUris = [app.frontChannelLogoutUri, app.backChannelLogoutUri]
  for (const uri of logoutUris) if (uri !== null) readLogoutUri(uri)
  checkKind(app)
  checkSeconds('an access token', app.accessTokenSeconds, accessTokenBounds)
  checkSeconds('a refresh token', app.refreshTokenSeconds, refreshTokenBounds)
  if (app.api !== null) checkApi(app.api)
  for (const { role } of app.assignments) if (role !== null) checkValue('role', role)
  const { redirectUris, secrets, keys, apiKeys, grantedRoles, grantedScopes } = app
  const lists = { redirectUris, secrets, keys, apiKeys, grantedRoles, grantedScopes }
  for (const [name, list] of Object.entries(lists)) {
    if (list.length > MOST_OF_EACH) forbid(`An app has at most ${MOST_OF_EACH} ${name}.`)
  }
  return app
}

function checkName(name: string): void {
  const isGood = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u.test(name) && name.trim() === name
  if (!isGood || [...name].length > LONGEST_NAME) {
    forbid(
      `The name of an app has 1 to ${LONGEST_NAME} characters on one line, without space around them.`,
    )
  }
}

/** Who can keep a secret is confidential, and never runs in a browser or on a person's device (RFC 6749 section 2.1). */
function checkKind(app: App): void {
  const personal = app.redirectUris.find(({ platform }) => platform !== 'web')
  if (!app.isPublic && personal !== undefined) {
    forbid(
      `${personal.uri} is registered as ${personal.platform}: an app in a browser or on a device is public. Register its server as an app of its own.`,
    )
  }
  if (app.isPublic && (app.secrets.length > 0 || app.keys.length > 0)) {
    forbid(
      'A public app has neither secrets nor certificates: whoever has the app would have them.',
    )
  }
  if (app.isPublic && (app.apiKeys.length > 0 || app.scim !== null)) {
    forbid('A public app has no API key and no SCIM settings: it cannot keep what proves it.')
  }
  if (app.isPublic && app.grantedRoles.length > 0) {
    forbid('A public app has no application permissions: it cannot prove that it is itself.')
  }
  if (app.allowHybrid && app.redirectUris.every(({ platform }) => platform !== 'web')) {
    forbid('ID tokens from the authorization endpoint need a web redirect URI.')
  }
}

function checkSeconds(
  what: string,
  seconds: number,
  [least, most, inWords]: readonly [number, number, string],
): void {
  if (Number.isSafeInteger(seconds) && seconds >= least && seconds <= most) return
  forbid(`The lifetime of ${what} is ${inWords} (${least} to ${most} seconds).`)
}

const identifierPattern = /^(?:api|https):\/\/[A-Za-z0-9][\x21\x23-\x5b\x5d-\x7e]*(?<!\/)$/

function checkApi(api: AppApi): void {
  const { identifierUri, scopes, roles } = api
  checkNotDirectory(api)
  if (
    !identifierPattern.test(identifierUri) ||
    identifierUri.length > 255 ||
    /[?#]/.test(identifierUri)
  ) {
    forbid(
      `The identifier of an API is a URI such as api://orders or https://orders.example.com, without a slash at its end: ${JSON.stringify(identifierUri.slice(0, 200))} is not.`,
    )
  }
  for (const [what, list] of [
    ['scope', scopes],
    ['role', roles],
  ] as const) {
    const values = list.map(({ value }) => value)
    for (const value of values) checkValue(what, value)
    const twice = values.find((value, index) => values.indexOf(value) !== index)
    if (twice !== undefined) forbid(`The ${what} ${twice} is there twice.`)
    if (values.length > MOST_OF_EACH) forbid(`An API has at most ${MOST_OF_EACH} ${what}s.`)
  }
}

/** Part of a `scope` (RFC 6749 section 3.3), without the slash that divides it from its API. */
function checkValue(what: string, value: string): void {
  if (/^[A-Za-z0-9_][\x21\x23-\x2e\x30-\x5b\x5d-\x7e]{0,119}$/.test(value)) return
  forbid(
    `The ${what} ${JSON.stringify(value.slice(0, 120))} must have 1 to 120 characters without space, slash, quote or backslash, the first a letter or digit (Orders.Read).`,
  )
}

function forbid(message: string): never {
  throw new AppError(message)
}
