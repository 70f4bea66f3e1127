import type { Request, Response } from 'express'
import type { Answer, Presenter } from '../oidc/answers.ts'
import type { Interaction } from '../oidc/service.ts'
import { formActionTo } from '../web/headers.ts'
import { answerPage, goOnPage } from '../web/oidcPages.ts'
import { networkOf } from './address.ts'
import { idsOf } from './context.ts'
import { sendPage, sendRefusedCode } from './present.ts'

/** Sends what the OpenID provider answers to a browser. Its request and response are Express's, seen through the provider. */
export const oidcPresenter: Presenter = {
  addressOf: (req) => networkOf(req as Request),
  idsOf: (res) => idsOf(res as Response),
  send(_req, res, answer) {
    send(res as Response, answer)
  },
}

/** The interaction that the provider left to the handlers after it; null when it has answered. */
export function waitingPerson(res: Response): Interaction | null {
  return res.locals.waitingPerson ?? null
}

/**
 * Makes a redirect to an app a page that goes on by itself, because the browser got here by a form. Browsers hold what follows a form's
 * POST against the page that the form stood on, and that page knew nothing of the app (CSP level 3, form-action); a page begins a new
 * navigation, which takes its place in the history (HTML standard, shared declarative refresh steps).
 */
export function answerByPage(res: Response): void {
  res.locals.answersForm = true
}

function send(res: Response, answer: Answer): void {
  switch (answer.kind) {
    case 'person':
      res.locals.waitingPerson = answer.interaction
      return
    case 'redirect':
      if (res.locals.answersForm) {
        res.set('Refresh', `0; url=${answer.location}`)
        sendPage(res, goOnPage({ appName: answer.appName, url: answer.location }))
        return
      }
      // Not through Express, which would encode the address anew.
      res.statusCode = 303
      res.setHeader('Location', answer.location)
      // The provider took its own length back; an answer without any ends the connection (RFC 9112 section 6.3).
      res.setHeader('Content-Length', 0)
      res.end()
      return
    case 'form': {
      const { action, fields, appName } = answer
      const html = answerPage({ action, fields, appName })
      sendPage(res, html, { formAction: formActionTo(action) })
      return
    }
    case 'page': {
      const { code, values } = answer.told
      sendRefusedCode(res, { code, values, at: answer.at })
    }
  }
}
