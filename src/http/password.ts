import { type Request, type Response, Router } from 'express'
import { type Reason, Refusal } from '../aadsts/reasons.ts'
import type { LocalSignin } from '../signin/local.ts'
import type { Signin } from '../signin/service.ts'
import { passwordPage } from '../web/passwordPages.ts'
import { networkOf } from './address.ts'
import { idsOf, queryText } from './context.ts'
import type { Cookies } from './cookies.ts'
import { plainFormFaults, readForm } from './formBody.ts'
import { journeyFields, journeyFrom, journeyOf, requireOwnForm } from './journey.ts'
import type { Land } from './landing.ts'
import { sendPage, sendRefused } from './present.ts'
import { formProblem, problemIn } from './problems.ts'

/** An e-mail and a password of 256 characters, percent-encoded, and the journey. */
const FORM_LIMIT = 16 * 1024

/** Refusals that the page itself shows, where the person can try again. */
const shown: ReadonlySet<Reason> = new Set(['passwordWrong', 'accountLocked'])

/** The password page of a managed domain, at `/signin`; `problem=50126` in the address shows why it is there once more. */
export function sendPasswordPage(req: Request, res: Response, signin: Signin, email: string): void {
  const html = passwordPage({
    tenantName: signin.tenant.displayName,
    email,
    problem: problemIn(req, shown),
    hiddenFields: journeyFields(journeyOf(req)),
  })
  sendPage(res, html)
}

/** `POST /signin/password`: the name and the password of a managed user. */
export function passwordRouter(
  signin: Signin,
  local: LocalSignin,
  cookies: Cookies,
  land: Land,
): Router {
  const router = Router()

  // Answers by a redirect, so that Back and reload repeat a GET and never send the password again.
  router.post('/signin/password', async (req, res) => {
    requireOwnForm(req, signin.settings.publicUrl)
    const form = await readForm(req, FORM_LIMIT, plainFormFaults)
    const single = (name: string): string | null => {
      const [value, ...more] = form.getAll(name)
      return value === undefined || more.length > 0 ? null : value
    }
    const username = (single('username') ?? '').trim().slice(0, 320)
    const journey = journeyFrom(single('return_to'), single('mfa'))
    try {
      const next = await local.signIn(
        { username, password: single('password') ?? '' },
        {
          ...idsOf(res),
          ...journey,
          familiarHandle: cookies.familiar(req),
          address: networkOf(req),
        },
      )
      res.redirect(303, await land(req, res, next))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refused(res, error.reason, [['login_hint', username], ...journeyFields(journey)])
    }
  })

  // The page itself stands at /signin: whoever comes here by Back or by hand is sent there.
  router.get('/signin/password', (req, res) => {
    const email = queryText(req, 'login_hint')
    res.redirect(
      303,
      email === null ? '/signin' : `/signin?${new URLSearchParams({ login_hint: email })}`,
    )
  })

  function refused(res: Response, reason: Reason, again: [string, string][]): void {
    const problem = formProblem(reason, shown)
    if (problem !== null) {
      res.redirect(303, `/signin?${new URLSearchParams([...again, ['problem', problem]])}`)
    } else if (reason === 'realmUnknown' || reason === 'emailMalformed') {
      // Its domain is no managed one (any more): the e-mail page knows what to do with it.
      res.redirect(303, `/signin?${new URLSearchParams(again)}`)
    } else {
      sendRefused(res, {
        reason,
        at: signin.clock(),
        ...(reason === 'tooManyRequests' && { status: 429 }),
      })
    }
  }

  return router
}
