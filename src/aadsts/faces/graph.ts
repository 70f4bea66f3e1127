import { type Instant, isoSeconds } from '../../lib/clock.ts'

/** One thing that is wrong with a request, as Graph's `details` have it. */
export interface GraphErrorDetail {
  /** The property or query option. */
  readonly target?: string
  readonly code: string
  readonly message: string
}

/** A refusal on its way to a client of the Graph-shaped administration. */
export interface GraphRefusal {
  /** Such as `Request_BadRequest`. */
  readonly code: string
  readonly message: string
  readonly details: readonly GraphErrorDetail[]
  /** The rules of the directory that are broken, by the names that every door reports; of other refusals none. */
  readonly rules: readonly string[]
  readonly requestId: string
  readonly correlationId: string
  readonly at: Instant
}

export interface GraphErrorBody {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly details?: readonly GraphErrorDetail[]
    readonly innerError: Readonly<Record<string, unknown>>
  }
}

/** The Graph face: error JSON as entra.md section 4 has it (OData JSON format 4.01 section 21.1). */
export function graphErrorBody(refusal: GraphRefusal): GraphErrorBody {
  const { code, message, details, rules, requestId, correlationId, at } = refusal
  return {
    error: {
      code,
      message,
      ...(details.length > 0 && { details }),
      innerError: {
        ...(rules.length > 0 && { rules }),
        // Graph's own has no time zone; it is UTC.
        date: isoSeconds(at).slice(0, 19),
        'request-id': requestId,
        'client-request-id': correlationId,
      },
    },
  }
}
