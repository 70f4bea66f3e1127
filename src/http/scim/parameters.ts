import { isArray, type ScimObject, type ScimValue } from '../../admin/scim/json.ts'
import type { ListRequest } from '../../admin/scim/list.ts'
import { urns } from '../../admin/scim/names.ts'
import { mustHaveSchema } from '../../admin/scim/schemasOf.ts'
import { bad } from '../../admin/scim/scimError.ts'

/** The parameters of a list or an answer (RFC 7644 sections 3.4.2, 3.9), from a query. Throws ScimError for one that stands twice. */
export function readParameters(originalUrl: string): ListRequest {
  const start = originalUrl.indexOf('?')
  const query = new URLSearchParams(start < 0 ? '' : originalUrl.slice(start + 1))
  const text = (name: string): string | null => {
    const [value, ...more] = query.getAll(name)
    if (more.length > 0) bad('invalidValue', `${name}: it stands twice in the query.`)
    return value ?? null
  }
  const names = (name: string) => namesIn(text(name))
  return {
    filter: text('filter'),
    sortBy: text('sortBy'),
    sortOrder: text('sortOrder'),
    startIndex: wholeNumber('startIndex', text('startIndex')),
    count: wholeNumber('count', text('count')),
    cursor: text('cursor'),
    attributes: names('attributes'),
    excludedAttributes: names('excludedAttributes'),
  }
}

/** The same from the body of `POST .search` (RFC 7644 section 3.4.3). Throws ScimError. */
export function readSearchRequest(body: ScimObject): ListRequest {
  mustHaveSchema(body, urns.searchRequest)
  const text = (name: string): string | null => {
    const value = body.get(name.toLowerCase()) ?? null
    return value === null || typeof value === 'string'
      ? value
      : bad('invalidValue', `${name}: it must be a text.`)
  }
  const number = (name: string): number | null => {
    const value = body.get(name.toLowerCase()) ?? null
    return value === null || (typeof value === 'number' && Number.isSafeInteger(value))
      ? value
      : bad('invalidValue', `${name}: it must be a whole number.`)
  }
  const names = (name: string) => namesInList(name, body.get(name.toLowerCase()) ?? null)
  return {
    filter: text('filter'),
    sortBy: text('sortBy'),
    sortOrder: text('sortOrder'),
    startIndex: number('startIndex'),
    count: number('count'),
    cursor: text('cursor'),
    attributes: names('attributes'),
    excludedAttributes: names('excludedAttributes'),
  }
}

/** The entity tags of `If-Match` or `If-None-Match` (RFC 9110 section 13.1); null when the header was not sent. */
export function readEntityTags(header: string | undefined): readonly string[] | null {
  if (header === undefined) return null
  return header
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}

function wholeNumber(name: string, text: string | null): number | null {
  if (text === null) return null
  if (/^-?\d{1,9}$/.test(text)) return Number(text)
  return bad('invalidValue', `${name}: it must be a whole number.`)
}

function namesIn(text: string | null): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function namesInList(name: string, value: ScimValue): readonly string[] {
  if (value === null) return []
  const names = isArray(value) ? value : [value]
  return names.flatMap((each) =>
    typeof each === 'string' ? namesIn(each) : bad('invalidValue', `${name}: a list of texts.`),
  )
}
