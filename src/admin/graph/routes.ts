import type { Call } from './call.ts'
import { badRequest, GraphError, quoted } from './error.ts'
import * as domains from './operations/domains.ts'
import * as federations from './operations/federations.ts'
import * as groups from './operations/groups.ts'
import * as users from './operations/users.ts'
import type { GraphAnswer, GraphCaller, GraphParts, GraphRequest, GraphRole } from './ports.ts'
import { graphErrorOf } from './problems.ts'

type Operation = (call: Call) => Promise<GraphAnswer>

/** What a path can be asked, by method, and for whom. */
export interface Route {
  readonly area: 'User' | 'Domain' | 'Group'
  readonly methods: Readonly<Record<string, Operation>>
}

/** Every path below `/v1.0` but `$batch`. A part that begins with a colon is a name for what stands there; others win over it. */
const routes: Readonly<Record<string, Route>> = {
  domains: route('Domain', { GET: domains.listDomains, POST: domains.postDomain }),
  'domains/:domain': route('Domain', {
    GET: domains.getDomain,
    PATCH: domains.patchDomain,
    DELETE: domains.removeDomain,
  }),
  'domains/:domain/verify': route('Domain', { POST: domains.verifyDomain }),
  'domains/:domain/promote': route('Domain', { POST: domains.promoteDomain }),
  'domains/:domain/verificationDnsRecords': route('Domain', {
    GET: domains.listVerificationRecords,
  }),
  'domains/:domain/serviceConfigurationRecords': route('Domain', {
    GET: domains.listServiceRecords,
  }),
  'domains/:domain/rootDomain': route('Domain', { GET: domains.getRootDomain }),
  // What it shows is users, with whatever is selected of them.
  'domains/:domain/domainNameReferences': route('User', { GET: domains.listNameReferences }),
  'domains/:domain/federationConfiguration': route('Domain', {
    GET: federations.listFederations,
    POST: federations.postFederation,
  }),
  'domains/:domain/federationConfiguration/:federation': route('Domain', {
    GET: federations.getFederation,
    PATCH: federations.patchFederation,
    DELETE: federations.removeFederation,
  }),
  users: route('User', { GET: users.listUsers, POST: users.postUser }),
  'users/$count': route('User', { GET: users.countUsers }),
  'users/:user': route('User', {
    GET: users.getUser,
    PATCH: users.patchUser,
    DELETE: users.removeUser,
  }),
  'users/:user/memberOf': route('Group', { GET: groups.listMemberOf }),
  groups: route('Group', { GET: groups.listGroups, POST: groups.postGroup }),
  'groups/$count': route('Group', { GET: groups.countGroups }),
  'groups/:group': route('Group', {
    GET: groups.getGroup,
    PATCH: groups.patchGroup,
    DELETE: groups.removeGroup,
  }),
  'groups/:group/members': route('Group', { GET: groups.listMembers }),
  'groups/:group/members/$ref': route('Group', { POST: groups.addMember }),
  'groups/:group/members/:user/$ref': route('Group', { DELETE: groups.removeMember }),
}

function route(area: Route['area'], methods: Route['methods']): Route {
  return { area, methods }
}

const table = Object.entries(routes).map(([path, each]) => ({ ...each, parts: path.split('/') }))

/** An operation that a request asks for, and what its caller must be. */
export interface Asked {
  readonly role: GraphRole
  readonly run: Operation
  readonly params: Readonly<Record<string, string>>
}

/**
 * What a request asks for. HEAD is GET, whose body is not sent. Names of collections and actions may be written in any case, and actions
 * with their namespace (`microsoft.graph.verify`), as Graph's generated clients do. Throws 404 and 405.
 */
export function askedOf({ method, path }: Pick<GraphRequest, 'method' | 'path'>): Asked {
  const segments = segmentsOf(path)
  const fitting = table.filter(({ parts }) => fits(parts, segments))
  const literal = (parts: readonly string[]) => parts.filter((part) => !part.startsWith(':')).length
  const [found] = fitting.sort((a, b) => literal(b.parts) - literal(a.parts))
  if (found === undefined) {
    const message = `Resource not found for the segment '${quoted(segments.at(-1) ?? '')}'.`
    throw new GraphError(404, 'Request_ResourceNotFound', message)
  }
  const { methods, area, parts } = found
  const verb = method === 'HEAD' ? 'GET' : method
  const run = Object.hasOwn(methods, verb) ? methods[verb] : undefined
  if (run === undefined) {
    const message = 'Specified HTTP method is not allowed for the request target.'
    const headers = { Allow: Object.keys(methods).join(', ') }
    throw new GraphError(405, 'Request_BadRequest', message, { headers })
  }
  const names = parts.flatMap((part, index) =>
    part.startsWith(':') ? [[part.slice(1), segments[index] ?? '']] : [],
  )
  const role = `${area}.${verb === 'GET' ? 'Read' : 'ReadWrite'}.All` as const
  return { role, run, params: Object.fromEntries(names) }
}

/** Carries out one request of a caller. Throws GraphError, 403 among them; whatever else it throws is no fault of the caller. */
export async function answerOf(
  parts: GraphParts,
  caller: GraphCaller,
  request: GraphRequest,
): Promise<GraphAnswer> {
  const { role, run, params } = askedOf(request)
  if (!caller.mayCall(role)) {
    const message = 'Insufficient privileges to complete the operation.'
    throw new GraphError(403, 'Authorization_RequestDenied', message)
  }
  try {
    return await run({ parts, caller, request, params })
  } catch (error) {
    throw graphErrorOf(error) ?? error
  }
}

/** The parts of a path, decoded. */
function segmentsOf(path: string): readonly string[] {
  try {
    return path
      .replace(/^\/|\/$/g, '')
      .split('/')
      .map((segment) => decodeURIComponent(segment))
  } catch {
    return badRequest('path', 'The path is not percent-encoded UTF-8.')
  }
}

function fits(parts: readonly string[], segments: readonly string[]): boolean {
  return (
    parts.length === segments.length &&
    parts.every((part, index) => {
      const segment = segments[index] ?? ''
      if (part.startsWith(':')) return segment !== ''
      return part.toLowerCase() === segment.toLowerCase().replace(/^microsoft\.graph\./, '')
    })
  )
}
