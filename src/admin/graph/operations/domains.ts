import { recorded } from '../../../directory/domainHistory.ts'
import { manage, promote, removeDomains } from '../../../directory/domainLifecycle.ts'
import { addDomain, setDefaultDomainWithin } from '../../../directory/domains.ts'
import { type DomainTree, domainTree } from '../../../directory/domainTree.ts'
import {
  markVerified,
  newVerificationCode,
  verifiableDomain,
} from '../../../directory/ownership.ts'
import type { DirectoryStore } from '../../../directory/ports.ts'
import type { Domain } from '../../../directory/types.ts'
import { normalizeDomain } from '../../../directory/upn.ts'
import { judgeTxtAnswers } from '../../domains/txtAnswers.ts'
import { readBody } from '../body.ts'
import {
  actOf,
  bodyOf,
  type Call,
  contextOf,
  entityAnswer,
  noContent,
  param,
  selecting,
} from '../call.ts'
import { badRequest, GraphError, notFound } from '../error.ts'
import { mustMatch } from '../etag.ts'
import { wholeList } from '../list.ts'
import { readOptions, readSelect } from '../options.ts'
import type { GraphAnswer } from '../ports.ts'
import {
  domainForm,
  domainProperties,
  domainResource,
  domainTag,
  newDomainForm,
  type PlacedDomain,
  placed,
  verificationRecord,
} from '../resources/domain.ts'
import { listUserReferences } from './users.ts'

/** `GET /domains` */
export async function listDomains(call: Call): Promise<GraphAnswer> {
  const { store } = call.parts
  const tree = await domainTree(store)
  const domains = (await store.domains()).map((domain) => placed(domain, tree))
  return wholeList(call, domains, {
    resource: 'domain',
    properties: domainProperties,
    key: ({ domain }) => domain.id,
    fragment: (select) => selecting('domains', select),
    shape: (each, select) => ({ '@odata.etag': domainTag(each), ...domainResource(each, select) }),
  })
}

/** `GET /domains/{id}` */
export async function getDomain(call: Call): Promise<GraphAnswer> {
  const select = selected(call)
  const { domain, tree } = await domainInPath(call)
  return domainAnswer(call, placed(domain, tree), select)
}

/** `POST /domains`: 201, not verified unless a domain above it is. */
export async function postDomain(call: Call): Promise<GraphAnswer> {
  const { store, random } = call.parts
  const { id } = readBody(await bodyOf(call), newDomainForm)
  if (id === undefined)
    badRequest('id', "A value is required for property 'id' of resource 'Domain'.", 'valueRequired')
  const record = { ...actOf(call), code: newVerificationCode(random) }
  const domain = await addDomain(store, id, { isVerified: false, record })
  const tree = await domainTree(store)
  return domainAnswer(call, placed(domain, tree), null, `/domains/${domain.id}`)
}

/**
 * `PATCH /domains/{id}`: 204. What holds already is no change: a domain is federated by its federationConfiguration, and the PATCH that
 * setup guides send after it finds nothing to do.
 */
export async function patchDomain(call: Call): Promise<GraphAnswer> {
  const { store } = call.parts
  const { authenticationType, isDefault } = readBody(await bodyOf(call), domainForm)
  const { domain } = await domainInPath(call, { isVerified: true, ifMatch: true })
  if (isDefault === false && domain.isDefault) {
    badRequest(
      'isDefault',
      `${domain.id} is the default domain. Make another one the default in its place.`,
    )
  }
  if (authenticationType === 'Federated' && domain.authenticationType === 'Managed') {
    const message = `${domain.id} has no federation. Create it: POST /v1.0/domains/${domain.id}/federationConfiguration, which federates the domain at once.`
    badRequest('authenticationType', message)
  }
  const leaves = authenticationType === 'Managed' && domain.authenticationType === 'Federated'
  if (leaves) {
    await recorded(store, 'manage', actOf(call), async (tx) => {
      await domainInPath(call, { ifMatch: true }, tx)
      return manage(tx, [domain.id])
    })
  }
  if (isDefault === true && !domain.isDefault) {
    await recorded(store, 'default', actOf(call), async (tx) => {
      // After the change above it is another state than the one that the client saw.
      await domainInPath(call, { ifMatch: !leaves }, tx)
      return setDefaultDomainWithin(tx, domain.id)
    })
  }
  return noContent
}

/** `DELETE /domains/{id}`: 204. */
export async function removeDomain(call: Call): Promise<GraphAnswer> {
  await recorded(call.parts.store, 'remove', actOf(call), async (tx) => {
    const { domain } = await domainInPath(call, { ifMatch: true }, tx)
    return removeDomains(tx, [domain.id])
  })
  return noContent
}

/** `POST /domains/{id}/verify`: 200 with the domain, once its TXT record is at every name server that answers. */
export async function verifyDomain(call: Call): Promise<GraphAnswer> {
  const { store, random, lookUpTxt } = call.parts
  const { domain: present } = await domainInPath(call)
  if (present.isVerified) badRequest('isVerified', `${present.id} is verified already.`)
  const { ownership } = await verifiableDomain(store, present.id, random)
  const { problem, message } = judgeTxtAnswers(
    present.id,
    ownership.code,
    await lookUpTxt(present.id),
  )
  if (problem !== null) {
    const details = [{ target: 'verificationDnsRecords', code: problem, message }]
    const summary = `Domain verification failed. ${message}`
    throw new GraphError(400, 'Request_BadRequest', summary, { details })
  }
  await markVerified(store, present.id, 'dns', { ...actOf(call), random })
  const { domain, tree } = await domainInPath(call)
  return domainAnswer(call, placed(domain, tree), null)
}

/** `GET /domains/{id}/verificationDnsRecords` */
export async function listVerificationRecords(call: Call): Promise<GraphAnswer> {
  readOptions(call.request.query, [])
  const { parts } = call
  const { domain } = await domainInPath(call)
  const { ownership } = await verifiableDomain(parts.store, domain.id, parts.random)
  return plainList(call, `domains('${domain.id}')/verificationDnsRecords`, [
    verificationRecord(ownership),
  ])
}

/** `GET /domains/{id}/serviceConfigurationRecords`: there is no service here that needs any. */
export async function listServiceRecords(call: Call): Promise<GraphAnswer> {
  readOptions(call.request.query, [])
  const { domain } = await domainInPath(call)
  return plainList(call, `domains('${domain.id}')/serviceConfigurationRecords`, [])
}

/** `POST /domains/{id}/promote`: 200, true. */
export async function promoteDomain(call: Call): Promise<GraphAnswer> {
  const { store, random } = call.parts
  await recorded(store, 'promote', actOf(call), async (tx) => {
    const { domain } = await domainInPath(call, {}, tx)
    return promote(tx, domain.id, random)
  })
  const body = { '@odata.context': contextOf(call, 'Edm.Boolean'), value: true }
  return { status: 200, headers: {}, body }
}

/** `GET /domains/{id}/rootDomain`: the domain that it has its sign-in from; itself when it is a root. */
export async function getRootDomain(call: Call): Promise<GraphAnswer> {
  const select = selected(call)
  const { domain, tree } = await domainInPath(call)
  return domainAnswer(call, placed(tree.rootOf(domain), tree), select)
}

/** `GET /domains/{id}/domainNameReferences`: the users of the domain, without those of its subdomains. */
export async function listNameReferences(call: Call): Promise<GraphAnswer> {
  const { domain } = await domainInPath(call)
  return listUserReferences(call, {
    op: 'endsWith',
    property: 'userPrincipalName',
    value: `@${domain.id}`,
  })
}

/** The domain in the path and its place. Throws 404; 412 when it must match, and 400 `domainNotVerified` when it must be. */
export async function domainInPath(
  call: Call,
  must: { readonly isVerified?: boolean; readonly ifMatch?: boolean } = {},
  store: DirectoryStore = call.parts.store,
): Promise<{ readonly domain: Domain; readonly tree: DomainTree }> {
  const asked = param(call, 'domain')
  const id = normalizeDomain(asked)
  const domain = id === null ? null : await store.domain(id)
  if (domain === null) return notFound(asked)
  const tree = await domainTree(store)
  if (must.ifMatch) mustMatch(call.request.ifMatch, domainTag(placed(domain, tree)))
  if (must.isVerified && !domain.isVerified) {
    const message = `${domain.id} is not verified: verify it first.`
    badRequest('isVerified', message, 'domainNotVerified')
  }
  return { domain, tree }
}

export function plainList(call: Call, fragment: string, value: readonly object[]): GraphAnswer {
  const body = { '@odata.context': contextOf(call, fragment), value }
  return { status: 200, headers: {}, body }
}

function selected(call: Call): readonly string[] | null {
  return readSelect(readOptions(call.request.query, ['$select']), 'domain', domainProperties)
}

function domainAnswer(
  call: Call,
  domain: PlacedDomain,
  select: readonly string[] | null,
  createdAt?: string,
): GraphAnswer {
  return entityAnswer(call, {
    set: 'domains',
    select,
    tag: domainTag(domain),
    properties: domainResource(domain, select),
    createdAt,
  })
}
