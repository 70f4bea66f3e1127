import { badRequest, GraphError, quoted } from './error.ts'
import type { GraphAnswer, GraphRequest } from './ports.ts'

/** Requests of a batch, as in Graph. */
export const mostRequests = 20

/** A request inside a batch. */
interface Part {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: unknown
  readonly dependsOn: readonly string[]
}

export interface PartAnswer {
  readonly id: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE']

/**
 * `POST /$batch` (OData JSON format 4.01 section 19): carries out each request as if it came alone, one after the other in the order given,
 * and those that depend on others after them. A request whose dependency failed is not tried (424). Answers stand in the order of the
 * requests. Throws 400 for a batch that cannot be read, with nothing done.
 *
 * `answer` carries out one request, and never rejects for what the caller did.
 */
export async function batchAnswer(
  batch: ReadonlyMap<string, unknown>,
  answer: (request: GraphRequest) => Promise<GraphAnswer>,
): Promise<GraphAnswer> {
  const parts = partsOf(batch)
  const answers = new Map<string, PartAnswer>()
  for (const part of inOrder(parts)) {
    const failed = part.dependsOn.some((id) => (answers.get(id)?.status ?? 500) >= 400)
    const given = failed ? failedDependency() : await answer(requestOf(part))
    answers.set(part.id, partAnswer(part.id, given))
  }
  const responses = parts.map(({ id }) => answers.get(id))
  return { status: 200, headers: {}, body: { responses } }
}

function partsOf(batch: ReadonlyMap<string, unknown>): readonly Part[] {
  const stranger = [...batch.keys()].find((name) => name !== 'requests')
  if (stranger !== undefined)
    badRequest('requests', `A batch has the member requests, and no ${quoted(stranger)}.`)
  const requests = batch.get('requests')
  if (!Array.isArray(requests) || requests.length === 0) {
    return badRequest('requests', `A batch needs 1 to ${mostRequests} requests.`)
  }
  if (requests.length > mostRequests) {
    badRequest(
      'requests',
      `The batch has ${requests.length} requests; ${mostRequests} are the most.`,
    )
  }
  const parts = requests.map(readPart)
  const ids = new Set<string>()
  for (const { id } of parts) {
    if (ids.has(id)) badRequest('id', `The id ${quoted(id)} is there twice in the batch.`)
    ids.add(id)
  }
  for (const { id, dependsOn } of parts) {
    const unknown = dependsOn.find((each) => !ids.has(each) || each === id)
    if (unknown !== undefined)
      badRequest(
        'dependsOn',
        `Request ${quoted(id)} depends on ${quoted(unknown)}, which is no other request of the batch.`,
      )
  }
  return parts
}

function readPart(given: unknown, index: number): Part {
  const where = `Request ${index + 1} of the batch`
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return badRequest('requests', `${where} is no object.`)
  }
  const members = new Map(Object.entries(given))
  const stranger = [...members.keys()].find((name) => !partMembers.includes(name))
  if (stranger !== undefined)
    badRequest('requests', `${where} has the member ${quoted(stranger)}, which is not known.`)
  const { id, method, url } = {
    id: members.get('id'),
    method: members.get('method'),
    url: members.get('url'),
  }
  if (typeof id !== 'string' || id === '' || id.length > 128)
    badRequest('id', `${where} needs an id, a text.`)
  if (typeof method !== 'string' || !methods.includes(method.toUpperCase())) {
    badRequest('method', `${where} needs a method: ${methods.join(', ')}.`)
  }
  if (typeof url !== 'string' || url.length > 16_384)
    badRequest('url', `${where} needs a url, such as /users/alice@customer.com.`)
  const [path = '', query = ''] = splitUrl(url)
  if (!/^\/?[^/:?#\s][^:?#\s]*$/.test(path)) {
    badRequest(
      'url',
      `The url of ${where.toLowerCase()} must be relative to /v1.0, such as /users/alice@customer.com.`,
    )
  }
  if (/^\/?\$batch\/?$/i.test(path))
    badRequest('url', `${where} is a batch itself; that is not supported.`)
  return {
    id,
    method: method.toUpperCase(),
    path: path.startsWith('/') ? path : `/${path}`,
    query,
    headers: headersOf(members.get('headers'), where),
    body: members.get('body') ?? null,
    dependsOn: dependenciesOf(members.get('dependsOn'), where),
  }
}
const partMembers = ['id', 'method', 'url', 'headers', 'body', 'dependsOn']

function splitUrl(url: string): readonly [path: string, query: string] {
  const mark = url.indexOf('?')
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}

function headersOf(given: unknown, where: string): ReadonlyMap<string, string> {
  if (given === undefined || given === null) return new Map()
  const entries = typeof given === 'object' && !Array.isArray(given) ? Object.entries(given) : null
  if (entries === null || entries.some(([, value]) => typeof value !== 'string')) {
    return badRequest('headers', `${where} has headers that are no object of texts.`)
  }
  return new Map(entries.map(([name, value]) => [name.toLowerCase(), String(value)]))
}

function dependenciesOf(given: unknown, where: string): readonly string[] {
  if (given === undefined || given === null) return []
  if (
    Array.isArray(given) &&
    given.length <= mostRequests &&
    given.every((each) => typeof each === 'string')
  ) {
    return given
  }
  return badRequest('dependsOn', `${where} has a dependsOn that is no list of ids.`)
}

/** Each after what it depends on; otherwise as they are given. Throws 400 for a circle. */
function inOrder(parts: readonly Part[]): readonly Part[] {
  const done = new Set<string>()
  const order: Part[] = []
  let rest = parts
  while (rest.length > 0) {
    const next = rest.find(({ dependsOn }) => dependsOn.every((id) => done.has(id)))
    if (next === undefined)
      return badRequest('dependsOn', 'The requests of the batch depend on each other in a circle.')
    done.add(next.id)
    order.push(next)
    rest = rest.filter((each) => each !== next)
  }
  return order
}

/** The caller is the batch's: an Authorization header inside it is not looked at. */
function requestOf({ method, path, query, headers, body }: Part): GraphRequest {
  return {
    method,
    path,
    query,
    ifMatch: headers.get('if-match') ?? null,
    ifNoneMatch: headers.get('if-none-match') ?? null,
    body: async () => {
      if (body === null) return null
      const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
      if (type !== 'application/json') {
        throw new GraphError(
          415,
          'Request_UnsupportedMediaType',
          'A request with a body needs the header Content-Type: application/json.',
        )
      }
      if (typeof body !== 'object' || Array.isArray(body))
        return badRequest('body', 'The body must be a JSON object.')
      return new Map(Object.entries(body))
    },
  }
}

function failedDependency(): GraphAnswer {
  const body = {
    error: { code: 'FailedDependency', message: 'A request that this one depends on has failed.' },
  }
  return { status: 424, headers: {}, body }
}

function partAnswer(id: string, { status, headers, body }: GraphAnswer): PartAnswer {
  if (body === null) return { id, status, headers }
  const type = typeof body === 'string' ? 'text/plain' : 'application/json'
  return { id, status, headers: { ...headers, 'Content-Type': type }, body }
}
