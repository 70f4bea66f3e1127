import type { Response } from 'express'
import { catalogue } from '../aadsts/catalogue.ts'
import { oauthErrorBody } from '../aadsts/faces/oauth.ts'
import { aadstsCode, type Reason } from '../aadsts/reasons.ts'
import type { Instant } from '../lib/clock.ts'
import { idsOf } from './context.ts'

/** A refusal as JSON, in the form of Entra's OAuth errors, for endpoints that programs ask. */
export function sendRefusedJson(
  res: Response,
  refusal: {
    readonly reason: Reason
    readonly at: Instant
    readonly publicUrl: string
    readonly status?: number
  },
): void {
  const { reason, at, publicUrl } = refusal
  const code = aadstsCode(reason)
  const body = oauthErrorBody({ code, at, publicUrl, ...idsOf(res) })
  res.status(refusal.status ?? catalogue[code].status).json(body)
}
