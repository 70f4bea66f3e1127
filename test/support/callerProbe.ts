import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import { callerOf, guardCalls, type RefusedCall } from '../../src/http/callers.ts'
import { requestIds } from '../../src/http/context.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { createCallers } from '../../src/oidc/callers.ts'
import type { Deployment } from './deployment.ts'

export interface ProbeAnswer {
  readonly status: number
  readonly challenge: string | null
  readonly retryAfter: string | null
  // biome-ignore lint/suspicious/noExplicitAny: JSON from a server, looked at member by member.
  readonly body: any
}

/** A small administration API behind the real guard, over the stores and keys of a deployment: it answers with its caller. */
export async function startProbe(deployment: Deployment) {
  const refused: RefusedCall[] = []
  const { publicUrl, tenant, storage, clock, keyRing } = deployment
  const callers = createCallers({
    publicUrl,
    tenant,
    apps: storage.apps,
    keys: async () => (await keyRing.current()).keys,
    clock: () => clock.at,
  })
  const guard = guardCalls({
    callers,
    publicUrl,
    clock: () => clock.at,
    face: (res, { status, message }) => void res.json({ error: { status, message } }),
    refused: (event) => void refused.push(event),
  })
  const tellCaller: RequestHandler = (_req, res) => void res.json(callerOf(res))
  const app = express()
  app.use(requestIds(systemRandom))
  app.all('/v1.0/users{/:id}', guard.callerByMethod('User'), tellCaller)
  app.all('/v1.0/domains', guard.callerByMethod('Domain'), tellCaller)
  app.get('/v1.0/either', guard.callerWith('Domain.Read.All', 'User.Read.All'), tellCaller)
  app.all('/scim/v2/Users', guard.callerWith('Scim.Provision'), tellCaller)
  app.get('/unguarded', tellCaller)
  app.use(
    ((_error, _req, res, _next) =>
      void res.status(500).json({})) satisfies express.ErrorRequestHandler,
  )
  const server = createServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    origin: `http://127.0.0.1:${port}`,
    /** Of every refusal what the log was told. */
    refused,
    reasons: () => refused.map(({ reason }) => reason),

    /** Calls with a bearer token; an array sends several Authorization headers as they are. */
    call(
      path: string,
      bearer: string | readonly string[] | null,
      method = 'GET',
    ): Promise<ProbeAnswer> {
      const values =
        bearer === null ? [] : typeof bearer === 'string' ? [`Bearer ${bearer}`] : bearer
      const headers = ['Host', 'localhost', ...values.flatMap((value) => ['Authorization', value])]
      return new Promise((resolve, reject) => {
        const sent = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
          let text = ''
          answer.setEncoding('utf8')
          answer.on('data', (piece: string) => {
            text += piece
          })
          answer.on('end', () => {
            resolve({
              status: answer.statusCode ?? 0,
              challenge: answer.headers['www-authenticate'] ?? null,
              retryAfter: answer.headers['retry-after'] ?? null,
              body: text === '' ? null : JSON.parse(text),
            })
          })
        })
        sent.on('error', reject)
        sent.end()
      })
    },

    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

export type CallerProbe = Awaited<ReturnType<typeof startProbe>>
