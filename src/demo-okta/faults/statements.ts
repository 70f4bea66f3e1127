import { element } from '../xml.ts'
import { assertions, conditions, confirmations, type Fault, FaultUnavailable } from './fault.ts'
import { elementText, inAssertion, insertedAfter, insertedBefore, rewritten } from './text.ts'

const group = 'Conditions and confirmation'

function audiences(
  name: string,
  title: string,
  change: (ours: string) => readonly string[],
): Fault {
  return {
    name,
    title,
    group,
    before: (spec, { facts }) => {
      const changed = change(facts.audience)
      if (changed.length === 1 && changed[0] === facts.audience) {
        throw new FaultUnavailable(`The audience ${facts.audience} is the same that way.`)
      }
      return assertions((it) => conditions(it, { audiences: changed }))(spec)
    },
  }
}

/** An element of the assertion a second time, right after the first. */
function twice(name: string, title: string, what: string): Fault {
  const edit = (xml: string) => insertedAfter(`</${what}>`, elementText(xml, what))(xml)
  return { name, title, group, before: inAssertion(edit) }
}

const restriction = (audience: string) =>
  element('saml2:AudienceRestriction', {}, element('saml2:Audience', {}, audience))

/** What the assertion says besides who it is about. */
export const statementFaults: readonly Fault[] = [
  audiences('audience-missing', 'No AudienceRestriction', () => []),
  audiences('audience-empty', 'An empty audience', () => ['']),
  audiences('audience-trailing-slash', 'Audience with a slash too many', (ours) => [`${ours}/`]),
  audiences('audience-lower-case', 'Audience in lower case', (ours) => [ours.toLowerCase()]),
  audiences('audience-white-space', 'Audience with white space around it', (ours) => [
    ` ${ours}\n`,
  ]),
  audiences('audience-prefix', 'An audience that begins like ours', (ours) => [
    `${ours}.example.org`,
  ]),
  audiences('audience-list', 'Two audiences in one element', (ours) => [`${ours} urn:other`]),
  {
    name: 'audience-second-restriction',
    title: 'A second AudienceRestriction without us',
    group,
    before: inAssertion(
      insertedAfter('</saml2:AudienceRestriction>', restriction('https://sp.other.example')),
    ),
  },
  {
    name: 'audience-restriction-empty',
    title: 'A second AudienceRestriction without any audience',
    group,
    before: inAssertion(
      insertedAfter('</saml2:AudienceRestriction>', '<saml2:AudienceRestriction/>'),
    ),
  },
  {
    name: 'conditions-missing',
    title: 'No Conditions',
    group,
    before: assertions(() => ({ conditions: null })),
  },
  twice('conditions-two', 'Conditions twice', 'saml2:Conditions'),
  {
    name: 'condition-foreign',
    title: 'A condition of a foreign namespace',
    group,
    before: assertions((it) =>
      conditions(it, { further: '<x:OnlyOnSundays xmlns:x="urn:example:conditions"/>' }),
    ),
  },
  twice('subject-two', 'Subject twice', 'saml2:Subject'),
  {
    name: 'subject-missing',
    title: 'No Subject',
    group,
    before: inAssertion(rewritten(/<saml2:Subject>.*<\/saml2:Subject>/, () => '')),
  },
  {
    name: 'confirmation-missing',
    title: 'No SubjectConfirmation',
    group,
    before: assertions(() => ({ confirmations: [] })),
  },
  twice('confirmation-two', 'SubjectConfirmation twice', 'saml2:SubjectConfirmation'),
  {
    name: 'confirmation-data-missing',
    title: 'No SubjectConfirmationData',
    group,
    before: inAssertion(rewritten(/<saml2:SubjectConfirmationData[^>]*\/>/, () => '')),
  },
  {
    name: 'confirmation-not-before',
    title: 'SubjectConfirmationData with NotBefore',
    group,
    before: inAssertion(
      insertedAfter('<saml2:SubjectConfirmationData', ' NotBefore="2026-01-01T00:00:00Z"'),
    ),
  },
  {
    name: 'sender-vouches',
    title: 'Subject confirmation "sender vouches"',
    group,
    before: assertions((it) =>
      confirmations(it, { method: 'urn:oasis:names:tc:SAML:2.0:cm:sender-vouches' }),
    ),
  },
  {
    name: 'confirmation-method-missing',
    title: 'SubjectConfirmation without Method',
    group,
    before: inAssertion(
      rewritten(/(<saml2:SubjectConfirmation) Method="[^"]*"/, (_all, start = '') => start),
    ),
  },
  {
    name: 'recipient-missing',
    title: 'No Recipient',
    group: 'Addresses',
    before: assertions((it) => confirmations(it, { recipient: null })),
  },
  {
    name: 'recipient-other-tenant',
    title: 'Recipient of another tenant of this server',
    group: 'Addresses',
    before: (spec, { facts }) => {
      const tenant = '00000000-0000-4000-8000-00000000abcd'
      const recipient = `${new URL(facts.acs).origin}/${tenant}/saml2`
      return assertions((it) => confirmations(it, { recipient }))(spec)
    },
  },
  {
    name: 'recipient-http',
    title: 'Recipient with http in place of https',
    group: 'Addresses',
    before: (spec, { facts }) => {
      const recipient = facts.acs.startsWith('https:')
        ? facts.acs.replace('https:', 'http:')
        : facts.acs.replace('http:', 'https:')
      return assertions((it) => confirmations(it, { recipient }))(spec)
    },
  },
  twice('authn-statement-two', 'AuthnStatement twice', 'saml2:AuthnStatement'),
  {
    name: 'authn-instant-missing',
    title: 'AuthnStatement without AuthnInstant',
    group,
    before: inAssertion(rewritten(/ AuthnInstant="[^"]*"/, () => '')),
  },
  {
    name: 'authz-statement-only',
    title: 'An AuthzDecisionStatement in place of the AuthnStatement',
    group,
    before: inAssertion(
      rewritten(
        /<saml2:AuthnStatement.*<\/saml2:AuthnStatement>/,
        () => '<saml2:AuthzDecisionStatement Resource="urn:everything" Decision="Permit"/>',
      ),
    ),
  },
  {
    name: 'advice-assertion',
    title: 'A second assertion in Advice, not signed for itself',
    group,
    before: inAssertion((xml) => {
      const inner = xml
        .replace(/ ID="[^"]*"/, ' ID="idOfTheAdvice"')
        .replace(/(<saml2:NameID[^>]*>)[^<]*/, '$1somebody-else')
      return insertedBefore('<saml2:AuthnStatement', `<saml2:Advice>${inner}</saml2:Advice>`)(xml)
    }),
  },
]
