import type { Fault } from './fault.ts'
import { idIn, insertedAfter, lastReplaced, reachingIn, rewritten } from './text.ts'

const group = 'IDs'

/** Another element poses as the signed assertion, by an attribute that some library takes for an ID. */
function polluted(name: string, title: string, attribute: (id: string) => string): Fault {
  return {
    name,
    title,
    group,
    twin: 'assertion-signed',
    before: (spec) => ({ ...spec, signed: 'assertion' }),
    after: (xml) => {
      const assertion = xml.slice(xml.indexOf('<saml2:Assertion'))
      return insertedAfter('<saml2p:Status', ` ${attribute(idIn(assertion))}`)(xml)
    },
  }
}

/** What a reference by ID could be led astray by. */
export const idFaults: readonly Fault[] = [
  polluted('id-polluted', 'The assertion’s ID on another element too', (id) => `ID="${id}"`),
  polluted(
    'id-polluted-capital',
    'The assertion’s ID as Id on another element',
    (id) => `Id="${id}"`,
  ),
  polluted(
    'id-polluted-small',
    'The assertion’s ID as id on another element',
    (id) => `id="${id}"`,
  ),
  polluted(
    'id-polluted-xml',
    'The assertion’s ID as xml:id on another element',
    (id) => `xml:id="${id}"`,
  ),
  polluted(
    'id-polluted-prefixed',
    'The assertion’s ID as x:ID on another element',
    (id) => `xmlns:x="urn:example:x" x:ID="${id}"`,
  ),
  polluted(
    'id-polluted-assertion-id',
    'The assertion’s ID as AssertionID of SAML 1.1 on another element',
    (id) => `AssertionID="${id}"`,
  ),
  {
    name: 'id-same-for-both',
    title: 'Response and assertion with one ID',
    group,
    before: (spec) => ({
      ...spec,
      assertions: spec.assertions.map((assertion) => ({ ...assertion, id: spec.id })),
    }),
  },
  {
    name: 'id-begins-with-digit',
    title: 'An ID that is no NCName',
    group,
    before: (spec) => ({ ...spec, id: '0day' }),
  },
  {
    name: 'id-missing-in-assertion',
    title: 'An assertion without ID, in a signed Response',
    group,
    twin: 'response-signed',
    before: reachingIn({ assertion: rewritten(/ ID="[^"]*"/, () => '') }, 'response'),
  },
  {
    name: 'id-missing-in-response',
    title: 'A Response without ID',
    group,
    twin: 'assertion-signed',
    before: reachingIn({ response: rewritten(/ ID="[^"]*"/, () => '') }, 'assertion'),
  },
  {
    name: 'id-decoy-with-signature',
    title: 'A forged assertion with ID and signature of the signed one, after it',
    group,
    twin: 'assertion-signed',
    before: (spec) => ({ ...spec, signed: 'assertion' }),
    after: (xml, { forgedNameId }) => {
      const assertion = xml.slice(
        xml.indexOf('<saml2:Assertion'),
        xml.indexOf('</saml2p:Response>'),
      )
      const forged = rewritten(/(<saml2:NameID[^>]*>)[^<]*/, (_all, start) => start + forgedNameId)
      return lastReplaced('</saml2p:Response>', `${forged(assertion)}</saml2p:Response>`)(xml)
    },
  },
]
