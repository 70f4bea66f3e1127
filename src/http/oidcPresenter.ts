import type { Request, Response } from 'express'
import type { Answer, Presenter } from '../oidc/answers.ts'
import { formActionTo } from '../web/headers.ts'
import { answerPage } from '../web/oidcPages.ts'
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

function send(res: Response, answer: Answer): void {
  switch (answer.kind) {
    case 'redirect':
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
