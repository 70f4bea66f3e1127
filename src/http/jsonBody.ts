import type { IncomingMessage } from 'node:http'
import { refuse } from '../aadsts/reasons.ts'

/** Why a body cannot be taken. */
export type BodyFault = 'contentType' | 'tooLarge' | 'notJson' | 'notObject'

/** A body that is no JSON object of the allowed size. Its sender is told `expected`. */
export class BodyError extends Error {
  override readonly name = 'BodyError'
  readonly fault: BodyFault
  readonly expected: string
  readonly actual: string

  constructor(fault: BodyFault, expected: string, actual: string) {
    super(`expected ${expected}, got ${actual}`)
    this.fault = fault
    this.expected = expected
    this.actual = actual
  }
}

/**
 * Reads a JSON body of at most `limit` bytes that is one object, as a Map of its members, so that no name from outside is ever looked
 * up on a plain object. `types` are the media types that are taken. Throws BodyError.
 */
export async function readJsonObject(
  req: IncomingMessage,
  limit: number,
  types: readonly string[] = ['application/json'],
): Promise<ReadonlyMap<string, unknown>> {
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type === undefined || !types.includes(type)) {
    const actual = type?.slice(0, 200) ?? 'no Content-Type'
    throw new BodyError('contentType', `Content-Type ${types.join(' or ')}`, actual)
  }
  const value = parsed(await bytesOf(req, limit))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BodyError('notObject', 'a JSON object', Array.isArray(value) ? 'array' : typeof value)
  }
  return new Map(Object.entries(value))
}

/** As `readJsonObject`, for the endpoints of the sign-in: refuses with `requestMalformed`. */
export async function readJson(
  req: IncomingMessage,
  limit: number,
): Promise<ReadonlyMap<string, unknown>> {
  try {
    return await readJsonObject(req, limit)
  } catch (error) {
    if (!(error instanceof BodyError)) throw error
    const { expected, actual } = error
    return refuse('requestMalformed', { expected, actual })
  }
}

async function bytesOf(req: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => new BodyError('tooLarge', `a body of at most ${limit} bytes`, 'more')
  if (Number(req.headers['content-length'] ?? 0) > limit) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new BodyError('notJson', 'JSON in UTF-8', 'something else')
  }
}
