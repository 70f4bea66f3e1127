import { hasSecondFactor } from './assignment.ts'
import type { OidcParts } from './deps.ts'
import type { App } from './types.ts'

/**
 * Whether a sign-in (its `amr`) lacks the second factor that is required by now: by the app, or by the user's own setting. Both may have been
 * made stricter since the person signed in.
 */
export async function lacksSecondFactor(
  { credentials }: Pick<OidcParts, 'credentials'>,
  app: Pick<App, 'requireMfa'>,
  userId: string,
  amr: readonly string[] | undefined,
): Promise<boolean> {
  if (hasSecondFactor(amr)) return false
  return app.requireMfa || (await credentials.credentials(userId))?.requireMfa === true
}
