import { type Interventions, intervene } from '../interventions.ts'
import type { ResponseSpec } from '../response.ts'
import { ns } from '../xml.ts'
import { FaultUnavailable } from './fault.ts'

/** A change of XML as text. */
export type Edit = (xml: string) => string

/**
 * Replaces the first occurrence of a text. A fault that changes nothing would pass for one that is refused by accident, so it is
 * FaultUnavailable when the text does not occur.
 */
export function replaced(what: string, by: string): Edit {
  return (xml) => {
    const at = xml.indexOf(what)
    if (at < 0) throw new FaultUnavailable(`no ${what} in the response: this fault needs one`)
    return xml.slice(0, at) + by + xml.slice(at + what.length)
  }
}

/** As `replaced`, for the last occurrence. */
export function lastReplaced(what: string, by: string): Edit {
  return (xml) => {
    const at = xml.lastIndexOf(what)
    if (at < 0) throw new FaultUnavailable(`no ${what} in the response: this fault needs one`)
    return xml.slice(0, at) + by + xml.slice(at + what.length)
  }
}

/** As `replaced`, for the first match of a pattern, which `by` gets with its groups. */
export function rewritten(what: RegExp, by: (match: string, ...groups: string[]) => string): Edit {
  return (xml) => {
    if (!what.test(xml))
      throw new FaultUnavailable(`nothing like ${what} in the response: this fault needs it`)
    return xml.replace(what, by)
  }
}

export const insertedBefore = (what: string, addition: string): Edit =>
  replaced(what, addition + what)

export const insertedAfter = (what: string, addition: string): Edit =>
  replaced(what, what + addition)

/** One edit after the other. */
export function inOrder(...edits: readonly Edit[]): Edit {
  return (xml) => edits.reduce((changed, edit) => edit(changed), xml)
}

/** The `before` of a fault that reaches in between the steps of signing. */
export function reachingIn(
  interventions: Interventions,
  signed: 'both' | 'assertion' | 'response' = 'both',
): (spec: ResponseSpec) => ResponseSpec {
  return (spec) => intervene({ ...spec, signed }, interventions)
}

/** The `before` of a fault in the text of assertions, genuinely signed. */
export const inAssertion = (edit: Edit) => reachingIn({ assertion: edit })

/** The `before` of a fault in the text of the Response around the assertion, genuinely signed. */
export const inResponse = (edit: Edit) => reachingIn({ response: edit })

/** The first element of a qualified name in a text, start tag to end tag; it must have content, and none of its own name inside. */
export function elementText(xml: string, name: string): string {
  const found = new RegExp(`<${name}[ >].*?</${name}>`, 's').exec(xml)
  if (!found) throw new FaultUnavailable(`no ${name} in the response: this fault needs one`)
  return found[0]
}

/** An assertion's text as a forger's: without signature, with another ID and another NameID. */
export function forgedText(assertion: string, id: string, nameId: string): string {
  return inOrder(
    (xml) => xml.replace(/<ds:Signature .*?<\/ds:Signature>/s, ''),
    rewritten(/ ID="[^"]*"/, () => ` ID="${id}"`),
    rewritten(/(<saml2:NameID[^>]*>)[^<]*/, (_all, start) => start + nameId),
  )(assertion)
}

/** The ID of the first element that has one. */
export function idIn(xml: string): string {
  const found = / ID="([^"]*)"/.exec(xml)
  if (!found?.[1]) throw new FaultUnavailable('no ID in the response: this fault needs one')
  return found[1]
}

/** The start tag's namespace declaration of XML Signature, for signatures that are made of text. */
export const withDs = `xmlns:ds="${ns.ds}"`
