import type { Request, Response } from 'express'
import { fingerprint } from '../lib/secrets.ts'
import type { LocalSignin } from '../signin/local.ts'
import type { Want } from '../signin/password/ports.ts'
import { FAMILIAR_LIFETIME } from '../signin/password/service.ts'
import type { Signin } from '../signin/service.ts'
import { type NextStep, STEP_LIFETIME } from '../signin/steps.ts'
import type { Cookies } from './cookies.ts'

/** The page of each step. */
export const stepPaths = {
  totp: '/signin/code',
  enrolment: '/signin/enrol',
  newPassword: '/signin/new-password',
} as const satisfies Record<Want, string>

/** Sets the cookies of what comes next: gives the path to go on to. */
export type Land = (req: Request, res: Response, next: NextStep) => Promise<string>

export function landing(signin: Signin, local: LocalSignin, cookies: Cookies): Land {
  return async (req, res, next) => {
    if (next.kind === 'wants') {
      cookies.setStep(res, next.handle, STEP_LIFETIME)
      return stepPaths[next.want]
    }
    // A new sign-in takes the older session's place: a browser never holds two.
    const older = cookies.session(req)
    if (older !== null) await signin.sessions.endSession(fingerprint(older))
    const { session } = next
    // Whoever proved a factor here, that is: with the password, or with the code of a step.
    if (session.method === 'password' || cookies.step(req) !== null) {
      const browser = cookies.ensureFamiliar(req, res, FAMILIAR_LIFETIME)
      await local.remember(session.userId, browser)
    }
    if (cookies.step(req) !== null) cookies.clearStep(res)
    cookies.setSession(res, next.handle, session.expiresAt - signin.clock())
    return next.returnTo
  }
}
