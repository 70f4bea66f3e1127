import { expect } from 'chai'
import fc from 'fast-check'
import { Refusal } from '../../src/aadsts/reasons.ts'
import {
  domainAndAncestors,
  normalizeDomain,
  parseEmail,
  principalNameKey,
  principalNameProblem,
  readDomain,
} from '../../src/directory/upn.ts'

function refusalOf(text: string): Refusal {
  try {
    parseEmail(text)
  } catch (error) {
    if (error instanceof Refusal) return error
  }
  throw new Error(`${JSON.stringify(text)} was not refused`)
}

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/)
const domain = fc
  .tuple(label, fc.constantFrom('com', 'co.uk', 'example'))
  .map(([name, end]) => `${name}.${end}`)
  .filter((name) => normalizeDomain(name) !== null)
const local = fc.stringMatching(/^[A-Za-z0-9'_!#^~-]{1,20}(\.[A-Za-z0-9'_!#^~-]{1,20})?$/)

describe('parseEmail', () => {
  it('keeps the local part as typed and gives the domain in lower case', () => {
    expect(parseEmail('Alice.O+x@Customer.COM')).to.deep.equal({
      local: 'Alice.O+x',
      domain: 'customer.com',
    })
  })

  it('gives an internationalized domain in A-labels', () => {
    for (const typed of ['a@bücher.example', 'a@BÜCHER.example', 'a@XN--bcher-kva.example']) {
      expect(parseEmail(typed).domain, typed).to.equal('xn--bcher-kva.example')
    }
    expect(parseEmail('a@bu\u0308cher.example').domain).to.equal('xn--bcher-kva.example')
  })

  for (const [property, text] of [
    ['nothing at all', ''],
    ['no @', 'alice.customer.com'],
    ['two @', 'alice@customer.com@evil.example'],
    ['an empty local part', '@customer.com'],
    ['an empty domain', 'alice@'],
    ['white space before it', ' alice@customer.com'],
    ['white space after it', 'alice@customer.com '],
    ['a line break after it', 'alice@customer.com\n'],
    ['a leading dot', '.alice@customer.com'],
    ['a dot before the @', 'alice.@customer.com'],
    ['two dots in a row', 'al..ice@customer.com'],
    ['a quoted local part', '"alice"@customer.com'],
    ['a comment', 'alice(here)@customer.com'],
    ['an encoded-word', '=?utf-8?q?alice=40customer.com?=@evil.example'],
    ['a local part beyond ASCII', 'ålice@customer.com'],
    ['a local part of 65 characters', `${'a'.repeat(65)}@customer.com`],
    ['more than 254 characters', `alice@${'a123456789.'.repeat(23)}com`],
    ['megabytes', `${'a'.repeat(1_000_000)}@customer.com`],
    ['a domain without a dot', 'alice@customer'],
    ['a domain that ends in a dot', 'alice@customer.com.'],
    ['a label that begins with a hyphen', 'alice@-customer.com'],
    ['a label of 64 characters', `alice@${'a'.repeat(64)}.com`],
    ['an underscore in the domain', 'alice@cust_omer.com'],
    ['an address literal', 'alice@[192.0.2.1]'],
    ['an IPv4 address', 'alice@192.0.2.1'],
    ['an address in hexadecimal', 'alice@customer.0x7f'],
    ['a path after the domain', 'alice@customer.com/x'],
    ['a port after the domain', 'alice@customer.com:443'],
    ['a full-width dot', 'alice@customer\uFF0Ecom'],
    ['an ideographic dot', 'alice@bücher\u3002example'],
    ['full-width letters', 'alice@\uFF43ustomer.com'],
    ['a Kelvin sign for a k', 'alice@o\u212Ata.com'],
    ['a soft hyphen', 'alice@cus\u00ADtomer.com'],
    ['a zero-width joiner', 'alice@cus\u200Dtomer.com'],
    ['an A-label that decodes to nothing', 'alice@xn--a.example'],
    ['a NUL', 'alice@customer.com\0'],
  ] as const) {
    it(`refuses ${property} as emailMalformed`, () => {
      const refusal = refusalOf(text)
      expect(refusal.reason).to.equal('emailMalformed')
      expect(refusal.evidence.hint).to.match(/^The address cannot be used: .+\.$/)
      expect((refusal.evidence.actual ?? '').length).to.be.below(260)
    })
  }

  it('takes what it gave, in any case of the domain', () => {
    fc.assert(
      fc.property(local, domain, (name, host) => {
        const address = parseEmail(`${name}@${host.toUpperCase()}`)
        expect(address).to.deep.equal({ local: name, domain: host })
        expect(parseEmail(`${address.local}@${address.domain}`)).to.deep.equal(address)
      }),
    )
  })

  it('refuses or gives ASCII, whatever it is fed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        try {
          const { local: name, domain: host } = parseEmail(`${a}@${b}.com`)
          expect(`${name}@${host}`).to.match(/^[!-~]+$/)
        } catch (error) {
          expect(error).to.be.instanceOf(Refusal)
        }
      }),
    )
  })
})

describe('principalNameProblem', () => {
  it('allows Graph’s characters', () => {
    expect(principalNameProblem("A-Z.a_z'0!9#^~x@customer.com")).to.equal(null)
  })

  it('names the character that a UPN cannot have, though an e-mail can', () => {
    expect(parseEmail('a+b@customer.com').local).to.equal('a+b')
    expect(principalNameProblem('a+b@customer.com')).to.contain('the character +')
  })

  it('allows 113 characters and no more', () => {
    const upn = (length: number) => `a@${'b'.repeat(60)}.${'c'.repeat(length - 2 - 61 - 4)}.com`
    expect(upn(113)).to.have.length(113)
    expect(principalNameProblem(upn(113))).to.equal(null)
    expect(principalNameProblem(upn(114))).to.contain('longer than 113')
  })
})

describe('principalNameKey', () => {
  it('is one for UPNs that differ in ASCII case or in the form of the domain', () => {
    fc.assert(
      fc.property(local, domain, (name, host) => {
        const key = principalNameKey(`${name}@${host}`)
        expect(principalNameKey(`${name.toUpperCase()}@${host.toUpperCase()}`)).to.equal(key)
        expect(principalNameKey(key)).to.equal(key)
      }),
    )
    expect(principalNameKey('Ann@BÜCHER.example')).to.equal('ann@xn--bcher-kva.example')
  })

  it('does not fold characters that only look like ASCII', () => {
    expect(principalNameKey('\u212Aate@customer.com')).not.to.equal('kate@customer.com')
    expect(principalNameKey('kate@customer.com\0')).not.to.equal('kate@customer.com')
  })
})

describe('readDomain', () => {
  it('says what is wrong with each kind of name', () => {
    const problem = (text: string) => {
      const reading = readDomain(text)
      return 'problem' in reading ? reading.problem : null
    }
    expect(problem('customer')).to.contain('no dot')
    expect(problem('a..com')).to.contain('dot stands')
    expect(problem('-a.com')).to.contain('hyphen')
    expect(problem('a b.com')).to.contain('the character space')
    expect(problem('10.0.0.1')).to.contain('network address')
    expect(problem(`${'a'.repeat(64)}.com`)).to.contain('63 characters')
    expect(problem('customer.com')).to.equal(null)
  })
})

describe('domainAndAncestors', () => {
  it('goes from the nearest up, and stops before the bare top-level domain', () => {
    expect(domainAndAncestors('a.b.customer.com')).to.deep.equal([
      'a.b.customer.com',
      'b.customer.com',
      'customer.com',
    ])
    expect(domainAndAncestors('customer.com')).to.deep.equal(['customer.com'])
    expect(domainAndAncestors('com')).to.deep.equal([])
  })
})
