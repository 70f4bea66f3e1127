import type { Request, RequestHandler, Response } from 'express'
import type { Clock } from '../lib/clock.ts'
import {
  type Caller,
  type CallerRefusal,
  type Callers,
  type CallerVerdict,
  callerReasons,
  mayCall,
} from '../oidc/callers.ts'
import type { DirectoryRole } from '../oidc/directoryApi.ts'
import { refusalLimit } from '../oidc/refusalLimit.ts'
import { networkOf } from './address.ts'
import { bearerToken } from './bearer.ts'
import { idsOf } from './context.ts'

/** Characters of the Authorization header, at most; our own tokens have some 1200. */
const LONGEST_HEADER = 8192

/** What the outside hears, in the form of its own API (Graph's and SCIM's differ): a status, and one sentence without the cause. */
export interface CallRefusal {
  readonly status: 401 | 403 | 429
  readonly message: string
}
export type CallFace = (res: Response, refusal: CallRefusal) => void

/** What the log hears of a call that was refused. */
export interface RefusedCall extends Omit<CallerRefusal, 'reason'> {
  readonly requestId: string
  readonly correlationId: string
  readonly reason: CallerRefusal['reason'] | 'roleMissing'
  /** The reason in words; for `roleMissing` which roles would do. */
  readonly detail: string
  readonly method: string
  /** Without query. */
  readonly path: string
}

/** Which part of the directory a route is about, where reading and writing need roles of their own. */
export type RoleArea = 'User' | 'Domain' | 'Group'

const messages = {
  401: 'Access token is missing, invalid or expired.',
  403: 'Insufficient privileges to complete the operation.',
  429: 'Too many calls without a valid access token or the role for them. Wait, then try again.',
} as const

/** Guards the routes of one administration API: who comes through has a caller (`callerOf`). */
export type CallGuard = ReturnType<typeof guardCalls>

/**
 * Makes the guard of one administration API. `face` writes its errors; the status, WWW-Authenticate and Retry-After are set before
 * (RFC 6750 section 3). It stands after `requestIds`. Failed attempts are counted by network, sixty a minute, after which
 * they hear 429 and nothing more is logged, and so are calls that an app lacks the role for, by app and network; a right token is never held up by wrong ones beside it (oidc/refusalLimit.ts).
 */
export function guardCalls(parts: {
  readonly callers: Callers
  readonly publicUrl: string
  readonly clock: Clock
  readonly face: CallFace
  readonly refused: (event: RefusedCall) => void
}) {
  const tooMany = refusalLimit(parts.clock)

  return {
    /** Lets callers through that have one of these roles, or a role that contains it. */
    callerWith(...wanted: readonly [DirectoryRole, ...DirectoryRole[]]): RequestHandler {
      return async (req, res, next) => {
        if (await admit(req, res, wanted)) next()
      }
    },

    /** GET and HEAD need the area's Read role, every other method its ReadWrite role. */
    callerByMethod(area: RoleArea): RequestHandler {
      return async (req, res, next) => {
        const isReading = req.method === 'GET' || req.method === 'HEAD'
        const wanted = [`${area}.${isReading ? 'Read' : 'ReadWrite'}.All`] as const
        if (await admit(req, res, wanted)) next()
      }
    },
  }

  async function admit(
    req: Request,
    res: Response,
    wanted: readonly DirectoryRole[],
  ): Promise<boolean> {
    const { caller, refusal } = await verdictOf(req)
    if (caller !== null && mayCall(caller, wanted)) {
      res.locals.caller = caller
      return true
    }
    const wait = tooMany(caller?.appId ?? 'administration', networkOf(req))
    if (wait !== null) {
      res.set('Retry-After', String(wait))
      answer(res, 429)
    } else if (caller === null) {
      challenge(res, refusal.reason === 'credentialMissing' ? null : 'invalid_token')
      tellLog(req, res, { ...refusal, detail: callerReasons[refusal.reason] })
      answer(res, 401)
    } else {
      const { appId, apiKeyId } = caller
      const detail = `needs ${wanted.join(' or ')}`
      challenge(res, 'insufficient_scope', wanted)
      tellLog(req, res, { reason: 'roleMissing', appId, apiKeyId, detail })
      answer(res, 403)
    }
    return false
  }

  async function verdictOf(req: Request): Promise<CallerVerdict> {
    // Node keeps the first of several Authorization headers; a proxy in front might have looked at another.
    const [header, ...more] = req.headersDistinct.authorization ?? []
    if (header === undefined) return unread('credentialMissing')
    const bearer = more.length > 0 || header.length > LONGEST_HEADER ? null : bearerToken(req)
    return bearer === null ? unread('credentialMalformed') : parts.callers.callerOf(bearer)
  }

  function challenge(res: Response, error: string | null, roles: readonly string[] = []): void {
    const values = [
      `realm="${parts.publicUrl}"`,
      ...(error === null ? [] : [`error="${error}"`]),
      ...(roles.length === 0 ? [] : [`scope="${roles.join(' ')}"`]),
    ]
    res.set('WWW-Authenticate', `Bearer ${values.join(', ')}`)
  }

  function tellLog(
    req: Request,
    res: Response,
    about: Pick<RefusedCall, 'reason' | 'detail' | 'appId' | 'apiKeyId'>,
  ): void {
    const path = (req.originalUrl.split('?', 1)[0] ?? '').slice(0, 200)
    parts.refused({ ...idsOf(res), ...about, method: req.method, path })
  }

  function answer(res: Response, status: CallRefusal['status']): void {
    res.status(status)
    parts.face(res, { status, message: messages[status] })
  }
}

/** The caller that the guard let through. Throws where no guard stands in front of the route: nothing may run without one. */
export function callerOf(res: Response): Caller {
  const caller = res.locals.caller as Caller | undefined
  if (caller === undefined) throw new Error('a route of an administration API has no guard')
  return caller
}

function unread(reason: 'credentialMissing' | 'credentialMalformed'): CallerVerdict {
  return { caller: null, refusal: { reason, appId: null, apiKeyId: null } }
}
