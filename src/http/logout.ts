import { type Request, type Response, Router } from 'express'
import { Refusal, refuse } from '../aadsts/reasons.ts'
import type { IncompleteLogout } from '../signin/logout/incomplete.ts'
import type { Logout } from '../signin/logout/service.ts'
import type { LogoutArrival } from '../signin/logout/types.ts'
import type { RequestIds, Signin } from '../signin/service.ts'
import { idsOf } from './context.ts'
import type { Cookies } from './cookies.ts'
import { formLimit, readForm } from './formBody.ts'
import { sendRefused } from './present.ts'
import { resolveTenant } from './tenant.ts'

/** Our single logout URL, beside the ACS and never the same: the ACS never signs out (R25). */
export const logoutPath = '/:tenant/saml2/logout'

/** `GET, POST /{tenant}/saml2/logout`: LogoutRequest and LogoutResponse of an identity provider. */
export function logoutRouter(
  signin: Signin,
  logout: Logout,
  cookies: Cookies,
  /** Told of every identity provider that did not say that it ended its session. */
  onIncomplete: (event: IncompleteLogout & RequestIds) => void,
): Router {
  const router = Router()

  router.get(logoutPath, (req, res) =>
    received(req, res, async () => {
      // The octets as they came: whoever parses them first may read another message than the one that was signed.
      const start = req.originalUrl.indexOf('?')
      return { binding: 'redirect', query: start < 0 ? '' : req.originalUrl.slice(start + 1) }
    }),
  )

  router.post(logoutPath, (req, res) =>
    received(req, res, async () => {
      const form = await readForm(req, formLimit(signin.settings.limits.maxBytes))
      const [request, response, state] = (
        ['SAMLRequest', 'SAMLResponse', 'RelayState'] as const
      ).map((name) => form.getAll(name))
      const messages = [...(request ?? []), ...(response ?? [])]
      const [body] = messages
      if (body === undefined || messages.length > 1 || (state ?? []).length > 1) {
        refuse('logoutMalformed', {
          expected: 'one of SAMLRequest and SAMLResponse, and RelayState once at most',
          actual: `${messages.length} messages`,
        })
      }
      const field = request?.length === 1 ? 'SAMLRequest' : 'SAMLResponse'
      return { binding: 'post', field, body, relayState: state?.[0] ?? null }
    }),
  )

  router.all(logoutPath, (_req, res) => {
    res.set('Allow', 'GET, POST')
    sendRefused(res, { reason: 'methodNotAllowed', at: signin.clock() })
  })

  async function received(
    req: Request,
    res: Response,
    arrival: () => Promise<LogoutArrival>,
  ): Promise<void> {
    try {
      await resolveTenant(req.path, signin)
      const done = await logout.receive(await arrival(), cookies.session(req))
      if (done.endedOwnSession) cookies.clearSession(res)
      if (done.incomplete !== null) onIncomplete({ ...done.incomplete, ...idsOf(res) })
      res.redirect(303, done.goTo)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      await signin.keepRefusal(error.reason, error.evidence, idsOf(res))
      sendRefused(res, { reason: error.reason, at: signin.clock() })
    }
  }

  return router
}
