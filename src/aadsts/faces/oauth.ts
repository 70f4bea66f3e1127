import type { Instant } from '../../lib/clock.ts'
import { isoSeconds } from '../../lib/clock.ts'
import {
  type AadstsCode,
  aadstsMessage,
  type CatalogueEntry,
  catalogue,
  type MessageValues,
} from '../catalogue.ts'

/** A refusal on its way to an app. */
export interface OAuthRefusal {
  readonly code: AadstsCode
  readonly values?: MessageValues
  /** In place of the code's own `error`. */
  readonly error?: string | undefined
  /** The Request Id: `trace_id` here. */
  readonly requestId: string
  readonly correlationId: string
  readonly at: Instant
  /** Origin of this server, where `/error` explains the code. */
  readonly publicUrl: string
}

/** The body of a refusal by the token endpoint (RFC 6749 section 5.2) with the members that Entra adds. */
export interface OAuthErrorBody {
  readonly error: string
  readonly error_description: string
  readonly error_codes: readonly number[]
  readonly timestamp: string
  readonly trace_id: string
  readonly correlation_id: string
  readonly error_uri: string
  readonly suberror?: string
}

/** The JSON face: what a client of the token endpoint gets. */
export function oauthErrorBody(refusal: OAuthRefusal): OAuthErrorBody {
  const { suberror }: CatalogueEntry = catalogue[refusal.code]
  return {
    error: errorOf(refusal),
    error_description: description(refusal),
    error_codes: [refusal.code],
    timestamp: spacedTime(refusal.at),
    trace_id: refusal.requestId,
    correlation_id: refusal.correlationId,
    error_uri: errorUri(refusal),
    ...(suberror !== undefined && { suberror }),
  }
}

/** The redirect face: what goes back to the app's redirect URI, as query, fragment or form fields (RFC 6749 section 4.1.2.1). */
export function oauthErrorFields(
  refusal: OAuthRefusal,
  state: string | null,
): readonly (readonly [name: string, value: string])[] {
  const { redirectError }: CatalogueEntry = catalogue[refusal.code]
  const fields: [string, string][] = [
    ['error', redirectError ?? errorOf(refusal)],
    ['error_description', description(refusal)],
    ['error_uri', errorUri(refusal)],
  ]
  if (state !== null) fields.push(['state', state])
  return fields
}

function errorOf({ error, code }: OAuthRefusal): string {
  const entry: CatalogueEntry = catalogue[code]
  return error ?? entry.oauthError
}

function errorUri({ publicUrl, code }: OAuthRefusal): string {
  return `${publicUrl}/error?code=${code}`
}

/** `AADSTSnnn: ...` and, on lines of their own, what leads the admin to the trace; as Entra writes it. */
function description(refusal: OAuthRefusal): string {
  return [
    aadstsMessage(refusal.code, refusal.values),
    `Trace ID: ${refusal.requestId}`,
    `Correlation ID: ${refusal.correlationId}`,
    `Timestamp: ${spacedTime(refusal.at)}`,
  ].join('\r\n')
}

/** `2026-01-15 09:30:00Z`: with a space, unlike the error page. */
function spacedTime(at: Instant): string {
  return isoSeconds(at).replace('T', ' ')
}
