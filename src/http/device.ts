import { type Request, type Response, Router } from 'express'
import { fingerprint } from '../lib/secrets.ts'
import {
  approveDevice,
  readUserCode,
  refuseDevice,
  shownUserCode,
  type WaitingDevice,
  waitingDevice,
} from '../oidc/device.ts'
import { AadstsError } from '../oidc/errors.ts'
import type { Person } from '../oidc/person.ts'
import { lacksSecondFactor } from '../oidc/secondFactor.ts'
import type { Oidc } from '../oidc/service.ts'
import { admitAttempt, withdrawAttempt } from '../signin/password/lockout.ts'
import type { AttemptStore } from '../signin/password/ports.ts'
import { deviceCodePage, deviceConfirmPage, deviceDonePage } from '../web/oidcPages.ts'
import { networkOf } from './address.ts'
import { queryText } from './context.ts'
import { plainFormFaults, readForm } from './formBody.ts'
import { journeyFields, requireOwnForm } from './journey.ts'
import { sendPage, sendRefused, sendRefusedCode } from './present.ts'

const LONGEST_FORM = 4096
const path = '/devicelogin'
const donePath = '/devicelogin/done'
/** So many wrong codes from one address in an hour. */
const FREE_WRONG_CODES = 50

/** Why the code is asked once more. */
const problems = {
  70018: {
    headline: 'That code does not work.',
    advice: 'Type it exactly as your device shows it. Each code is good once.',
  },
  70019: { headline: 'That code has run out.', advice: 'Start again on your device.' },
} as const
type Problem = keyof typeof problems

/**
 * `GET, POST /devicelogin`, `GET /devicelogin/done`: the person's half of the device flow (RFC 8628 section 3.3): type the code, sign in, and say yes to what
 * the code belongs to. Wrong codes are counted by address, on the disk (section 5.1): with 25 thousand million codes, nobody finds one that
 * waits in a few guesses an hour.
 */
export function deviceRouter(oidc: Oidc, attempts: AttemptStore): Router {
  const router = Router()
  const { parts } = oidc

  router.get(path, async (req, res) => {
    const typed = queryText(req, 'user_code')
    if (typed === null) {
      sendPage(res, deviceCodePage({ value: '', problem: null }))
      return
    }
    const waiting = await find(req, typed)
    if (waiting === 'tooMany') {
      sendRefused(res, { reason: 'tooManyRequests', at: parts.clock(), status: 429 })
      return
    }
    if (typeof waiting === 'number') {
      const html = deviceCodePage({ value: typed, problem: problems[waiting] })
      sendPage(res, html, { status: 400 })
      return
    }
    const person = await parts.currentPerson(req)
    const isTooWeak = person !== null && (await lacks(waiting, person))
    if (person === null || isTooWeak) {
      const returnTo = `${path}?${new URLSearchParams({ user_code: typed })}`
      const requiresMfa = isTooWeak || waiting.app.requireMfa
      const query = new URLSearchParams(journeyFields({ returnTo, requiresMfa }))
      if (person !== null) query.set('login_hint', person.user.userPrincipalName)
      res.redirect(303, `/signin?${query}`)
      return
    }
    const code = readUserCode(typed) ?? ''
    const html = deviceConfirmPage({
      appName: waiting.app.displayName,
      userPrincipalName: person.user.userPrincipalName,
      shownCode: shownUserCode(code),
      hiddenFields: [['user_code', code]],
    })
    sendPage(res, html)
  })

  const lacks = ({ app }: WaitingDevice, { session, user }: Person) =>
    lacksSecondFactor(parts, app, user.id, session.amr)

  /** What was answered; a link that somebody else made says no more than such a page, and does nothing. */
  router.get(donePath, async (req, res) => {
    const app = await parts.apps.app(queryText(req, 'app') ?? '')
    const person = await parts.currentPerson(req)
    if (app === null || person === null) res.redirect(303, path)
    else {
      const approved = queryText(req, 'answer') === 'yes'
      sendPage(res, deviceDonePage({ appName: app.displayName, approved }))
    }
  })

  /** Entra's other name for the page. */
  router.get('/:tenant/oauth2/deviceauth', (_req, res) => {
    res.redirect(303, path)
  })

  router.post(path, async (req, res) => {
    requireOwnForm(req, parts.publicUrl)
    const form = await readForm(req, LONGEST_FORM, plainFormFaults)
    const [typed = ''] = form.getAll('user_code')
    const [answer] = form.getAll('answer')
    const waiting = answer === undefined ? null : await find(req, typed)
    if (waiting === null || typeof waiting !== 'object') {
      // Answers by a redirect, so that Back and reload repeat a GET.
      res.redirect(303, `${path}?${new URLSearchParams({ user_code: typed.slice(0, 64) })}`)
      return
    }
    await decide(req, res, waiting, answer === 'yes')
  })

  async function decide(
    req: Request,
    res: Response,
    waiting: WaitingDevice,
    approved: boolean,
  ): Promise<void> {
    const person = await parts.currentPerson(req)
    if (person === null) {
      res.redirect(303, path)
      return
    }
    const { provider, accounts } = await oidc.current()
    try {
      if (approved) await approveDevice(parts, provider, accounts, waiting, person)
      else await refuseDevice(parts, waiting)
    } catch (error) {
      if (!(error instanceof AadstsError)) throw error
      sendRefusedCode(res, { code: error.aadsts, values: error.values, at: parts.clock() })
      return
    }
    // By a redirect: Back and reload show what was done, and do not do it again.
    const done = { app: waiting.app.id, answer: approved ? 'yes' : 'no' }
    res.redirect(303, `${donePath}?${new URLSearchParams(done)}`)
  }

  /** What can be no code is no guess. A guess is counted before it is looked at, and taken back when it was right. */
  async function find(req: Request, typed: string): Promise<WaitingDevice | Problem | 'tooMany'> {
    const code = readUserCode(typed)
    if (code === null) return 70018
    const key = `device codes:${fingerprint(networkOf(req))}`
    const counters = [{ key, free: FREE_WRONG_CODES, kind: 'window' }] as const
    const { isAdmitted } = await admitAttempt(attempts, counters, parts.clock())
    if (!isAdmitted) return 'tooMany'
    const waiting = await waitingDevice(parts, code)
    if (typeof waiting === 'object') await withdrawAttempt(attempts, counters)
    return waiting
  }

  return router
}
