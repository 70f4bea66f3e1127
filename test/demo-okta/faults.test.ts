import { expect } from 'chai'
import { FaultUnavailable, faultGroups, faults } from '../../src/demo-okta/faults/index.ts'
import { protocolPromises } from './protocolPromises.ts'
import { facts, forge, holds, now, one, parse, text, time } from './scene.ts'
import { signaturePromises } from './signaturePromises.ts'
import { wrappingPromises } from './wrappingPromises.ts'

const promises = { ...protocolPromises, ...signaturePromises, ...wrappingPromises }

describe('the faults of the demo Okta', () => {
  it('all have a promise below, a name in kebab case, a title, a known group, and something they do', () => {
    expect([...faults.keys()].sort()).to.deep.equal([...Object.keys(promises), 'replay'].sort())
    for (const { name, title, group, before, after } of faults.values()) {
      expect(name).to.match(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(title).to.match(/^\S.*\S$/)
      expect(faultGroups).to.include(group)
      expect(before ?? after).to.be.a('function')
    }
  })

  for (const [name, { intact, check }] of Object.entries(promises)) {
    it(`${name}: ${faults.get(name)?.title}${intact ? ', under signatures that hold' : ''}`, async () => {
      const xml = await forge([name])
      check(parse(xml), xml)
      if (intact) expect(holds(xml)).to.not.include(false).and.not.to.be.empty
    })
  }

  it('replay: gives the last response again, byte for byte', async () => {
    const previous = await forge([])
    expect(await forge(['replay'], { previous })).to.equal(previous)
  })

  it('replay: cannot be had before there was a response, and says what to do', async () => {
    let problem: unknown
    await forge(['replay']).catch((error) => {
      problem = error
    })
    expect(problem).to.be.instanceOf(FaultUnavailable)
    expect((problem as Error).message).to.contain('Sign in normally first')
  })

  it('go together: each changes its own part', async () => {
    const root = parse(await forge(['audience-other', 'expired', 'sha1', 'nameid-comment']))
    expect(text(root, 'Audience')).to.equal('urn:federation:SomebodyElse')
    expect(time(one(root, 'Conditions'), 'NotOnOrAfter')).to.be.below(now)
    expect(one(root, 'SignatureMethod').getAttribute('Algorithm')).to.match(/#rsa-sha1$/)
    expect(one(root, 'NameID').childNodes.length).to.equal(3)
  })

  it('leave nothing behind: without one the response is honest', async () => {
    const xml = await forge([])
    expect(holds(xml)).to.deep.equal([true, true])
    expect(text(parse(xml), 'NameID')).to.equal(facts().user.nameId)
  })
})
