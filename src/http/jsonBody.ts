import type { IncomingMessage } from 'node:http'
import { refuse } from '../aadsts/reasons.ts'

/**
 * Reads an `application/json` body of at most `limit` bytes that is one object, as a Map of its members, so that no name from
 * outside is ever looked up on a plain object. Refuses with `requestMalformed`.
 */
export async function readJson(
  req: IncomingMessage,
  limit: number,
): Promise<ReadonlyMap<string, unknown>> {
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    refuse('requestMalformed', { expected: 'Content-Type application/json', actual: type })
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) {
      refuse('requestMalformed', { expected: `a body of at most ${limit} bytes`, actual: 'more' })
    }
    chunks.push(chunk)
  }
  const value = parsed(Buffer.concat(chunks).toString('utf8'))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse('requestMalformed', { expected: 'a JSON object', actual: typeof value })
  }
  return new Map(Object.entries(value))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    refuse('requestMalformed', { expected: 'JSON', actual: 'text that is none' })
  }
}
