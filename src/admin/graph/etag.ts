import { createHash } from 'node:crypto'
import { GraphError } from './error.ts'

/** The weak entity tag of a record whose `lastModifiedDateTime` goes forward with every change of it (RFC 9110 section 8.8.3). */
export function tagOfTime({
  lastModifiedDateTime,
}: {
  readonly lastModifiedDateTime: number
}): string {
  return `W/"${lastModifiedDateTime.toString(36)}"`
}

/** The weak entity tag of a record without such a time: from all that is in it. */
export function tagOfContent(record: object): string {
  const digest = createHash('sha256').update(JSON.stringify(record)).digest('base64url')
  return `W/"${digest.slice(0, 22)}"`
}

/**
 * Throws 412 unless the record is still as the client saw it. Weak tags count, as in OData (OData protocol 4.01 section 8.2.4): what a
 * client sends back is what it was given. Null is no condition.
 */
export function mustMatch(ifMatch: string | null, tag: string): void {
  if (ifMatch === null || isNamed(ifMatch, tag)) return
  throw new GraphError(
    412,
    'Request_PreconditionFailed',
    'The resource has changed since it was read: its ETag is not the one in If-Match. Read it again.',
  )
}

/** Whether a client that sent this If-None-Match has the record as it is. */
export function hasIt(ifNoneMatch: string | null, tag: string): boolean {
  return ifNoneMatch !== null && isNamed(ifNoneMatch, tag)
}

/** `*`, or one of a list of tags; strong or weak makes no difference. */
function isNamed(condition: string, tag: string): boolean {
  if (condition.trim() === '*') return true
  const opaque = (each: string) => each.trim().replace(/^W\//, '')
  return condition.split(',').some((each) => opaque(each) === opaque(tag))
}
