import { expect } from 'chai'
import fc from 'fast-check'
import { isFromElsewhere, journeyFields, journeyFrom } from '../../src/http/journey.ts'

const origin = 'https://login.example.test'
/** Where a browser goes for a Location or a link with this value. */
const target = (returnTo: string) => new URL(journeyFrom(returnTo, null).returnTo, origin).origin

describe('where a sign-in goes on to', () => {
  const hostile = [
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    '/%0d%0aLocation:%20https://evil.example',
    '/%5cevil.example',
    '/%2fevil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/\u2215/evil.example',
    '/\uff0fevil.example',
    '/\u3002evil.example',
    '/@evil.example',
    'https:evil.example',
    'https:/evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.example',
    '.evil.example',
    '@evil.example',
    ':@evil.example',
    '?//evil.example',
    '#//evil.example',
    '',
  ]
  for (const each of hostile) {
    it(`is on this server for ${JSON.stringify(each)}`, () => {
      expect(target(each)).to.equal(origin)
    })
  }

  it('is on this server, whatever was sent', () => {
    const pieces = fc.constantFrom('/', '\\', '.', '@', ':', '%2f', '%5c', '\t', '\n', 'evil', '?')
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces).map((each) => each.join('')),
    )
    fc.assert(
      fc.property(texts, (sent) => target(sent) === origin && target(`/${sent}`) === origin),
      { numRuns: 2000 },
    )
  })

  it('stays what it was along the pages', () => {
    const journey = journeyFrom('/a/b?c=%5c&d#e', 'required')
    const fields = new Map(journeyFields(journey))
    expect(journeyFrom(fields.get('return_to') ?? null, fields.get('mfa') ?? null)).to.deep.equal(
      journey,
    )
    expect(journey.returnTo).to.equal('/a/b?c=%5c&d#e')
  })
})

describe('a form from elsewhere', () => {
  const sent = (headers: Record<string, string>) =>
    isFromElsewhere({ get: (name: string) => headers[name] } as never, origin)

  const foreign: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', origin },
    { 'sec-fetch-site': '' },
    { origin: 'null' },
    { origin: 'https://evil.example' },
    { origin: `${origin}.evil.example` },
    { origin: 'http://login.example.test' },
    { origin: `${origin}:8443` },
  ]
  for (const headers of foreign) {
    it(`is told by ${JSON.stringify(headers)}`, () => expect(sent(headers)).to.equal(true))
  }
  for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin }, {}]) {
    it(`is not told by ${JSON.stringify(headers)}`, () => expect(sent(headers)).to.equal(false))
  }
})
