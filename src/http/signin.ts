import { type Request, type Response, Router } from 'express'
import { aadstsMessage } from '../aadsts/catalogue.ts'
import { aadstsCode, type Reason } from '../aadsts/reasons.ts'
import type { Signin } from '../signin/service.ts'
import type { DemoPerson } from '../web/models.ts'
import { emailPage } from '../web/pages.ts'
import type { Authenticate } from './authenticate.ts'
import { queryText } from './context.ts'
import { plainFormFaults, readForm } from './formBody.ts'
import { journeyFields, journeyFrom, journeyOf } from './journey.ts'
import { sendPasswordPage } from './password.ts'
import { sendPage } from './present.ts'
import type { SigninFailure } from './strategy.ts'

/** An e-mail of 254 characters, each percent-encoded thrice, and the field's name. */
const EMAIL_FORM_LIMIT = 4096

/** `GET, POST /signin`: the e-mail page, then the realm: the identity provider, or a page that says why not. */
export function signinRouter(
  signin: Signin,
  authenticate: Authenticate,
  demoPeople: readonly DemoPerson[] | null,
): Router {
  const router = Router()
  // Browsers hold form-action against redirects too, and with the Redirect binding the form leads on to the identity provider.
  const schemes = signin.settings.publicUrl.startsWith('https:') ? ['https:'] : ['https:', 'http:']
  const formAction = ["'self'", ...schemes]

  router.get('/signin', (req, res, next) => {
    const email = queryText(req, 'login_hint')
    if (
      email === null &&
      queryText(req, 'domain_hint') === null &&
      queryText(req, 'whr') === null
    ) {
      showEmailPage(req, res, '', null)
      return
    }
    authenticate(req, res, next, {
      failed: (failure) => {
        const { realm } = failure
        if (realm?.kind === 'managed') {
          if (email === null) showEmailPage(req, res, '', null)
          else sendPasswordPage(req, res, signin, email)
        } else if (email === null) {
          // A domain hint that names no federated domain is ignored, as at Entra.
          showEmailPage(req, res, '', null)
        } else {
          showEmailPage(req, res, email, failure)
        }
      },
    })
  })

  // Answers by a redirect, so that Back and reload repeat a GET and never ask to send a form again.
  router.post('/signin', async (req, res) => {
    const form = await readForm(req, EMAIL_FORM_LIMIT, plainFormFaults)
    const [email = '', ...more] = form.getAll('username')
    const hint = more.length > 0 ? '' : email.trim().slice(0, 320)
    const [[returnTo = null], [mfa = null]] = [form.getAll('return_to'), form.getAll('mfa')]
    const along = journeyFields(journeyFrom(returnTo, mfa))
    res.redirect(303, `/signin?${new URLSearchParams([['login_hint', hint], ...along])}`)
  })

  function showEmailPage(
    req: Request,
    res: Response,
    value: string,
    failure: SigninFailure | null,
  ): void {
    const html = emailPage({
      tenantName: signin.tenant.displayName,
      value,
      problem: failure && problemOf(failure),
      demo: demoPeople && { people: demoPeople },
      hiddenFields: journeyFields(journeyOf(req)),
    })
    sendPage(res, html, { status: failure === null ? 200 : 400, formAction })
  }

  return router
}

function problemOf(failure: SigninFailure) {
  const code = aadstsCode(failure.reason)
  return { ...words(failure.reason), code, message: aadstsMessage(code, failure.values) }
}

function words(reason: Reason): { headline: string; advice: string } {
  return reason === 'emailMalformed'
    ? {
        headline: 'Enter a valid e-mail address.',
        advice: 'Type your work address in full, like someone@example.com.',
      }
    : {
        headline: 'We don’t know the domain of that address.',
        advice: 'Check it for a typing error, or use the address of your organization.',
      }
}
