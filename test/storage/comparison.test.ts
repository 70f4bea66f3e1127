import { expect } from 'chai'
import type { Comparison, PersonHere, PersonThere } from '../../src/directory/drift/ports.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { openComparison } from '../../src/storage/sqlite/comparison.ts'

function there(place: number, login: string, anchor: string | null, email = ''): PersonThere {
  const names = { firstName: null, lastName: null }
  return { place, login, email: email || null, anchor, isEnabled: true, ...names, problem: null }
}

function here(userPrincipalName: string, anchor: string | null, mail = ''): PersonHere {
  const names = { displayName: 'x', givenName: null, surname: null }
  return {
    userPrincipalName,
    onPremisesImmutableId: anchor,
    accountEnabled: true,
    mail: mail || null,
    ...names,
  }
}

function compared(
  people: readonly PersonThere[],
  users: readonly PersonHere[],
  look: (comparison: Comparison) => void,
): void {
  const comparison = openComparison(principalNameKey)
  try {
    comparison.addHere(users)
    comparison.addThere(people)
    comparison.pair()
    look(comparison)
  } finally {
    comparison.close()
  }
}

const many = 20_000
const numbers = Array.from({ length: many }, (_, index) => index)

describe('a comparison in SQLite', () => {
  it('gives back what was put in, page by page in the order of the file', () => {
    const people = [
      { ...there(2, 'a@x.example', ' \uFEFFx\0', 'E@x.example'), firstName: '', isEnabled: false },
      { ...there(3, '', null), problem: 'The row has no login.' },
      there(9, 'c@x.example', null),
    ]
    compared(people, [], (comparison) => {
      const pages = [
        comparison.pairings(0, 2),
        comparison.pairings(2, 2),
        comparison.pairings(3, 2),
      ]
      expect(pages.map((page) => page.length)).to.deep.equal([2, 1, 0])
      expect(pages.flat().map((pairing) => pairing.there)).to.deep.equal(people)
    })
  })

  it('pairs each user once, and only the first of rows with one login', () => {
    const people = [
      there(2, 'a@x.example', 'A1'),
      there(3, 'A@X.example', 'A2'),
      there(4, 'b', 'B', 'a@x.example'),
    ]
    compared(people, [here('a@x.example', 'A1')], (comparison) => {
      const found = comparison.pairings(0, 10)
      expect(found.map(({ pairedBy }) => pairedBy)).to.deep.equal(['upn', null, null])
      expect(found.map(({ sameLogin }) => sameLogin)).to.deep.equal([
        { count: 2, firstPlace: 2 },
        { count: 2, firstPlace: 2 },
        null,
      ])
      expect(comparison.onlyHere(0, 10)).to.deep.equal([])
    })
  })

  it('does not compare rows that cannot be read, whatever is in them', () => {
    const people = [{ ...there(2, 'a@x.example', 'A'), problem: 'It has too many cells.' }]
    compared(people, [here('a@x.example', 'A')], (comparison) => {
      const [found] = comparison.pairings(0, 10)
      expect([found?.here, found?.holder, found?.there.anchor]).to.deep.equal([null, null, null])
      expect(comparison.onlyHere(0, 10)).to.have.length(1)
    })
  })

  it('costs no more than its rows when all share one e-mail, one login or one ImmutableId', () => {
    const users = numbers.map((n) => here(`p${n}@x.example`, `a${n}`, 'all@x.example'))
    for (const people of [
      numbers.map((n) => there(n, `q${n}`, null, 'all@x.example')),
      numbers.map((n) => there(n, 'all@x.example', `a${n}`)),
      numbers.map((n) => there(n, `p${n}@x.example`, 'a0')),
    ]) {
      compared(people, users, (comparison) => {
        const found = comparison.pairings(0, many)
        expect(found).to.have.length(many)
        expect(found.filter(({ pairedBy }) => pairedBy === 'email')).to.deep.equal([])
      })
    }
  })

  it('settles a chain: when its end is kept by somebody else, all of it falls', () => {
    const users = numbers.map((n) => here(`p${n}@x.example`, `a${n}`))
    const chain = numbers.slice(1).map((n) => there(n, `p${n}@x.example`, `a${n - 1}`))
    compared(chain, users, (comparison) => {
      comparison.plan(comparison.pairings(0, many).map(({ number }) => number))
      expect(comparison.settlePlan()).to.equal(0)
    })
    const ring = numbers.map((n) => there(n, `p${n}@x.example`, `a${(n + many - 1) % many}`))
    compared(ring, users, (comparison) => {
      comparison.plan(comparison.pairings(0, many).map(({ number }) => number))
      expect(comparison.settlePlan()).to.equal(many)
      expect(comparison.planned(0, 10).every(({ plan }) => plan.isWantedElsewhere)).to.equal(true)
    })
  })
})
