import { request } from 'node:https'

/** What openid-client asks of a fetch. */
interface Init {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

const LONGEST_ANSWER = 1024 * 1024

/**
 * A fetch that trusts one certificate authority and no other, for https only: the runtime's own knows just those of the machine, or
 * of NODE_EXTRA_CA_CERTS, which is read before any program of ours runs. Follows no redirect.
 * @param ca PEM
 */
export function trustingFetch(ca: string): (url: string, init: Init) => Promise<Response> {
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const sent = request(
        url,
        { method, headers, ca, agent: false, ...(signal && { signal }) },
        (answer) => {
          const chunks: Buffer[] = []
          let length = 0
          answer.on('data', (chunk: Buffer) => {
            length += chunk.length
            if (length > LONGEST_ANSWER) sent.destroy(new Error('the answer is too long'))
            else chunks.push(chunk)
          })
          answer.on('error', reject)
          answer.on('end', () => {
            const { statusCode: status = 502, headersDistinct } = answer
            const pairs = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
              values.map((value): [string, string] => [name, value]),
            )
            const isEmpty = status === 204 || status === 304
            const content = isEmpty ? null : Buffer.concat(chunks)
            resolve(new Response(content, { status, headers: pairs }))
          })
        },
      )
      sent.on('error', reject)
      if (body instanceof URLSearchParams || typeof body === 'string') sent.write(String(body))
      sent.end()
    })
}
