import type { Request, Response } from 'express'
import passport from 'passport'
import { catalogueEntry } from '../aadsts/catalogue.ts'
import type { Signin } from '../signin/service.ts'
import { REQUEST_LIFETIME } from '../signin/start.ts'
import { requestIds } from './context.ts'
import { cookiesFor } from './cookies.ts'
import { finishExchange, type MustAuthenticate, type Outcome, startExchange } from './exchange.ts'

export type { SigninFailure, SigninInfo } from './exchange.ts'

/**
 * The sign-in as a passport strategy, named `federated-domain`. Mounted where sign-ins start, it sends the browser to the
 * identity provider of `login_hint`'s domain (or of `domain_hint`, `whr`); mounted as POST at the ACS (`/{tenant}/saml2` or
 * `/login.srf` under the public URL) it judges the response. It calls `success(user, SigninInfo)`, `fail(SigninFailure, status)`,
 * or `error` when a store is out of reach. homerealm's own server uses it too.
 */
export class FederatedDomainStrategy extends passport.Strategy {
  override name = 'federated-domain'
  // Passport works on an object that inherits from this one, which private fields (#) would not stand.
  private readonly exchange: (req: Request, res: Response) => Promise<Outcome>

  /** `mustAuthenticate` says whether a sign-in that goes on to a path is to have ForceAuthn; never when left out. */
  constructor(signin: Signin, mustAuthenticate: MustAuthenticate = async () => false) {
    super()
    const cookies = cookiesFor(signin.settings.publicUrl, signin.random, REQUEST_LIFETIME)
    const identify = requestIds(signin.random)
    this.exchange = (req, res) => {
      if (res.locals.ids === undefined) identify(req, res, () => {})
      return req.method === 'POST'
        ? finishExchange(signin, cookies, req, res)
        : startExchange(signin, cookies, req, res, mustAuthenticate)
    }
  }

  override authenticate(req: Request): void {
    this.exchange(req, req.res as Response).then(
      (outcome) => {
        if (outcome.kind === 'signedIn') this.success(outcome.info.verdict.user, outcome.info)
        if (outcome.kind === 'failed') {
          this.fail(outcome.failure, catalogueEntry(outcome.failure.aadsts)?.status ?? 400)
        }
      },
      (error: unknown) => this.error(error),
    )
  }
}
