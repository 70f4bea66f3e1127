import { certificateThumbprint } from '../../../directory/certificateThumbprint.ts'
import { forbid } from '../../../directory/directoryError.ts'
import { recorded } from '../../../directory/domainHistory.ts'
import { manage } from '../../../directory/domainLifecycle.ts'
import { federateWithin, settingNames } from '../../../directory/federations.ts'
import type { DirectoryStore } from '../../../directory/ports.ts'
import type { Domain, Federation } from '../../../directory/types.ts'
import { newGuid } from '../../../lib/ids.ts'
import { isOwnHost } from '../../../lib/loopback.ts'
import { mustHaveNoBreakGlass } from '../../passwords.ts'
import { readBody, refuseAll } from '../body.ts'
import { actOf, bodyOf, type Call, entityAnswer, noContent, param, selecting } from '../call.ts'
import { badRequest, notFound } from '../error.ts'
import { mustMatch } from '../etag.ts'
import { readOptions, readSelect } from '../options.ts'
import type { GraphAnswer } from '../ports.ts'
import { conflict } from '../problems.ts'
import {
  type FederationValues,
  federationForm,
  federationProperties,
  federationResource,
  federationTag,
  federationValues,
} from '../resources/federation.ts'
import { domainInPath, plainList } from './domains.ts'

/** `GET /domains/{id}/federationConfiguration`: none or one. */
export async function listFederations(call: Call): Promise<GraphAnswer> {
  const select = selected(call)
  const { domain } = await domainInPath(call)
  const federation = await federationOf(call.parts.store, domain)
  const all = federation === null ? [] : [federation]
  return plainList(
    call,
    selecting(setOf(domain), select),
    all.map((each) => ({
      '@odata.etag': federationTag(each),
      ...federationResource(each, select),
    })),
  )
}

/** `GET /domains/{id}/federationConfiguration/{id}` */
export async function getFederation(call: Call): Promise<GraphAnswer> {
  const select = selected(call)
  const { domain, federation } = await federationInPath(call)
  return federationAnswer(call, domain, federation, select)
}

/**
 * `POST /domains/{id}/federationConfiguration`: 201, and the domain is federated. An issuer that another federation here has is taken when
 * nothing of that federation would change: then the domain joins it.
 */
export async function postFederation(call: Call): Promise<GraphAnswer> {
  const { store, random, passwords } = call.parts
  const body = readBody(await bodyOf(call), federationForm)
  const missing = required.filter((name) => body[name] === undefined)
  refuseAll(
    missing.map((target) => ({
      target,
      code: 'InvalidValue',
      message: `A value is required for property '${target}' of resource 'internalDomainFederation'.`,
    })),
    missing.map(() => 'valueRequired'),
  )
  const {
    issuerUri = '',
    passiveSignInUri = '',
    signingCertificate = '',
    ...values
  } = federationValues(body)
  mustLeadElsewhere(values, null)
  const federating = { ...values, issuerUri, passiveSignInUri, signingCertificate }
  mustHaveKeysOfItsOwn(federating, call)
  const { result } = await recorded(store, 'federate', actOf(call), async (tx) => {
    const { domain } = await domainInPath(call, {}, tx)
    if ((await federationOf(tx, domain)) !== null) {
      badRequest('federationConfiguration', 'Domain already has Federation Configuration set')
    }
    const input = { ...federating, domains: [domain.id] }
    const managed = (await tx.domains()).filter((each) => each.authenticationType === 'Managed')
    const change = await federateWithin(tx, input, () => newGuid(random))
    const { after, before, changes, addedDomains } = change
    if (before !== null && changes.length > 0) issuerTaken(before)
    const leaving = managed.map(({ id }) => id).filter((id) => addedDomains.includes(id))
    await mustHaveNoBreakGlass(tx, passwords, leaving)
    return { domain, federation: after }
  })
  const { domain, federation } = result
  const path = `/domains/${domain.id}/federationConfiguration/${federation.id}`
  return federationAnswer(call, domain, federation, null, path)
}

/** `PATCH /domains/{id}/federationConfiguration/{id}`: 204, for every domain that the federation serves. */
export async function patchFederation(call: Call): Promise<GraphAnswer> {
  const values = federationValues(readBody(await bodyOf(call), federationForm))
  mustHaveKeysOfItsOwn(values, call)
  await recorded(call.parts.store, 'federate', actOf(call), async (tx) => {
    const { federation } = await federationInPath(call, tx)
    mustMatch(call.request.ifMatch, federationTag(federation))
    mustLeadElsewhere(values, federation)
    const { issuerUri } = values
    const namesake = issuerUri === undefined ? null : await tx.federationByIssuer(issuerUri)
    if (namesake !== null && namesake.id !== federation.id) issuerTaken(namesake)
    const domains = (await tx.domainsOf(federation.id)).map(({ id }) => id)
    const input = { ...settingsOf(federation), ...values, domains }
    return federateWithin(tx, input, () => federation.id)
  })
  return noContent
}

/** `DELETE /domains/{id}/federationConfiguration/{id}`: 204, and the domain is managed. */
export async function removeFederation(call: Call): Promise<GraphAnswer> {
  await recorded(call.parts.store, 'manage', actOf(call), async (tx) => {
    const { domain, federation } = await federationInPath(call, tx)
    mustMatch(call.request.ifMatch, federationTag(federation))
    return manage(tx, [domain.id])
  })
  return noContent
}

const required = ['issuerUri', 'passiveSignInUri', 'signingCertificate'] as const

/** All that can be set of a federation, as it is. */
function settingsOf(federation: Federation): Pick<Federation, (typeof settingNames)[number]> {
  const names: ReadonlySet<string> = new Set(settingNames)
  const settings = Object.entries(federation).filter(([name]) => names.has(name))
  return Object.fromEntries(settings) as ReturnType<typeof settingsOf>
}

/** The server itself asks this address, again and again: an app does not point it at the machine that it runs on. */
function mustLeadElsewhere(
  { metadataExchangeUri: uri }: FederationValues,
  before: Federation | null,
): void {
  if (!uri || uri === before?.metadataExchangeUri) return
  const host = URL.parse(uri)?.hostname ?? ''
  if (!isOwnHost(host)) return
  const message = `The host ${host.slice(0, 120)} is the server itself. An app names metadata elsewhere; the command line may name it here (homerealm domains federate --metadata).`
  forbid('uriMalformed', 'metadataExchangeUri', message)
}

/** Whoever has the private key of a certificate signs in as anybody. */
function mustHaveKeysOfItsOwn(values: FederationValues, { parts }: Call): void {
  for (const property of ['signingCertificate', 'nextSigningCertificate'] as const) {
    const base64 = values[property]
    if (!base64 || !parts.refusedCertificates?.has(certificateThumbprint(base64))) continue
    const message =
      'Its private key is published with homerealm, for tests: anybody could sign in as anybody. Take the certificate of your own identity provider.'
    forbid('certificateMalformed', property, message)
  }
}

function issuerTaken({ displayName }: Federation): never {
  const message = `The federation ${displayName} has this issuerUri already, with other settings. Change that one, or send the settings that it has to join it.`
  throw conflict('issuerUri', message, ['issuerTaken'])
}

async function federationOf(store: DirectoryStore, domain: Domain): Promise<Federation | null> {
  return domain.federationId === null ? null : store.federation(domain.federationId)
}

/** Throws 404 for a domain that is not there, or whose federation is another. */
async function federationInPath(
  call: Call,
  store: DirectoryStore = call.parts.store,
): Promise<{ readonly domain: Domain; readonly federation: Federation }> {
  const { domain } = await domainInPath(call, {}, store)
  const federation = await federationOf(store, domain)
  const asked = param(call, 'federation')
  if (federation === null || federation.id !== asked.toLowerCase()) return notFound(asked)
  return { domain, federation }
}

function selected(call: Call): readonly string[] | null {
  const options = readOptions(call.request.query, ['$select'])
  return readSelect(options, 'internalDomainFederation', federationProperties)
}

function setOf({ id }: Domain): string {
  return `domains('${id}')/federationConfiguration`
}

function federationAnswer(
  call: Call,
  domain: Domain,
  federation: Federation,
  select: readonly string[] | null,
  createdAt?: string,
): GraphAnswer {
  return entityAnswer(call, {
    set: setOf(domain),
    select,
    tag: federationTag(federation),
    properties: federationResource(federation, select),
    createdAt,
  })
}
