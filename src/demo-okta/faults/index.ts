import { oktaResponse } from '../honest.ts'
import { buildResponse } from '../response.ts'
import { algorithmFaults } from './algorithms.ts'
import { decoyFaults } from './decoys.ts'
import { encodingFaults } from './encoding.ts'
import { encryptionFaults } from './encryption.ts'
import type { Fault, FaultScene } from './fault.ts'
import { identityFaults } from './identity.ts'
import { idFaults } from './ids.ts'
import { keyFaults } from './keys.ts'
import { malformedFaults } from './malformed.ts'
import { markupFaults } from './markup.ts'
import { messageFaults } from './messages.ts'
import { namespaceFaults } from './namespaces.ts'
import { protocolFaults } from './protocol.ts'
import { responseFaults } from './responses.ts'
import { signatureFaults } from './signature.ts'
import { signatureShapeFaults } from './signatureShape.ts'
import { sizeFaults } from './sizes.ts'
import { statementFaults } from './statements.ts'
import { subjectFaults } from './subject.ts'
import { timeFaults } from './times.ts'
import { honestVariants } from './variants.ts'
import { wrappingFaults } from './wrapping.ts'

export {
  type Fault,
  type FaultScene,
  FaultUnavailable,
  faultGroups,
  furtherFaultGroups,
} from './fault.ts'

/** The faults of the demo Okta's menu by name, in its order. */
export const faults = byName([
  ...protocolFaults,
  ...subjectFaults,
  ...signatureFaults,
  ...wrappingFaults,
])

/** Those and all the others, which are many and for `homerealm forge`. Honest variants are among them: they spoil nothing. */
export const allFaults = byName([
  ...honestVariants,
  ...faults.values(),
  ...timeFaults,
  ...responseFaults,
  ...statementFaults,
  ...identityFaults,
  ...idFaults,
  ...keyFaults,
  ...algorithmFaults,
  ...signatureShapeFaults,
  ...decoyFaults,
  ...markupFaults,
  ...malformedFaults,
  ...namespaceFaults,
  ...encodingFaults,
  ...encryptionFaults,
  ...messageFaults,
  ...sizeFaults,
])

function byName(listed: readonly Fault[]): ReadonlyMap<string, Fault> {
  const map = new Map(listed.map((fault) => [fault.name, fault]))
  if (map.size !== listed.length) throw new Error('two faults have one name')
  return map
}

/**
 * The response for `scene.facts` as XML text, spoilt by the given faults: each changes the spec, in order; it is built and
 * signed; each changes the text, in order. With no fault it is the honest response.
 * @throws FaultUnavailable when one cannot be made now (a replay with nothing to replay)
 * @throws Error when two faults do not go together (one spoils a signature that the other took away)
 */
export async function forgeResponse(applied: readonly Fault[], scene: FaultScene): Promise<string> {
  let spec = oktaResponse(scene.facts)
  for (const { before } of applied) {
    if (before) spec = await before(spec, scene)
  }
  let xml = buildResponse(spec)
  for (const { after } of applied) {
    if (after) xml = after(xml, scene)
  }
  return xml
}

/**
 * As `forgeResponse`, in the form it is handed over: XML, or the value of the form field where a fault is in that.
 * @throws Error when two faults are both about the form field
 */
export async function forgeMessage(
  applied: readonly Fault[],
  scene: FaultScene,
): Promise<{ readonly encoding: 'xml' | 'base64'; readonly body: string }> {
  const [posted, ...others] = applied.flatMap((fault) => fault.posted ?? [])
  if (others.length > 0) throw new Error('only one fault can change the form field')
  const xml = await forgeResponse(applied, scene)
  return posted ? { encoding: 'base64', body: posted(xml) } : { encoding: 'xml', body: xml }
}
