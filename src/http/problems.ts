import type { Request } from 'express'
import { aadstsMessage, catalogue } from '../aadsts/catalogue.ts'
import { aadstsCode, type Reason } from '../aadsts/reasons.ts'
import type { FormProblem } from '../web/passwordModels.ts'
import { queryText } from './context.ts'

/** How a refusal goes along in the address of the page that shows it: as its number; null for one that no page shows. */
export function formProblem(reason: Reason, shown: ReadonlySet<Reason>): string | null {
  return shown.has(reason) ? String(aadstsCode(reason)) : null
}

/** The problem that the address names, when the page shows it; anything else is none. */
export function problemIn(req: Request, shown: ReadonlySet<Reason>): FormProblem | null {
  const named = queryText(req, 'problem')
  const reason = [...shown].find((each) => String(aadstsCode(each)) === named)
  if (reason === undefined) return null
  const code = aadstsCode(reason)
  const { happened, personCan } = catalogue[code]
  return { headline: happened, advice: personCan, code, message: aadstsMessage(code) }
}
