import { type Request, type Response, Router } from 'express'
import { type Reason, Refusal } from '../aadsts/reasons.ts'
import { personOf } from '../signin/current.ts'
import type { LocalSignin } from '../signin/local.ts'
import type { Want } from '../signin/password/ports.ts'
import { type PasswordProblem, passwordProblems } from '../signin/password/rules.ts'
import type { Signin } from '../signin/service.ts'
import { totpUri } from '../signin/totp/codes.ts'
import { codePage, enrolPage, newPasswordPage, recoveryCodesPage } from '../web/passwordPages.ts'
import { networkOf } from './address.ts'
import { idsOf, queryText } from './context.ts'
import type { Cookies } from './cookies.ts'
import { plainFormFaults, readForm } from './formBody.ts'
import { requireOwnForm } from './journey.ts'
import { type Land, stepPaths } from './landing.ts'
import { sendPage, sendRefused } from './present.ts'
import { formProblem, problemIn } from './problems.ts'

const FORM_LIMIT = 16 * 1024
const shown: ReadonlySet<Reason> = new Set(['codeWrong', 'accountLocked'])

/**
 * What follows a first factor, each with GET and POST: `/signin/code` (a code of the authenticator), `/signin/enrol` (a new
 * authenticator), `/signin/new-password`. Which one waits is known by the step's cookie alone.
 */
export function stepRouter(
  signin: Signin,
  local: LocalSignin,
  cookies: Cookies,
  land: Land,
): Router {
  const router = Router()

  router.get(stepPaths.totp, async (req, res) => {
    const found = await waiting(req, 'totp')
    if (found === null) return startOver(res)
    const email = found.user.userPrincipalName
    sendPage(res, codePage({ email, problem: problemIn(req, shown) }))
  })

  router.post(stepPaths.totp, async (req, res) => {
    const { field, handle } = await sent(req)
    await answering(res, stepPaths.totp, async () => {
      const sender = { familiarHandle: cookies.familiar(req), address: networkOf(req) }
      const next = await local.answerCode(handle, field('code'), { ...idsOf(res), ...sender })
      if (next === null) await expired(req, res)
      else res.redirect(303, await land(req, res, next))
    })
  })

  router.get(stepPaths.enrolment, async (req, res) => {
    const found = await waiting(req, 'enrolment')
    if (found === null) return startOver(res)
    const email = found.user.userPrincipalName
    const secret = local.secretOf(found)
    const uri = totpUri(secret, email, signin.tenant.displayName)
    sendPage(res, enrolPage({ email, uri, secret, problem: problemIn(req, shown) }))
  })

  // The recovery codes are shown in the answer itself, since they are kept nowhere.
  router.post(stepPaths.enrolment, async (req, res) => {
    const { field, handle } = await sent(req)
    await answering(res, stepPaths.enrolment, async () => {
      const done = await local.enrol(handle, field('code'), idsOf(res))
      if (done === null) return expired(req, res)
      const continueUrl = await land(req, res, done.next)
      sendPage(res, recoveryCodesPage({ codes: done.recoveryCodes, continueUrl }))
    })
  })

  router.get(stepPaths.newPassword, async (req, res) => {
    const found = await waiting(req, 'newPassword')
    if (found === null) return startOver(res)
    const email = found.user.userPrincipalName
    const named = queryText(req, 'problem') ?? ''
    const problem = isPasswordProblem(named) ? passwordProblems[named] : null
    sendPage(res, newPasswordPage({ email, problem }))
  })

  router.post(stepPaths.newPassword, async (req, res) => {
    const { field, handle } = await sent(req)
    const again = (problem: PasswordProblem) =>
      res.redirect(303, `${stepPaths.newPassword}?problem=${problem}`)
    if (field('password') !== field('repeated')) return again('differ')
    await answering(res, stepPaths.newPassword, async () => {
      const next = await local.changePassword(handle, field('password'), idsOf(res))
      if (next === null) await expired(req, res)
      else if (next.kind === 'problem') again(next.problem)
      else res.redirect(303, await land(req, res, next))
    })
  })

  const waiting = (req: Request, want: Want) => local.waiting(cookies.step(req), want)

  /** The fields of a form of ours, each one that was sent once. */
  async function sent(req: Request) {
    requireOwnForm(req, signin.settings.publicUrl)
    const form = await readForm(req, FORM_LIMIT, plainFormFaults)
    const field = (name: string): string => {
      const [value = '', ...more] = form.getAll(name)
      return more.length > 0 ? '' : value
    }
    return { field, handle: cookies.step(req) ?? '' }
  }

  /** A refusal that the page shows leads back to it; any other is a page of its own. */
  async function answering(res: Response, path: string, work: () => Promise<unknown>) {
    try {
      await work()
    } catch (error) {
      const problem = error instanceof Refusal ? formProblem(error.reason, shown) : null
      if (problem === null) throw error
      res.redirect(303, `${path}?problem=${problem}`)
    }
  }

  const startOver = (res: Response) => res.redirect(303, '/signin')
  /** A form that comes once more, by reload or Back, finds its step used up: whoever is signed in by it has a page to go to. */
  async function expired(req: Request, res: Response): Promise<void> {
    const at = signin.clock()
    if ((await personOf(cookies.session(req), at, signin)) !== null) res.redirect(303, '/')
    else sendRefused(res, { reason: 'requestExpired', at })
  }

  return router
}

function isPasswordProblem(name: string): name is PasswordProblem {
  return Object.hasOwn(passwordProblems, name)
}
