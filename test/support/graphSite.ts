import express, { type RequestHandler } from 'express'
import { type GraphCaller, type GraphRole, graphRoles } from '../../src/admin/graph/ports.ts'
import { requestIds } from '../../src/http/context.ts'
import { sendGraphRefusal } from '../../src/http/graph/errors.ts'
import { graphParts } from '../../src/http/graph/parts.ts'
import { type GraphGuard, graphRouter } from '../../src/http/graph/router.ts'
import { listen, type TlsListening } from '../../src/http/listen.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { passwordHasher } from '../../src/signin/password/hash.ts'
import type { Deployment } from './deployment.ts'

export interface GraphReply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: JSON from a server, looked at member by member.
  readonly body: any
}

export interface GraphCallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The roles of the caller; all when not given. Null sends no credential. */
  readonly roles?: readonly GraphRole[] | null
}

export type GraphSite = Awaited<ReturnType<typeof startGraphSite>>

/**
 * The Graph door over the stores of a deployment, on an address of its own, behind a guard that takes the roles from the bearer token:
 * `Bearer User.Read.All+Domain.Read.All`. What the real guard does has tests of its own.
 */
export async function startGraphSite(
  deployment: Deployment,
  options: { readonly isStrict?: boolean; readonly tls?: TlsListening } = {},
) {
  const { storage, clock, config } = deployment
  const app = express()
  app.disable('etag')
  app.set('query parser', false)
  const listening = await listen(
    app,
    { host: '127.0.0.1', port: 0, setting: 'none' },
    options.tls ?? null,
  )
  const publicUrl = `${options.tls ? 'https' : 'http'}://localhost:${listening.port}`
  const reported: unknown[] = []
  const parts = graphParts({
    publicUrl,
    isStrict: options.isStrict ?? true,
    dnsServers: config.dnsServers,
    storage,
    hasher: passwordHasher(systemRandom, { logN: 10, r: 8, p: 1 }),
    keyEncryptionKey: Buffer.alloc(32, 9),
    clock: () => clock.at,
    random: systemRandom,
  })
  app.use(requestIds(systemRandom))
  app.use(
    graphRouter(
      parts,
      testGuard(() => clock.at),
      (error) => void reported.push(error),
    ),
  )

  return {
    publicUrl,
    /** What went wrong inside. */
    reported,

    /** A request below `/v1.0`, or to a whole address that an answer gave. */
    async call(method: string, path: string, options: GraphCallOptions = {}): Promise<GraphReply> {
      const { body, headers = {}, roles = graphRoles } = options
      const url = path.startsWith('http') ? path : `${publicUrl}/v1.0${path}`
      const answer = await fetch(url.replace('//localhost:', '//127.0.0.1:'), {
        method,
        headers: {
          ...(roles !== null && { Authorization: `Bearer ${roles.join('+')}` }),
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      const isJson = answer.headers.get('content-type')?.includes('json')
      return {
        status: answer.status,
        headers: answer.headers,
        body: isJson && text !== '' ? JSON.parse(text) : text || null,
      }
    },

    close: () => listening.close(),
  }
}

function testGuard(now: () => number): GraphGuard {
  return {
    callerWith(...wanted): RequestHandler {
      return (req, res, next) => {
        const roles = /^Bearer (.+)$/.exec(req.get('authorization') ?? '')?.[1]?.split('+')
        if (roles === undefined) {
          sendGraphRefusal(res, { status: 401, message: 'Access token is missing.' }, now())
          return
        }
        const mayCall = (role: GraphRole) =>
          roles.includes(role) || roles.includes(role.replace('.Read.', '.ReadWrite.'))
        if (!wanted.some(mayCall)) {
          const message = 'Insufficient privileges to complete the operation.'
          sendGraphRefusal(res, { status: 403, message }, now())
          return
        }
        res.locals.caller = { who: 'Provisioning (app-1)', mayCall } satisfies GraphCaller
        next()
      }
    },
    callerOf: (res) => res.locals.caller as GraphCaller,
  }
}
