import { expect } from 'chai'
import { catalogue } from '../../src/aadsts/catalogue.ts'
import * as pages from '../../src/web/pages.ts'
import { tags, texts } from './html.ts'
import * as samples from './samples.ts'

const links = (html: string) => tags(html, 'a').map((attributes) => attributes.get('href'))

describe('the pages of the codes', () => {
  it('explain one code to the person, to the administrator of each side, and by reason', () => {
    const html = pages.codePage(samples.code)
    const entry = catalogue[51004]
    expect(texts(html, 'h1')).to.deep.equal(['AADSTS51004'])
    expect(texts(html, 'dd')).to.deep.equal([entry.adminHere, entry.adminThere])
    expect(texts(html, 'p')).to.include.members([entry.symbol, entry.happened, entry.personCan])
    expect(texts(html, 'td')).to.deep.equal([samples.code.reasons[0]?.remedy])
    expect(html).to.include('immutableIdMismatch')
  })

  it('name the coarser code of a finer one', () => {
    const html = pages.codePage({ code: 5000811, entry: catalogue[5000811], reasons: [] })
    expect(links(html)).to.include('/error?code=50008')
    expect(tags(html, 'table')).to.deep.equal([])
  })

  it('list all codes, and say so when the one asked for is unknown', () => {
    const unknown = pages.codeUnknownPage(samples.codes)
    expect(links(unknown)).to.deep.equal(
      samples.codes.codes.map(({ code }) => `/error?code=${code}`),
    )
    expect(unknown).to.include('12345').and.include('role="alert"')
    const all = pages.codeUnknownPage({ ...samples.codes, asked: null })
    expect(texts(all, 'h1')).to.deep.equal(['Error codes'])
    expect(all).not.to.include('role="alert"')
  })
})

describe('the small pages', () => {
  it('lead back to the sign-in', () => {
    const plain = { startUrl: '/signin', leftAt: null, continueUrl: null }
    expect(links(pages.signedOutPage(plain))).to.deep.equal(['/signin'])
    const app = 'https://routty.example/bye'
    const left = pages.signedOutPage({ ...plain, leftAt: 'Okta', continueUrl: app })
    expect(links(left)).to.deep.equal([app, '/signin'])
    expect(left).to.include('perhaps not at <bdi>Okta</bdi>')
    expect(links(pages.notFoundPage({ path: '/x' }))).to.deep.equal(['/signin'])
  })
})
