import { constants, createDecipheriv, privateDecrypt } from 'node:crypto'
import { expect } from 'chai'
import { seededRandom } from '../../src/cli/forge/setting.ts'
import { contentCiphers, encryptedData, type keyTransports } from '../../src/demo-okta/encrypt.ts'
import {
  allFaults,
  type FaultScene,
  FaultUnavailable,
  faultGroups,
  faults,
  forgeMessage,
  forgeResponse,
  furtherFaultGroups,
} from '../../src/demo-okta/faults/index.ts'
import { oktaResponse } from '../../src/demo-okta/honest.ts'
import { intervene } from '../../src/demo-okta/interventions.ts'
import { buildResponse } from '../../src/demo-okta/response.ts'
import { all, bob, facts, foreignKey, holds, key, one, parse, scene, text } from './scene.ts'

const workshop = {
  impostorKey: foreignKey,
  decryptionCertificatePem: key.certificatePem,
  random: seededRandom('further faults'),
}
const fullScene = (): FaultScene => scene({ workshop, previous: '<previous/>' })

function named(name: string) {
  const fault = allFaults.get(name)
  if (!fault) throw new Error(`no fault ${name}`)
  return fault
}

async function unavailable(work: Promise<unknown>): Promise<string> {
  const problem = await work.then(
    () => null,
    (error) => error,
  )
  expect(problem).to.be.instanceOf(FaultUnavailable)
  return (problem as Error).message
}

describe('the faults that stand in no menu', () => {
  it('have names in kebab case, titles, known groups, and something they do', () => {
    for (const { name, title, group, before, after, posted } of allFaults.values()) {
      expect(name).to.match(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(title, name).to.match(/^\S.*\S$/)
      expect([...faultGroups, ...furtherFaultGroups], name).to.include(group)
      expect(before ?? after ?? posted, name).to.be.a('function')
    }
  })

  it('have titles of their own', () => {
    const titles = [...allFaults.values()].map(({ title }) => title)
    expect(new Set(titles).size).to.equal(titles.length)
  })

  it('include those of the menu, which has no group of the others', () => {
    for (const [name, fault] of faults) {
      expect(allFaults.get(name)).to.equal(fault)
      expect(faultGroups).to.include(fault.group)
    }
  })

  for (const fault of allFaults.values()) {
    it(`${fault.name}: changes the honest response`, async () => {
      const honest = await forgeMessage([], fullScene())
      const forged = await forgeMessage([fault], fullScene())
      expect(forged).not.to.deep.equal(honest)
    })
  }

  it('say what is missing where there is no workshop, as at the demo Okta', async () => {
    const message = await unavailable(forgeResponse([named('encrypted')], scene()))
    expect(message).to.contain('homerealm forge')
    await unavailable(forgeResponse([named('keyinfo-same-subject')], scene()))
  })

  it('say what they lack where there is nothing to spoil', async () => {
    const message = await unavailable(
      forgeResponse([named('unsigned'), named('signature-last')], fullScene()),
    )
    expect(message).to.contain('ds:Signature')
  })

  it('do not silently do nothing to a NameID that is the same either way', async () => {
    const user = { ...facts().user, nameId: 'plain' }
    const message = await unavailable(
      forgeResponse([named('nameid-unpadded')], scene({ facts: facts({ user }) })),
    )
    expect(message).to.contain('plain')
  })

  it('cannot change the form field in two ways at once', async () => {
    const both = [named('base64-junk'), named('utf-16')]
    const problem = await forgeMessage(both, fullScene()).catch((error: Error) => error.message)
    expect(problem).to.contain('form field')
  })

  it('go together: both leave their mark, under signatures that hold', async () => {
    const both = [named('audience-missing'), named('status-responder')]
    const xml = await forgeResponse(both, fullScene())
    expect(all(parse(xml), 'Audience')).to.deep.equal([])
    expect(one(parse(xml), 'StatusCode').getAttribute('Value')).to.match(/:Responder$/)
    expect(holds(xml)).to.deep.equal([true, true])
  })

  it('xsw-object-of-decoy: hides the forged assertion in the Object of a decoy signature', async () => {
    const root = parse(await forgeResponse([named('xsw-object-of-decoy')], fullScene()))
    const [decoy, genuine] = all(root, 'SignatureValue').map((value) => value.textContent)
    expect(decoy).to.equal(genuine)
    expect(text(one(root, 'Object'), 'NameID')).to.equal(bob.nameId)
  })
})

describe('interventions', () => {
  it('come one after the other, the earlier ones first', () => {
    const spec = intervene(
      intervene(oktaResponse(facts()), { assertion: (xml) => xml.replace('Sales', 'One') }),
      { assertion: (xml) => xml.replace('One', 'Two') },
    )
    const xml = buildResponse(spec)
    expect(xml).to.contain('>Two<')
    expect(holds(xml)).to.deep.equal([true, true])
  })

  it('of SignedInfo are signed as they stand', () => {
    const signedInfo = (xml: string) => xml.replace('<ds:SignedInfo>', '<ds:SignedInfo Id="info">')
    const problem = () => buildResponse(intervene(oktaResponse(facts()), { signedInfo }))
    expect(problem).not.to.throw()
    const digestMethod = (xml: string) =>
      xml.replace(/<ds:DigestMethod ([^>]*)\/>/, '<ds:DigestMethod $1></ds:DigestMethod>')
    const xml = buildResponse(intervene(oktaResponse(facts()), { signedInfo: digestMethod }))
    expect(holds(xml)).to.deep.equal([true, true])
  })

  it('need the signature that they change', () => {
    const spec = { ...oktaResponse(facts()), signed: 'response' as const }
    const keyInfo = () => ''
    const signedInfo = (xml: string) => xml
    expect(() => buildResponse(intervene(spec, { keyInfo }))).not.to.throw()
    expect(() => buildResponse(intervene(spec, { signedInfo }))).not.to.throw()
  })
})

describe('the demo Okta’s encryption', () => {
  const plain = '<a xmlns="urn:example">Ångström 🦉</a>'
  const sealed = (
    cipher: keyof typeof contentCiphers,
    transport: keyof typeof keyTransports,
    seed = 'seed',
  ) =>
    encryptedData(plain, {
      certificatePem: key.certificatePem,
      cipher,
      transport,
      random: seededRandom(seed),
    })
  const valuesOf = (xml: string) =>
    all(parse(xml), 'CipherValue').map((one) => Buffer.from(one.textContent ?? '', 'base64'))

  for (const [transport, oaepHash] of [
    ['rsa-oaep-mgf1p', 'sha1'],
    ['rsa-oaep-sha256', 'sha256'],
  ] as const) {
    for (const cipher of ['aes128-gcm', 'aes192-gcm', 'aes256-gcm'] as const) {
      it(`${cipher} under ${transport} is what OpenSSL opens`, () => {
        const [wrapped = Buffer.of(), content = Buffer.of()] = valuesOf(sealed(cipher, transport))
        const padding = constants.RSA_PKCS1_OAEP_PADDING
        const contentKey = privateDecrypt({ key: key.privateKeyPem, padding, oaepHash }, wrapped)
        const name = contentCiphers[cipher].name
        const open = createDecipheriv(name, contentKey, content.subarray(0, 12))
        open.setAuthTag(content.subarray(-16))
        const text = Buffer.concat([open.update(content.subarray(12, -16)), open.final()])
        expect(text.toString()).to.equal(plain)
      })
    }
  }

  it('with AES-CBC is what OpenSSL opens', () => {
    const [wrapped = Buffer.of(), content = Buffer.of()] = valuesOf(
      sealed('aes256-cbc', 'rsa-oaep-mgf1p'),
    )
    const contentKey = privateDecrypt(key.privateKeyPem, wrapped)
    const open = createDecipheriv('aes-256-cbc', contentKey, content.subarray(0, 16))
    const text = Buffer.concat([open.update(content.subarray(16)), open.final()])
    expect(text.toString()).to.equal(plain)
  })

  it('gives the same bytes for the same randomness, and others for another', () => {
    expect(sealed('aes256-gcm', 'rsa-1.5')).to.equal(sealed('aes256-gcm', 'rsa-1.5'))
    expect(sealed('aes256-gcm', 'rsa-oaep-mgf1p')).not.to.equal(
      sealed('aes256-gcm', 'rsa-oaep-mgf1p', 'another'),
    )
  })

  it('names its algorithms as XML Encryption does', () => {
    const methods = all(parse(sealed('aes256-gcm', 'rsa-oaep-sha256')), 'EncryptionMethod')
    expect(methods.map((method) => method.getAttribute('Algorithm'))).to.deep.equal([
      'http://www.w3.org/2009/xmlenc11#aes256-gcm',
      'http://www.w3.org/2009/xmlenc11#rsa-oaep',
    ])
  })
})
