import type { NextFunction, Request, Response } from 'express'
import passport from 'passport'
import type { FederatedDomainStrategy, SigninFailure, SigninInfo } from './strategy.ts'

/** What to do with the two outcomes of a sign-in half. Either may be asynchronous; what it rejects with goes to `next`. */
export interface Outcomes {
  readonly signedIn?: (info: SigninInfo) => Promise<void> | void
  readonly failed: (failure: SigninFailure) => Promise<void> | void
}

export type Authenticate = (
  req: Request,
  res: Response,
  next: NextFunction,
  outcomes: Outcomes,
) => void

/** Runs the strategy through a passport of its own, so that no global state is shared with an app around us. */
export function authenticateWith(strategy: FederatedDomainStrategy): Authenticate {
  const authenticator = new passport.Passport()
  authenticator.use(strategy)
  return (req, res, next, outcomes) => {
    const done = (error: unknown, user: unknown, outcome: unknown): void => {
      if (error) next(error)
      else if (user) settle(outcomes.signedIn?.(outcome as SigninInfo), next)
      else settle(outcomes.failed(outcome as SigninFailure), next)
    }
    authenticator.authenticate(strategy.name, { session: false }, done)(req, res, next)
  }
}

function settle(work: Promise<void> | void, next: NextFunction): void {
  Promise.resolve(work).catch(next)
}
