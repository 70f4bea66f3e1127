import { refuse } from '../aadsts/reasons.ts'
import { decodeBase64Lines } from './base64.ts'
import { claimedResponse } from './response.ts'
import { responseShape } from './shape.ts'
import type { DecodeResponse, EncodedMessage, MessageLimits } from './types.ts'
import { decodeXml } from './xml/bytes.ts'
import { parseXml } from './xml/parse.ts'

/**
 * From the bytes as they came to a Response that is safe to look at and of which nothing is believed: size, base64, UTF-8, XML,
 * shape, in this order, each bounded before its work (saml-security R1 to R5). Throws Refusal with a SamlReason.
 */
export const decodeResponse: DecodeResponse = (message, limits) => {
  const bytes =
    message.encoding === 'base64' ? fromBase64(message, limits) : fromText(message, limits)
  if (bytes.length > limits.maxBytes) refuseSize(limits, `${bytes.length} bytes`)
  return claimedResponse(responseShape(parseXml(decodeXml(bytes), limits)))
}

/** Longest base64 that can hold a message within limits, a line break (CR LF) after every 60 characters included. */
function maxEncodedLength(maxBytes: number): number {
  const characters = Math.ceil(maxBytes / 3) * 4
  return characters + 2 * Math.ceil(characters / 60)
}

function fromBase64({ body }: EncodedMessage, limits: MessageLimits): Buffer {
  if (body.length > maxEncodedLength(limits.maxBytes))
    refuseSize(limits, `${body.length} characters of base64`)
  const bytes = decodeBase64Lines(body)
  if (bytes === null || bytes.length === 0)
    refuse('notBase64', {
      expected: 'base64 of RFC 4648 section 4, in lines or in one',
      actual: bytes === null ? 'other characters, or wrong padding' : 'nothing',
    })
  return bytes
}

function fromText({ body }: EncodedMessage, limits: MessageLimits): Buffer {
  if (body.length > limits.maxBytes) refuseSize(limits, `${body.length} characters`)
  if (!body.isWellFormed())
    refuse('notUtf8', { expected: 'Unicode text', actual: 'lone surrogates' })
  return Buffer.from(body, 'utf8')
}

function refuseSize({ maxBytes }: MessageLimits, actual: string): never {
  refuse('messageTooLarge', { expected: `at most ${maxBytes} bytes`, actual })
}
