import type { IncomingMessage } from 'node:http'
import { type Reason, refuse } from '../aadsts/reasons.ts'

/** base64 grows by 4/3, and percent-encoding of its `+`, `/`, `=` and line breaks by a quarter at the most. */
export function formLimit(maxMessageBytes: number): number {
  return Math.ceil(((maxMessageBytes * 4) / 3) * 1.25) + 4096
}

/** The reasons for a form that cannot be taken: at the ACS it is the SAML message that is wrong. */
interface FormFaults {
  readonly form: Reason
  readonly size: Reason
}
const samlFormFaults: FormFaults = { form: 'samlResponseMissing', size: 'messageTooLarge' }
export const plainFormFaults: FormFaults = { form: 'requestMalformed', size: 'requestMalformed' }

/**
 * Reads an `application/x-www-form-urlencoded` body of at most `limit` bytes. It does less than Express's parser on purpose: no
 * nested values, no types but text. A body that some parser has read already (an app that mounts the strategy) is taken as
 * that parser left it. Refuses with the reasons in `faults`.
 */
export async function readForm(
  req: IncomingMessage & { body?: unknown },
  limit: number,
  faults: FormFaults = samlFormFaults,
): Promise<FormFields> {
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') {
    refuse(faults.form, {
      expected: 'Content-Type application/x-www-form-urlencoded',
      actual: type?.slice(0, 200) ?? 'no Content-Type',
    })
  }
  if (req.body !== undefined && req.body !== null) return parsedElsewhere(req.body)
  return new URLSearchParams(await readBody(req, limit, faults))
}

/** The body of a form as it was sent, at most `limit` bytes and 32 fields of it. Refuses with the reasons in `faults`. */
export async function readBody(
  req: IncomingMessage,
  limit: number,
  faults: FormFaults = plainFormFaults,
): Promise<string> {
  const declared = Number(req.headers['content-length'] ?? 0)
  if (declared > limit) tooLarge(faults, limit, `${declared} bytes declared`)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) tooLarge(faults, limit, `more than ${limit} bytes`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('latin1')
  // Each field costs, however small: a body of nothing but `a&` would take a third of a second.
  if (text.split('&', MOST_FIELDS + 1).length > MOST_FIELDS) {
    refuse(faults.form, { expected: `at most ${MOST_FIELDS} form fields`, actual: 'more' })
  }
  return text
}

const MOST_FIELDS = 32

export type FormFields = Pick<URLSearchParams, 'getAll'>

/** A field that must be there exactly once. */
export function singleField(form: FormFields, name: string): string {
  const [value, ...more] = form.getAll(name)
  if (value === undefined || value === '' || more.length > 0) {
    refuse('samlResponseMissing', {
      expected: `one form field ${name}`,
      actual: value === undefined ? 'none' : value === '' ? 'an empty one' : `${more.length + 1}`,
    })
  }
  return value
}

/**
 * Only own text values count: extended parsers make arrays and objects of hostile field names. A field that was sent twice is an
 * array of texts; an array of one was made of `SAMLResponse[]`, which is another field.
 */
function parsedElsewhere(body: unknown): FormFields {
  return {
    getAll(name) {
      if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return []
      const value = (body as Record<string, unknown>)[name]
      if (Array.isArray(value)) {
        return value.length > 1 ? value.map((each) => (typeof each === 'string' ? each : '')) : []
      }
      return typeof value === 'string' ? [value] : []
    },
  }
}

function tooLarge(faults: FormFaults, limit: number, actual: string): never {
  refuse(faults.size, { expected: `a body of at most ${limit} bytes`, actual })
}
