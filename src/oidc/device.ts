import type { DeviceCode, Provider, TokenEndpointGrantContext } from 'oidc-provider'
import type { Accounts } from './account.ts'
import { appOf } from './clients.ts'
import type { OidcParts } from './deps.ts'
import { AadstsError } from './errors.ts'
import { grantTo } from './grants.ts'
import { groupsOf } from './groups.ts'
import { authTime, type Person } from './person.ts'
import { asksTooSoon } from './polling.ts'
import type { ProviderRecord } from './ports.ts'
import { providerSeconds } from './providerClock.ts'
import type { Resources } from './resources.ts'
import { sessionId } from './sessions.ts'
import { tokensOf } from './tokens.ts'
import type { App } from './types.ts'

/**
 * The token endpoint's half of the device flow (RFC 8628 section 3.4), under the grant type's own name and MSAL's. The errors are
 * those that Entra's clients know.
 */
export function deviceHandler(parts: OidcParts, accounts: Accounts, resources: Resources) {
  return async function device(ctx: TokenEndpointGrantContext): Promise<void> {
    const { oidc } = ctx
    const sent = oidc.params.device_code
    if (typeof sent !== 'string') throw new AadstsError(900144, { parameter: 'device_code' })
    const code = await oidc.provider.DeviceCode.find(sent, { ignoreExpiration: true })
    const app = appOf(oidc.client)
    if (code === undefined || code.clientId !== app.id || code.consumed)
      throw new AadstsError(70018)
    if (code.isExpired) throw new AadstsError(70019)
    if (code.error !== undefined) throw new AadstsError(65004)
    const { accountId, grantId } = code
    if (accountId === undefined || grantId === undefined) {
      throw new AadstsError((await asksTooSoon(parts, code)) ? 50196 : 70016)
    }
    await accounts.mustBeStrongEnough(app, accountId, code.amr)
    const resource = String(code.resource)
    const asked = [...code.scopes].filter((scope) => scope !== 'offline_access')
    const scopes = await resources.stillGranted(resource, app, asked)
    await code.consume()
    oidc.entity('DeviceCode', code)
    const source = { ...sourceOf(code), accountId, grantId }
    const refreshToken = code.scopes.has('offline_access')
      ? await new oidc.provider.RefreshToken({
          ...source,
          client: oidc.client,
          gty: 'device_code',
          scope: code.scope ?? '',
          resource: code.resource,
          rotations: 0,
        }).save()
      : undefined
    const issue = { source, gty: 'device_code', resource, scopes }
    const made = await tokensOf(ctx, issue, accounts, resources)
    ctx.body = { ...made, ...(refreshToken !== undefined && { refresh_token: refreshToken }) }
  }
}

function sourceOf(code: DeviceCode) {
  const { acr, amr, authTime, nonce, sid, sessionUid } = code
  return { acr, amr, authTime, nonce, sid, sessionUid }
}

/** A device that waits for somebody to say yes. */
export interface WaitingDevice {
  readonly app: App
  readonly scopes: readonly string[]
  readonly resource: string
  readonly record: ProviderRecord
}

/** Eight letters out of twenty, without vowels (RFC 8628 section 6.1). */
const userCodePattern = /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/

/** A user code as a person types it, in the form it is stored: null for what cannot be one. */
export function readUserCode(typed: string): string | null {
  const code = typed.toUpperCase().replace(/[\s-]/g, '')
  return userCodePattern.test(code) ? code : null
}

/** `BCDF-GHJK`. */
export function shownUserCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** The device behind a user code, or why there is none to say yes to. */
export async function waitingDevice(
  parts: Pick<OidcParts, 'records' | 'apps' | 'clock'>,
  userCode: string,
): Promise<WaitingDevice | 70018 | 70019> {
  const now = parts.clock()
  const record = await parts.records.findByUserCode(userCode, now)
  if (record === null || record.consumedAt !== null) return 70018
  const { exp, accountId, error, params } = JSON.parse(record.payload)
  if (accountId !== undefined || error !== undefined) return 70018
  if (Number(exp) <= providerSeconds()) return 70019
  const app = await parts.apps.app(record.clientId ?? '')
  if (app === null || !app.isEnabled) return 70018
  const scopes = String(params?.scope ?? '')
    .split(' ')
    .filter(Boolean)
  return { app, scopes, resource: String(params?.resource), record }
}

/** Says yes for the person who is signed in: the device gets its tokens at its next question. Refuses with 50105, 50076, or 70018. */
export async function approveDevice(
  parts: OidcParts,
  provider: Provider,
  accounts: Accounts,
  waiting: WaitingDevice,
  person: Person,
): Promise<void> {
  const { app, scopes, resource, record } = waiting
  const { session, user } = person
  accounts.mustBeAssigned(app, user.id, groupsOf(person))
  await accounts.mustBeStrongEnough(app, user.id, session.amr)
  const grant = new provider.Grant({ clientId: app.id, accountId: user.id })
  const keep = { accounts, person, app, now: parts.clock() }
  const grantId = await grantTo(grant, { scopes, resource }, keep)
  const approved = {
    ...JSON.parse(record.payload),
    accountId: user.id,
    grantId,
    scope: scopes.join(' '),
    resource,
    amr: session.amr,
    authTime: authTime(person),
    sid: sessionId(session.key),
    sessionUid: session.key,
  }
  const answer = { grantId, payload: JSON.stringify(approved) }
  if (await parts.records.replace(record, answer, parts.clock())) return
  // Somebody else was faster; what was granted for this answer is nobody's.
  await parts.records.removeByGrant(grantId)
  await grant.destroy()
  throw new AadstsError(70018)
}

/** Says no: the device is told at its next question. Refuses with 70018. */
export async function refuseDevice(
  parts: Pick<OidcParts, 'records' | 'clock'>,
  { record }: WaitingDevice,
): Promise<void> {
  const payload = JSON.stringify({ ...JSON.parse(record.payload), error: 'access_denied' })
  const { grantId } = record
  if (await parts.records.replace(record, { grantId, payload }, parts.clock())) return
  throw new AadstsError(70018)
}
