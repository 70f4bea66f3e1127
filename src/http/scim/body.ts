import type { IncomingMessage } from 'node:http'
import { limits } from '../../admin/scim/names.ts'
import { bad } from '../../admin/scim/scimError.ts'

/** A refusal that is about the message and not its meaning. */
export class BodyError extends Error {
  override readonly name = 'BodyError'
  readonly status: 413 | 415

  constructor(status: 413 | 415, message: string) {
    super(message)
    this.status = status
  }
}

const mediaTypes: readonly string[] = ['application/scim+json', 'application/json']

/**
 * The text of a body in UTF-8, at most `limits.payload` bytes of it. Throws BodyError for another media type (RFC 7644 section 3.1) or too
 * much of it, ScimError `invalidSyntax` for bytes that are no UTF-8.
 */
export async function readBodyText(req: IncomingMessage): Promise<string> {
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type === undefined || !mediaTypes.includes(type)) {
    throw new BodyError(415, 'Content-Type: it must be application/scim+json or application/json.')
  }
  const encoding = req.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw new BodyError(415, 'The body must not be compressed.')
  const tooLarge = () => new BodyError(413, `The body may have ${limits.payload} bytes at most.`)
  if (Number(req.headers['content-length'] ?? 0) > limits.payload) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limits.payload) throw tooLarge()
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    return bad('invalidSyntax', 'The body is no UTF-8.')
  }
}
