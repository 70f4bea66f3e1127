import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { assetCacheControl, assets } from '../../src/web/assets.ts'
import { contentSecurityPolicy } from '../../src/web/headers.ts'

/** What the server answers with: a page, and where its forms may go. */
export interface Served {
  readonly html: string
  readonly formAction?: readonly string[]
  readonly status?: number
  /** Answers with a redirect (302) instead. */
  readonly redirect?: string
}

/** A request as it came. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly body: string
}

export interface PageServer {
  readonly origin: string
  /** Every request but those for assets, in order. */
  readonly received: Received[]
  /** Missing assets that were asked for. */
  readonly missing: string[]
  close(): Promise<void>
}

/** Serves pages with their policy, and the assets, on a free port of 127.0.0.1. */
export async function servePages(
  answer: (request: Received) => Served | undefined,
): Promise<PageServer> {
  const received: Received[] = []
  const missing: string[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (url.pathname.startsWith('/assets/')) {
      const asset = assets.get(url.pathname.slice('/assets/'.length))
      if (!asset) {
        missing.push(url.pathname)
        response.writeHead(404).end()
        return
      }
      response.writeHead(200, {
        'content-type': asset.contentType,
        'cache-control': assetCacheControl(asset, url.searchParams.get('v')),
        'x-content-type-options': 'nosniff',
      })
      response.end(asset.body)
      return
    }
    const got = { method: request.method ?? '', url: request.url ?? '', body: await text(request) }
    received.push(got)
    const served = answer(got)
    if (served?.redirect !== undefined) {
      response.writeHead(302, { location: served.redirect }).end()
      return
    }
    response.writeHead(served?.status ?? (served ? 200 : 404), {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': contentSecurityPolicy({
        formAction: served?.formAction ?? ["'self'"],
      }),
    })
    response.end(served?.html ?? '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    missing,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function text(request: IncomingMessage): Promise<string> {
  let body = ''
  request.setEncoding('utf8')
  for await (const chunk of request) body += chunk
  return body
}
