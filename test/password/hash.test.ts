import { expect } from 'chai'
import { Refusal } from '../../src/aadsts/reasons.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { defaultCost, hasherForApps, passwordHasher } from '../../src/signin/password/hash.ts'

const cheap = { logN: 4, r: 8, p: 1 }

describe('password hashes', () => {
  const hasher = passwordHasher(systemRandom, cheap)

  it('verify the password that they were made of, and no other', async () => {
    const stored = await hasher.hash('correct horse')
    expect(await hasher.verify('correct horse', stored)).to.equal(true)
    for (const other of ['correct horse ', 'Correct horse', '', 'correct hors']) {
      expect(await hasher.verify(other, stored), other).to.equal(false)
    }
  })

  it('carry their cost, and a salt of their own', async () => {
    const [one, two] = [await hasher.hash('same'), await hasher.hash('same')]
    expect(one).to.match(/^\$scrypt\$ln=4,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(one).not.to.equal(two)
  })

  it('cost what OWASP asks for unless told otherwise: 2^17, 8, 1', async () => {
    expect(defaultCost).to.deep.equal({ logN: 17, r: 8, p: 1 })
    const stored = await passwordHasher(systemRandom).hash('correct horse')
    expect(stored.startsWith('$scrypt$ln=17,r=8,p=1$')).to.equal(true)
    expect(await hasher.verify('correct horse', stored)).to.equal(true)
  })

  it('made with another cost still verify, and are called outdated', async () => {
    const stored = await passwordHasher(systemRandom, { logN: 5, r: 8, p: 1 }).hash('old')
    expect(await hasher.verify('old', stored)).to.equal(true)
    expect(hasher.isOutdated(stored)).to.equal(true)
    expect(hasher.isOutdated(await hasher.hash('new'))).to.equal(false)
  })

  it('are the same for one password typed on different keyboards (NFKC)', async () => {
    const stored = await hasher.hash('K\u00f6ln \u2126 pass')
    expect(await hasher.verify('Ko\u0308ln \u03a9 pass', stored)).to.equal(true)
  })

  it('nobody’s hash is verified by nothing, and does the work all the same', async () => {
    const slow = passwordHasher(systemRandom, { logN: 14, r: 8, p: 1 })
    expect(await slow.verify('', null)).to.equal(false)
    expect(await slow.verify('anything', null)).to.equal(false)
  })

  it('a row that is none of ours is an error, and costs nothing', async () => {
    for (const bad of ['', 'plain', '$scrypt$ln=999,r=8,p=1$a$b', '$2b$10$abc']) {
      const failed = await hasher.verify('x', bad).catch((error: Error) => error.message)
      expect(failed, bad).to.equal('a stored password hash is none of ours')
    }
  })

  it('one address has ten places in the line, so that its flood leaves room for others', async () => {
    const guess = (address: string) =>
      hasher.verify('x', null, { address, isFamiliar: false }).then(
        () => 'looked at',
        (error: unknown) => (error instanceof Refusal ? error.reason : error),
      )
    const flood = Array.from({ length: 1000 }, () => guess('192.0.2.66'))
    const other = guess('198.51.100.7')
    expect(await other).to.equal('looked at')
    const outcomes = await Promise.all(flood)
    expect(outcomes.filter((each) => each === 'looked at')).to.have.length(12)
    expect(new Set(outcomes)).to.deep.equal(new Set(['looked at', 'tooManyRequests']))
  })

  it('a familiar browser goes before all strangers, and has room when they have filled their line', async () => {
    const order: string[] = []
    const guess = (address: string, isFamiliar: boolean) =>
      hasher.verify('x', null, { address, isFamiliar }).then(
        () => void order.push(isFamiliar ? 'owner' : 'stranger'),
        () => void order.push('turned away'),
      )
    const flood = Array.from({ length: 500 }, (_, n) => guess(`address ${n}`, false))
    await Promise.all([...flood, guess('home', true)])
    const looked = order.filter((each) => each !== 'turned away')
    expect(looked).to.have.length(53)
    // The two that were being looked at already come before.
    expect(looked.indexOf('owner')).to.be.at.most(3)
  })

  it('a flood of passwords from programs takes no place in the line from people', async () => {
    const forApps = hasherForApps(hasher)
    const flood = Promise.allSettled(Array.from({ length: 200 }, () => forApps.hash('x')))
    const order: string[] = []
    void flood.then(() => order.push('flood'))
    const people = Array.from({ length: 51 }, (_, n) =>
      hasher.verify('x', null, { address: `address ${n}`, isFamiliar: false }),
    )
    expect(await Promise.all(people)).to.deep.equal(Array(51).fill(false))
    expect(order).to.deep.equal([])
    const made = (await flood).filter((each) => each.status === 'fulfilled')
    expect(made).to.have.length(51)
    expect(await hasher.verify('x', await forApps.hash('x'))).to.equal(true)
  })

  it('two are made at a time, fifty wait, and the rest is turned away', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 60 }, () => hasher.hash('x')))
    const refused = outcomes.filter((each) => each.status === 'rejected')
    expect(refused).to.have.length(8)
    for (const { reason } of refused) {
      expect(reason).to.be.instanceOf(Refusal).with.property('reason', 'tooManyRequests')
    }
    // The line is empty again.
    expect(await hasher.hash('x')).to.be.a('string')
  })
})
