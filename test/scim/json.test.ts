import { expect } from 'chai'
import fc from 'fast-check'
import { readScimJson, type ScimValue } from '../../src/admin/scim/json.ts'
import { limits } from '../../src/admin/scim/names.ts'
import { ScimError } from '../../src/admin/scim/scimError.ts'

function refusalOf(text: string): string {
  try {
    readScimJson(text)
  } catch (error) {
    if (error instanceof ScimError) return `${error.scimType}: ${error.message}`
    throw error
  }
  return 'taken'
}

/** As JSON.parse has it, with names in lower case. */
function lowered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowered)
  if (typeof value !== 'object' || value === null) return value
  return new Map(Object.entries(value).map(([name, each]) => [name.toLowerCase(), lowered(each)]))
}

describe('the JSON of a SCIM request', () => {
  const twice = 'invalidSyntax: An object of the body has one name twice.'

  it('is what JSON.parse reads, with names without case', () => {
    const names = fc.constantFrom('a', 'b"\\', '__proto__', 'constructor', '{', ':,')
    const { object } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('object'),
      ),
      object: fc.dictionary(names, tie('value'), { maxKeys: 3 }),
    }))
    fc.assert(
      fc.property(object, (value) => {
        const read: ScimValue = readScimJson(JSON.stringify(value))
        expect(read).to.deep.equal(lowered(JSON.parse(JSON.stringify(value))))
      }),
    )
  })

  it('with one name twice is refused, in whatever case and however it is written', () => {
    expect(refusalOf('{"a":1,"a":1}')).to.equal(twice)
    expect(refusalOf('{"userName":1,"USERNAME":1}')).to.equal(twice)
    expect(refusalOf('{"a":[{"b":{"c":1,"\\u0063":2}}]}')).to.equal(twice)
    expect(refusalOf('{"__proto__":1,"__proto__":2}')).to.equal(twice)
    expect(refusalOf('{"a":{"b":1},"a":{"b":1,"c":2}}')).to.equal(twice)
    expect(refusalOf('{"a":{"b":1},"c":{"b":1}}')).to.equal('taken')
  })

  it('changes no prototype', () => {
    const read = readScimJson('{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}')
    expect([...read.keys()]).to.deep.equal(['__proto__', 'constructor'])
    expect({}).not.to.have.property('polluted')
  })

  it('is refused before it is built when it is nested too deep or has too many values', () => {
    const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    expect(refusalOf(deep(limits.jsonDepth))).to.equal('taken')
    expect(refusalOf(deep(limits.jsonDepth + 1))).to.match(/^invalidSyntax: .* deeper than 12/)
    expect(refusalOf('['.repeat(1_000_000))).to.match(/^invalidSyntax: .* deeper than 12/)
    const many = (count: number) => `{"a":[${'0,'.repeat(count - 1)}0]}`
    expect(refusalOf(many(limits.jsonValues - 1))).to.equal('taken')
    expect(refusalOf(many(limits.jsonValues))).to.match(/^invalidSyntax: .* more than 100000/)
    const empty = `{"a":[${'[[]],'.repeat(limits.jsonValues / 2)}0]}`
    expect(refusalOf(empty)).to.match(/^invalidSyntax: .* more than 100000/)
    expect(refusalOf(`{"a":"${'{[,:'.repeat(200_000)}"}`)).to.equal('taken')
  })

  for (const text of [
    '',
    '[]',
    'null',
    '"a"',
    '{',
    '{"a"}',
    '{"a":1,}',
    "{'a':1}",
    '\u{FEFF}{}',
    '{"a":"',
  ]) {
    it(`is refused as ${JSON.stringify(text)}`, () => {
      expect(refusalOf(text)).to.match(
        /^invalidSyntax: The body (?:is no JSON|must be a JSON object)/,
      )
    })
  }
})
