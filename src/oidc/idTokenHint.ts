import { decodeJwt } from 'jose'
import { AadstsError } from './errors.ts'

/**
 * Refuses with 50058 (`login_required`, to the app) where a request hints at another person than the one who is here (OpenID Connect Core
 * sections 3.1.2.1 and 3.1.2.2). The provider checks the hint and its signature before a sign-in, and not who comes back from it.
 * @param sub of whoever is here, as the app knows them
 */
export function mustBeHinted(hint: unknown, sub: string): void {
  if (typeof hint !== 'string' || decodeJwt(hint).sub === sub) return
  throw Object.assign(new AadstsError(50058), { allow_redirect: true })
}
