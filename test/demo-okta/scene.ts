import { randomBytes } from 'node:crypto'
import { DOMParser, type Element, XMLSerializer } from '@xmldom/xmldom'
import { SignedXml } from 'xml-crypto'
import { type FaultScene, faults, forgeResponse } from '../../src/demo-okta/faults/index.ts'
import type { DemoOktaUser, SignInFacts } from '../../src/demo-okta/honest.ts'
import { type IdpKey, makeIdpKey } from '../../src/demo-okta/keys.ts'
import { ns } from '../../src/demo-okta/xml.ts'

// One pair of keys for all tests: making one takes a while.
export const key: IdpKey = await makeIdpKey({ now: Date.now() })
export const foreignKey: IdpKey = await makeIdpKey({ now: Date.now(), commonName: 'somebody-else' })

export const alice: DemoOktaUser = {
  login: 'alice@customer.com',
  nameId: 'q2w3E4r5T6y7U8i9O0p+/w==',
  firstName: 'Alice',
  lastName: 'Ångström & <Co>',
  email: 'alice@customer.com',
  groups: ['Sales'],
}
export const bob: DemoOktaUser = {
  login: 'Bob@customer.com',
  nameId: 'B0bB0bB0bB0bB0bB0bB0bA==',
  firstName: 'Bob',
  lastName: 'Bauer',
  email: 'bob@customer.com',
}

export const issuer = 'http://www.okta.com/exkdemo1'
export const acs = 'http://localhost:3000/9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11/saml2'
export const audience = 'urn:federation:MicrosoftOnline'
export const requestId = '_1f0e7c52-3c1b-4a6e-9a52-0c6f3f6f2b11'
/** The certificate is valid from the start of the run; node-saml judges by the machine's clock. */
export const now = Date.now()

export function facts(overrides: Partial<SignInFacts> = {}): SignInFacts {
  return {
    now,
    responseId: 'id100000000000000000001',
    assertionId: 'id100000000000000000002',
    issuer,
    acs,
    audience,
    inResponseTo: requestId,
    user: alice,
    key,
    ...overrides,
  }
}

export function scene(overrides: Partial<FaultScene> = {}): FaultScene {
  return {
    facts: facts(),
    forgedNameId: bob.nameId,
    foreignKey: async () => foreignKey,
    newId: () => `id${BigInt(`0x01${randomBytes(8).toString('hex')}`)}`,
    previous: null,
    ...overrides,
  }
}

/** The honest response, spoilt by faults of those names. */
export function forge(names: readonly string[], overrides?: Partial<FaultScene>): Promise<string> {
  const applied = names.map((name) => {
    const fault = faults.get(name)
    if (!fault) throw new Error(`no fault ${name}`)
    return fault
  })
  return forgeResponse(applied, scene(overrides))
}

/** Parses what must be well-formed, and gives its root. */
export function parse(xml: string): Element {
  const root = new DOMParser({
    onError: (_level, message) => {
      throw new Error(message)
    },
  }).parseFromString(xml, 'text/xml').documentElement
  if (!root) throw new Error('no root')
  return root
}

export function all(root: Element, name: string): Element[] {
  return Array.from(root.getElementsByTagNameNS('*', name))
}

/** The first element of that name; fails the test when there is none. */
export function one(root: Element, name: string): Element {
  const found = all(root, name)[0]
  if (!found) throw new Error(`no element ${name}`)
  return found
}

export function text(root: Element, name: string): string {
  return one(root, name).textContent ?? ''
}

export function childNames(element: Element): string[] {
  return Array.from(element.childNodes, (child) => child.nodeName)
}

export interface Checked {
  readonly holds: boolean
  /** What the signature covers, when it holds. */
  readonly bytes: string
  readonly algorithm: string
  /** What xml-crypto said; empty when it holds. */
  readonly problem: string
}

/** Each signature of a document, in document order, as xml-crypto judges it. xml-crypto gets text, never our nodes. */
export function checkSignatures(xml: string, certificatePem = key.certificatePem): Checked[] {
  return all(parse(xml), 'Signature')
    .filter((signature) => signature.namespaceURI === ns.ds)
    .map((signature) => {
      const verifier = new SignedXml({ publicCert: certificatePem })
      const algorithm = one(signature, 'SignatureMethod').getAttribute('Algorithm') ?? ''
      try {
        verifier.loadSignature(new XMLSerializer().serializeToString(signature))
        const holds = verifier.checkSignature(xml)
        const problem = verifier
          .getReferences()
          .map((reference) => reference.validationError?.message)
        return {
          holds,
          bytes: verifier.getSignedReferences().join(''),
          algorithm,
          problem: problem.join(''),
        }
      } catch (error) {
        return { holds: false, bytes: '', algorithm, problem: (error as Error).message }
      }
    })
}

export const holds = (xml: string, certificatePem?: string): boolean[] =>
  checkSignatures(xml, certificatePem).map((signature) => signature.holds)

/** What is wrong with each signature, by what xml-crypto says; null when it holds. */
export function problems(xml: string): (string | null)[] {
  return checkSignatures(xml).map((signature) => {
    if (signature.holds) return null
    return signature.problem.includes('calculated digest') ? 'digest' : 'signature value'
  })
}

/** An attribute's xs:dateTime in milliseconds. */
export function time(element: Element, name: string): number {
  return Date.parse(element.getAttribute(name) ?? '')
}

/** What a fault promises. `intact` says that the signatures hold, so that the fault is the only thing wrong. */
export interface FaultPromise {
  readonly intact?: boolean
  readonly check: (root: Element, xml: string) => void
}
