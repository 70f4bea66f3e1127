import { expect } from 'chai'
import type { Request, Response } from 'express'
import fc from 'fast-check'
import { idsOf, queryText, requestIds } from '../../src/http/context.ts'

const asking = (originalUrl: string, header?: string) =>
  ({ originalUrl, get: () => header }) as unknown as Request

describe('queryText', () => {
  it('gives a parameter that stands there once, decoded', () => {
    expect(queryText(asking('/signin?login_hint=a%2Bb%40customer.com&x=1'), 'login_hint')).to.equal(
      'a+b@customer.com',
    )
    expect(queryText(asking('/signin?code='), 'code')).to.equal('')
  })

  it('gives null for none, several, and other spellings', () => {
    for (const url of [
      '/signin',
      '/signin?',
      '/?whr=a&whr=b',
      '/?whr[]=a',
      '/?WHR=a',
      '/?x=whr=a',
      '/whr=a',
    ]) {
      expect(queryText(asking(url), 'whr'), url).to.equal(null)
    }
  })

  it('gives null for more than 512 characters', () => {
    expect(queryText(asking(`/?whr=${'x'.repeat(512)}`), 'whr')).to.have.lengthOf(512)
    expect(queryText(asking(`/?whr=${'x'.repeat(513)}`), 'whr')).to.equal(null)
  })

  it('takes any path, also one that is no URL', () => {
    for (const path of ['//', '//:80', '/\\', 'http://[', '*']) {
      expect(queryText(asking(path), 'whr'), path).to.equal(null)
      expect(queryText(asking(`${path}?whr=a`), 'whr'), path).to.equal('a')
    }
    fc.assert(fc.property(fc.string(), (url) => queryText(asking(url), 'whr') !== undefined))
  })
})

describe('requestIds', () => {
  const sentGuid = '9F3C1F9E-7A51-4F0C-9A52-0C6F3F6F2B11'

  function idsFor(req: Request) {
    const headers = new Map<string, string>()
    const setHeader = (name: string, value: string) => headers.set(name, value)
    const res = { locals: {}, setHeader }
    let went = 0
    const random = (count: number) =>
      Buffer.from(Array.from({ length: count }, (_, n) => Math.floor(n / 16) + 1))
    requestIds(random)(req, res as unknown as Response, () => {
      went += 1
    })
    expect(went).to.equal(1)
    return { headers, ids: idsOf(res as unknown as Response) }
  }

  it('gives a Request Id of our own, in a header, and forbids caches', () => {
    const { headers, ids } = idsFor(asking('/'))
    expect(ids.requestId).to.equal('01010101-0101-4101-8101-010101010101')
    expect(ids.correlationId).to.equal('02020202-0202-4202-8202-020202020202')
    expect(headers.get('x-ms-request-id')).to.equal(ids.requestId)
    expect(headers.get('Cache-Control')).to.equal('no-store, no-cache')
    expect(headers.get('Pragma')).to.equal('no-cache')
  })

  it('takes the client’s Correlation Id from header or query, in lower case', () => {
    for (const req of [asking('/', sentGuid), asking(`/?client-request-id=${sentGuid}`)]) {
      expect(idsFor(req).ids.correlationId).to.equal(sentGuid.toLowerCase())
    }
  })

  it('never takes what is no GUID, nor a Request Id from outside', () => {
    for (const req of [asking('/', '<script>'), asking('/?client-request-id=1'), asking('//')]) {
      const { ids } = idsFor(req)
      expect(ids.correlationId).to.equal('02020202-0202-4202-8202-020202020202')
      expect(ids.requestId).to.equal('01010101-0101-4101-8101-010101010101')
    }
  })
})
