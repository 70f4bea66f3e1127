import { expect } from 'chai'
import { hasIt, mustMatch, tagOfContent, tagOfTime } from '../../src/admin/graph/etag.ts'
import {
  readCount,
  readOptions,
  readOrder,
  readSelect,
  readTop,
} from '../../src/admin/graph/options.ts'
import { positionOf, skipTokenOf } from '../../src/admin/graph/position.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { sealer } from '../../src/lib/seal.ts'
import { refusalOf } from './refusal.ts'

const all = ['$select', '$filter', '$top', '$orderby', '$count', '$skipToken'] as const
const read = (query: string) => readOptions(query, all)

describe('query options', () => {
  it('are read with or without $, in any case', () => {
    expect([...read('$Top=5&select=id&%24skiptoken=a%20b')]).to.deep.equal([
      ['$top', '5'],
      ['$select', 'id'],
      ['$skipToken', 'a b'],
    ])
  })

  it('leave a correlation id alone', () => {
    expect(read('client-request-id=x').size).to.equal(0)
  })

  const refused: readonly (readonly [query: string, code: string, named: string])[] = [
    ['$top=1&top=2', 'Request_BadRequest', '$top'],
    ['$expand=manager', 'Request_UnsupportedQuery', '$expand'],
    ['$search=%22a%22', 'Request_UnsupportedQuery', '$search'],
    ['$skip=5', 'Request_UnsupportedQuery', '$skip'],
    ['$filtr=a', 'Request_UnsupportedQuery', '$filter'],
    ['limit=5', 'Request_UnsupportedQuery', 'limit'],
    ['__proto__=5', 'Request_UnsupportedQuery', '__proto__'],
  ]
  for (const [query, code, named] of refused) {
    it(`refuses ${query} by name`, () => {
      const refusal = refusalOf(() => read(query))
      expect(refusal.code).to.equal(code)
      expect(refusal.message).to.contain(named)
    })
  }

  it('refuses an option that the resource has not', () => {
    const { code, message } = refusalOf(() => readOptions('$filter=a', ['$select']))
    expect(code).to.equal('Request_UnsupportedQuery')
    expect(message).to.contain('$filter').and.to.contain('$select')
  })

  it('$top is 1 to 999', () => {
    expect(readTop(read(''), 100)).to.equal(100)
    expect(['1', '999'].map((top) => readTop(read(`$top=${top}`), 100))).to.deep.equal([1, 999])
    for (const top of ['0', '1000', '-1', '1.5', '1e2', '', 'all', ' 5']) {
      const { code, details } = refusalOf(() => readTop(read(`$top=${top}`), 100))
      expect([code, details[0]?.target], top).to.deep.equal(['Request_BadRequest', '$top'])
    }
  })

  it('$count is true or false', () => {
    expect(['', '$count=false', '$count=true'].map((q) => readCount(read(q)))).to.deep.equal([
      false,
      false,
      true,
    ])
    expect(refusalOf(() => readCount(read('$count=1'))).code).to.equal('Request_BadRequest')
  })

  it('$orderby is one property with a direction', () => {
    const order = (text: string) =>
      readOrder(read(`$orderby=${text}`), ['userPrincipalName', 'displayName'] as const)
    expect(readOrder(read(''), ['displayName'])).to.equal(null)
    expect(order('DisplayName')).to.deep.equal({ property: 'displayName', descending: false })
    expect(order('userPrincipalName desc')?.descending).to.equal(true)
    for (const text of [
      'mail',
      'displayName up',
      'displayName asc, mail',
      'displayName,mail',
      '',
    ]) {
      const { code } = refusalOf(() => order(text))
      expect(code, text).to.equal('Request_UnsupportedQuery')
    }
  })

  it('$select names properties of the resource, each once', () => {
    const select = (text: string) => readSelect(read(`$select=${text}`), 'user', ['id', 'mail'])
    expect(readSelect(read(''), 'user', ['id'])).to.equal(null)
    expect(select('Mail, ID,mail')).to.deep.equal(['mail', 'id'])
    expect(refusalOf(() => select('id,maill')).message).to.contain('Is mail meant?')
    for (const text of ['*', 'id,', '', 'password', 'constructor']) {
      expect(refusalOf(() => select(text)).details[0]?.target, text).to.equal('$select')
    }
  })
})

describe('$skipToken', () => {
  const positions = sealer(Buffer.alloc(32, 7), 'page positions', systemRandom)
  const position = { order: 'onPremisesImmutableId', value: 'q2w3e4r5==', id: 'id-1' }

  it('is the position again, for the same list', () => {
    const token = skipTokenOf(position, 'list', positions)
    expect(positionOf(token, 'list', positions)).to.deep.equal(position)
  })

  it('shows nothing of what it holds', () => {
    const token = skipTokenOf(position, 'list', positions)
    const bytes = Buffer.from(token.slice(2), 'base64url').toString('latin1')
    for (const secret of ['q2w3', 'id-1', 'onPremises']) {
      expect(token).not.to.contain(secret)
      expect(bytes).not.to.contain(secret)
    }
  })

  it('is refused for another list, with another key, changed, or made up', () => {
    const token = skipTokenOf(position, 'list', positions)
    const others = sealer(Buffer.alloc(32, 8), 'page positions', systemRandom)
    const changed = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`
    const attempts = [
      () => positionOf(token, 'another list', positions),
      () => positionOf(token, 'list', others),
      () => positionOf(changed, 'list', positions),
      () => positionOf('', 'list', positions),
      () => positionOf(JSON.stringify(position), 'list', positions),
      () => positionOf('1.'.padEnd(5000, 'A'), 'list', positions),
    ]
    for (const attempt of attempts) {
      const { status, details } = refusalOf(attempt)
      expect([status, details[0]?.target]).to.deep.equal([400, '$skipToken'])
    }
  })
})

describe('entity tags', () => {
  const tag = tagOfTime({ lastModifiedDateTime: 1_768_469_400_000 })

  it('are weak, and change with the time or the content', () => {
    expect(tag).to.match(/^W\/"[a-z0-9]+"$/)
    expect(tagOfTime({ lastModifiedDateTime: 1_768_469_400_001 })).not.to.equal(tag)
    expect(tagOfContent({ a: 1 })).to.equal(tagOfContent({ a: 1 }))
    expect(tagOfContent({ a: 1 })).not.to.equal(tagOfContent({ a: 2 }))
  })

  it('let a change pass whose If-Match names the tag, in a list, weak or strong, or as *', () => {
    for (const condition of [null, '*', tag, tag.slice(2), `"x", ${tag}`]) {
      expect(() => mustMatch(condition, tag)).not.to.throw()
    }
  })

  it('refuse with 412 a change from an older state', () => {
    for (const condition of ['"x"', '', 'W/"x", "y"', tag.replace('W/', 'w/')]) {
      const { status, code } = refusalOf(() => mustMatch(condition, tag))
      expect([status, code]).to.deep.equal([412, 'Request_PreconditionFailed'])
    }
  })

  it('tell who has it already', () => {
    expect([null, '"x"', tag, '*'].map((each) => hasIt(each, tag))).to.deep.equal([
      false,
      false,
      true,
      true,
    ])
  })
})
