import {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express'
import { scimErrorBody } from '../../aadsts/faces/scim.ts'
import { Refusal } from '../../aadsts/reasons.ts'
import type {
  ScimClient,
  ScimContext,
  ScimParts,
  ScimReply,
  ScimRequest,
} from '../../admin/scim/context.ts'
import { readScimJson } from '../../admin/scim/json.ts'
import type { ListRequest } from '../../admin/scim/list.ts'
import { ScimError } from '../../admin/scim/scimError.ts'
import {
  errorBody,
  operate,
  operateAll,
  type ResourceTypeName,
  resourceTypes,
} from '../../admin/scim/service.ts'
import { BodyError, readBodyText } from './body.ts'
import { discoveryRouter } from './discovery.ts'
import { readEntityTags, readParameters, readSearchRequest } from './parameters.ts'
import { sendScim } from './send.ts'

export interface ScimRouterParts {
  readonly door: ScimParts
  /** How many at once. */
  readonly limit: RequestHandler
  /** Lets through who may provision. It answers all others. */
  readonly guard: RequestHandler
  /** Whom the guard let through. */
  readonly clientOf: (res: Response) => ScimClient
  /** What is no fault of the client's. */
  readonly report: (error: unknown, res: Response) => void
}

/** `/scim/v2`: users and groups by SCIM 2.0 (RFC 7644). Mount it there. */
export function scimRouter({ door, limit, guard, clientOf, report }: ScimRouterParts): Router {
  const router = Router()
  const context = (res: Response): ScimContext => ({ ...door, client: clientOf(res) })

  router.use(discoveryRouter(door.baseUrl)) //     GET /ServiceProviderConfig  /Schemas  /ResourceTypes
  router.use(limit, guard)
  for (const type of resourceTypes) {
    const all = `/${type}`
    const search = `/${type}/.search`
    const one = `/${type}/:id`
    router.get(all, withQuery(type)).post(all, withBody(type)).all(all, not('GET, POST'))
    router.post(search, searching(type)).all(search, not('POST'))
    router
      .get(one, withQuery(type))
      .put(one, withBody(type))
      .patch(one, withBody(type))
      .delete(one, withQuery(type))
      .all(one, not('GET, PUT, PATCH, DELETE'))
  }
  router.post('/Bulk', bulk).all('/Bulk', not('POST'))
  router.all('/Me', notBuilt('Nobody signs in to this door as a person.'))
  router.all(['/', '/.search'], notBuilt('Ask for one type of resource: /Users or /Groups.'))
  router.use((req, res) => {
    const path = req.path.slice(0, 200)
    sendError(res, 404, `There is nothing at ${path}. Users and groups are at /Users and /Groups.`)
  })
  router.use(lastResort(report))
  return router

  /** GET and DELETE. */
  function withQuery(type: ResourceTypeName): RequestHandler {
    return async (req, res) => {
      const request = requestOf(req, readParameters(req.originalUrl))
      sendReply(res, await operate(type, request, noBody, context(res)))
    }
  }

  function withBody(type: ResourceTypeName): RequestHandler {
    return async (req, res) => {
      const request = requestOf(req, readParameters(req.originalUrl))
      const text = await readBodyText(req)
      sendReply(res, await operate(type, request, () => readScimJson(text), context(res)))
    }
  }

  function searching(type: ResourceTypeName): RequestHandler {
    return async (req, res) => {
      const query = readSearchRequest(readScimJson(await readBodyText(req)))
      const request = { ...requestOf(req, query), method: 'GET', id: null } as const
      sendReply(res, await operate(type, request, noBody, context(res)))
    }
  }

  async function bulk(req: Request, res: Response): Promise<void> {
    const body = readScimJson(await readBodyText(req))
    const errorOf = (error: unknown) => scimErrorFor(error, res, report)
    sendScim(res, 200, await operateAll(body, context(res), errorOf))
  }
}

function requestOf(req: Request, query: ListRequest): ScimRequest {
  return {
    // HEAD is a GET whose body is not sent.
    method: (req.method === 'HEAD' ? 'GET' : req.method) as ScimRequest['method'],
    id: typeof req.params.id === 'string' ? req.params.id : null,
    query,
    ifMatch: readEntityTags(req.get('if-match')),
    ifNoneMatch: readEntityTags(req.get('if-none-match')),
  }
}

function noBody(): never {
  throw new Error('a GET or DELETE reads no body')
}

function sendReply(res: Response, { status, body, location, version }: ScimReply): void {
  if (version !== null) res.set('ETag', version)
  if (location !== null) res.set(status === 201 ? 'Location' : 'Content-Location', location)
  sendScim(res, status, body)
}

function sendError(res: Response, status: number, detail: string): void {
  sendScim(res, status, scimErrorBody({ status, scimType: null, detail }))
}

function not(allowed: string): RequestHandler {
  return (_req, res) => {
    res.set('Allow', allowed)
    sendError(res, 405, `It takes ${allowed}.`)
  }
}

/** RFC 7644 section 3.11 lets a server answer so. */
function notBuilt(detail: string): RequestHandler {
  return (_req, res) => sendError(res, 501, detail)
}

/** Every error in SCIM's form. */
function lastResort(report: ScimRouterParts['report']): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(error)
    } else if (error instanceof BodyError) {
      // What is left of the body is not read.
      res.set('Connection', 'close')
      sendError(res, error.status, error.message)
    } else {
      const scimError = scimErrorFor(error, res, report)
      if (scimError.status === 503) res.set('Retry-After', '5')
      sendScim(res, scimError.status, errorBody(scimError))
    }
  }
}

/** What the client hears of an error. What is not its fault is told to the log. */
function scimErrorFor(error: unknown, res: Response, report: ScimRouterParts['report']): ScimError {
  if (error instanceof ScimError) return error
  if (isBusy(error)) return new ScimError(503, null, 'The server is busy. Try again.')
  if (isTheirs(error)) return new ScimError(400, null, 'The request cannot be read.')
  report(error, res)
  return new ScimError(500, null, 'It failed on the side of the server, whose log has the cause.')
}

/** Too many passwords are being hashed, or a large import holds the database for longer than its patience. */
function isBusy(error: unknown): boolean {
  if (error instanceof Refusal) return error.reason === 'tooManyRequests'
  return error instanceof Error && 'problem' in error && error.problem === 'busy'
}

/** A path that cannot be decoded, a body that broke off. */
function isTheirs(error: unknown): boolean {
  const { status, code } = error as { status?: unknown; code?: unknown }
  return status === 400 || code === 'ECONNRESET' || code === 'ECONNABORTED'
}
