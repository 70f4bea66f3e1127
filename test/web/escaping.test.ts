import { globSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import * as pages from '../../src/web/pages.ts'
import { skeleton, unescaped } from './html.ts'
import { pagesOf } from './pagesOf.ts'
import * as samples from './samples.ts'

const fragments = [
  '<script>',
  '</script>',
  '</title>',
  '<x-hostile>',
  '"',
  "'",
  '>',
  '<!--',
  '-->',
  '&lt;',
  '&#x3c;',
  ' onload=x ',
  '`',
  '<%= it %>',
  'javascript:',
  '\u0000',
  '\u202e',
  '\ud800',
  'a',
]
const hostile = fc.oneof(
  fc
    .array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 8 })
    .map((all) => all.join('')),
  fc.string({ unit: 'binary', minLength: 1 }),
)

describe('pages with hostile values', () => {
  for (const [name, make] of Object.entries(pagesOf)) {
    it(`adds no tag and no attribute to the page "${name}", whatever the texts of its model`, () => {
      const harmless = skeleton(make('x'))
      fc.assert(
        fc.property(hostile, (text) => {
          expect(skeleton(make(text))).to.deep.equal(harmless)
        }),
        { numRuns: 60 },
      )
    })
  }

  it('shows each value as it is, once the browser has taken the escaping away', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(unescaped(pages.notFoundPage({ path: text }))).to.include(`<bdi>${text}</bdi>`)
        expect(unescaped(pages.emailPage({ ...samples.email, value: text }))).to.include(
          `value="${text}"`,
        )
      }),
    )
  })

  it('carries a SAML message to the identity provider byte for byte', () => {
    const page = pages.sendToIdpPage({
      ...samples.send,
      fields: [['RelayState', 'a"b&amp;<c>\'+/=']],
    })
    expect(page).to.include(
      '<input type="hidden" name="RelayState" value="a&quot;b&amp;amp;&lt;c&gt;&#39;+/=">',
    )
  })
})

describe('templates', () => {
  const sources = new Map(
    globSync('src/web/templates/*.eta').map((file) => [file, readFileSync(file, 'utf8')]),
  )

  it('write nothing raw but the page body and its second block, in the layout', () => {
    expect(sources.size).to.be.greaterThan(8)
    for (const [file, source] of sources) {
      const raw = [...source.matchAll(/<%~\s*(.*?)\s*%>/g)].map(([, what]) => what)
      expect(raw, file).to.deep.equal(
        file.endsWith('layout.eta') ? ['it.body', "block('after')"] : [],
      )
    }
  })

  it('quote every attribute value', () => {
    for (const [file, source] of sources) {
      expect([...source.matchAll(/\w=<%/g)], file).to.deep.equal([])
      const markup = source.replaceAll(/<%.*?%>/gs, 'value').replaceAll(/="[^"]*"/g, '')
      expect([...markup.matchAll(/<[a-z][^>]*=/g)], file).to.deep.equal([])
    }
  })
})
