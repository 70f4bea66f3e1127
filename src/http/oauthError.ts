import type { Response } from 'express'
import { catalogue } from '../aadsts/catalogue.ts'
import { type OAuthRefusal, oauthErrorBody } from '../aadsts/faces/oauth.ts'
import { idsOf } from './context.ts'

/** Sends a refusal in the JSON form of the token endpoint. */
export function sendOAuthError(
  res: Response,
  refusal: Omit<OAuthRefusal, 'requestId' | 'correlationId'> & { readonly status?: number },
): void {
  const { status = catalogue[refusal.code].status, ...rest } = refusal
  res.status(status).json(oauthErrorBody({ ...idsOf(res), ...rest }))
}
