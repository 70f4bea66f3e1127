import { errors } from 'oidc-provider'
import {
  type AadstsCode,
  aadstsMessage,
  type CatalogueEntry,
  catalogue,
  type MessageValues,
} from '../aadsts/catalogue.ts'

/** A refusal of ours inside the provider, with its AADSTS number. */
export class AadstsError extends errors.OIDCProviderError {
  readonly aadsts: AadstsCode
  readonly values: MessageValues

  constructor(code: AadstsCode, values: MessageValues = {}) {
    const entry: CatalogueEntry = catalogue[code]
    super(entry.status === 401 || entry.status === 429 ? entry.status : 400, entry.oauthError)
    this.error_description = aadstsMessage(code, values)
    this.aadsts = code
    this.values = values
  }
}

/** What an error of the provider is called outside. */
export interface Told {
  readonly code: AadstsCode
  readonly values: MessageValues
  /** HTTP status of a JSON answer. */
  readonly status: number
}

/** What is known about a request when it fails. */
interface Failing {
  readonly clientId: string | null
  readonly isPublic: boolean
  readonly grantType: string | null
  readonly origin: string | null
}

type Row = readonly [
  kind: string,
  text: RegExp,
  code: AadstsCode | ((failing: Failing) => AadstsCode),
  detail?: (match: RegExpMatchArray, failing: Failing) => MessageValues,
]

const nothing = /(?:)/
const parameter = (match: RegExpMatchArray): MessageValues => ({ parameter: match[1] })
const grantType = (_: RegExpMatchArray, failing: Failing): MessageValues => ({
  detail: failing.grantType ?? undefined,
})
const isRefresh = ({ grantType: type }: Failing) => type === 'refresh_token'
const isDevice = ({ grantType: type }: Failing) => type?.endsWith('device_code') === true

/**
 * The errors of oidc-provider 9.13 (`error`, and its description or detail), and the AADSTS number of each. The first row that
 * fits decides; the texts are pinned by the tests, so that an update of the provider cannot change a number unnoticed.
 */
const rows: readonly Row[] = [
  ['invalid_redirect_uri', nothing, 50011],
  ['invalid_client', /client is invalid|client not found/, 700016],
  ['invalid_client', /does not match the registered/, (f) => (f.isPublic ? 700025 : 7000218)],
  ['invalid_client', /audience|\(aud\)/, 700023],
  ['invalid_client', /jwt expired|not active yet|issued in the future/, 700024],
  ['invalid_client', /invalid secret/, 7000215],
  ['invalid_client', nothing, 700027],
  ['invalid_request', /missing required parameters? '?([a-z_]+)/, 900144, parameter],
  ['invalid_request', /'([a-z_]+)' parameter must not be provided twice/, 9000411, parameter],
  ['invalid_request', /requires PKCE/, 9002325],
  ['invalid_request', /response_mode is not allowed/, 70007],
  ['invalid_request', /response_type is not allowed for this client/, 700054],
  [
    'invalid_request',
    /grant type is not allowed|is not allowed for this client/,
    700051,
    grantType,
  ],
  [
    'invalid_request',
    /^origin .* not allowed/,
    9002326,
    (_, failing) => ({ detail: failing.origin ?? undefined }),
  ],
  [
    'invalid_request',
    /no client authentication mechanism/,
    900144,
    () => ({ parameter: 'client_id' }),
  ],
  ['invalid_request', /expired|interaction session|session mismatch/, 50089],
  ['unsupported_response_type', nothing, 70005],
  ['unsupported_response_mode', nothing, 70007],
  ['unsupported_grant_type', nothing, 70003, grantType],
  ['invalid_scope', nothing, 70011, (match) => ({ detail: match.input })],
  ['invalid_target', nothing, 500011],
  ['authorization_pending', nothing, 70016],
  ['expired_token', nothing, 70019],
  ['login_required', nothing, 50058],
  ['interaction_required', nothing, 50058],
  ['account_selection_required', nothing, 50058],
  ['access_denied', nothing, 65004],
  ['invalid_grant', /device code not found|device code already/, 70018],
  ['invalid_grant', /already consumed|already used up/, (f) => (isRefresh(f) ? 50173 : 54005)],
  ['invalid_grant', /grant (not found|is expired)/, 50173],
  ['invalid_grant', /authorization code is expired/, 70008],
  ['invalid_grant', /redirect_uri mismatch/, 500112],
  ['invalid_grant', /code_verifier|code_challenge/, 501481],
  ['invalid_grant', nothing, (f) => (isDevice(f) ? 70018 : 70000)],
  ['invalid_request', nothing, 9002313, (match) => ({ detail: match.input })],
]

/** The AADSTS number of an error; anything that is not the caller's fault is 90033. */
export function tell(error: unknown, failing: Failing): Told {
  if (error instanceof AadstsError) {
    return { code: error.aadsts, values: error.values, status: error.statusCode }
  }
  if (!(error instanceof errors.OIDCProviderError) || !error.expose) {
    return { code: 90033, values: {}, status: 500 }
  }
  const texts = [error.error_detail, error.error_description].filter((text) => text !== undefined)
  for (const [kind, pattern, code, values] of rows) {
    if (kind !== error.error) continue
    const match = texts.map((text) => text.match(pattern)).find((found) => found !== null)
    if (!match && (texts.length > 0 || pattern !== nothing)) continue
    return {
      code: typeof code === 'function' ? code(failing) : code,
      values: match && values ? values(match, failing) : { app: failing.clientId ?? undefined },
      status: error.statusCode,
    }
  }
  return { code: 9002313, values: { detail: error.error_description }, status: error.statusCode }
}
