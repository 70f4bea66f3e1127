import { expect } from 'chai'
import fc from 'fast-check'
import {
  type AadstsCode,
  aadstsCodes,
  aadstsMessage,
  catalogue,
  catalogueEntry,
} from '../../src/aadsts/catalogue.ts'
import { accountCodes } from '../../src/aadsts/codes/account.ts'
import { oauthCodes } from '../../src/aadsts/codes/oauth.ts'
import { requestCodes } from '../../src/aadsts/codes/request.ts'
import { samlCodes } from '../../src/aadsts/codes/saml.ts'
import { tokenCodes } from '../../src/aadsts/codes/token.ts'
import type { MessageValues } from '../../src/aadsts/entry.ts'
import { aadstsCode, type Reason, reasons } from '../../src/aadsts/reasons.ts'

const values = (text: string): MessageValues => ({
  nameId: text,
  tenant: text,
  issuer: text,
  email: text,
  domain: text,
  app: text,
  parameter: text,
  detail: text,
})

describe('the catalogue of AADSTS codes', () => {
  it('lists the codes of its five tables in the order of their numbers, each once', () => {
    const tables = [samlCodes, accountCodes, requestCodes, oauthCodes, tokenCodes]
    const apart = tables.flatMap((table) => Object.keys(table))
    expect(aadstsCodes.map(String)).to.have.members(apart)
    expect(aadstsCodes).to.have.lengthOf(apart.length)
    expect([...aadstsCodes].sort((a, b) => a - b)).to.deep.equal(aadstsCodes)
  })

  it('has no code of a sign-in that no reason shows', () => {
    // Those of the two other tables are answers to apps, and need no reason in a trace.
    const ofSignin = [samlCodes, accountCodes, requestCodes].flatMap((table) => Object.keys(table))
    const shown = new Set((Object.keys(reasons) as Reason[]).map(aadstsCode))
    expect(ofSignin.filter((code) => !shown.has(Number(code) as AadstsCode))).to.deep.equal([])
  })

  for (const code of aadstsCodes) {
    it(`says everything about AADSTS${code}, in whole sentences`, () => {
      const entry = catalogueEntry(code)
      expect(entry?.symbol).to.match(/^[A-Z][A-Za-z0-9_]+$/)
      expect(entry?.oauthError).to.match(/^[a-z_]+$/)
      for (const sentence of [
        entry?.happened,
        entry?.personCan,
        entry?.adminHere,
        entry?.adminThere,
        entry?.message({}),
        entry?.message(values('x')),
      ]) {
        expect(sentence).to.match(/^[A-Z]/)
        expect(sentence).to.match(/[^.]\.$/)
        expect(sentence).to.not.match(/ {2}|undefined|null|\bTODO\b|''/)
      }
    })
  }

  it('refines only codes that are there, and that begin like the finer one', () => {
    for (const code of aadstsCodes) {
      const parent = catalogueEntry(code)?.parent
      if (parent === undefined) continue
      expect(catalogueEntry(parent), String(code)).to.not.equal(undefined)
      expect(String(code).startsWith(String(parent)), String(code)).to.equal(true)
    }
  })

  it('has the HTTP statuses that a client would act on', () => {
    expect(catalogue[900561].status).to.equal(405)
    expect(catalogue[90033].status).to.equal(500)
    for (const code of [90002, 50059] as const) expect(catalogue[code].status).to.equal(404)
    for (const code of [51004, 50034, 50057, 5000820] as const) {
      expect(catalogue[code].status).to.equal(403)
    }
    for (const code of [50008, 500089, 50107, 75005] as const) {
      expect(catalogue[code].status).to.equal(400)
    }
  })

  it('knows its numbers and nothing else', () => {
    expect(catalogueEntry(51004)?.symbol).to.equal('UserAccountNotInDirectory')
    for (const code of [0, -1, 51005, 51004.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(catalogueEntry(code)).to.equal(undefined)
    }
    expect(catalogueEntry('constructor' as unknown as number)).to.equal(undefined)
  })
})

describe('aadstsMessage', () => {
  it('begins with the code and quotes what was sent', () => {
    const tenant = '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11'
    expect(aadstsMessage(51004, { nameId: 'q2w3==', tenant })).to.equal(
      `AADSTS51004: The user account 'q2w3==' does not exist in the '${tenant}' directory. To sign in to this application, the account must be added to the directory.`,
    )
    expect(aadstsMessage(50034, { email: 'carol@customer.com', nameId: 'x', tenant })).to.equal(
      `AADSTS50034: The user account 'carol@customer.com' does not exist in the '${tenant}' directory. To sign in to this application, the account must be added to the directory.`,
    )
    expect(aadstsMessage(50107, { issuer: 'urn:x' })).to.equal(
      "AADSTS50107: The requested federation realm object 'urn:x' does not exist.",
    )
  })

  it('reads as a sentence without values too', () => {
    expect(aadstsMessage(51004)).to.match(/^AADSTS51004: The user account that was sent does not/)
    expect(aadstsMessage(90002)).to.match(/^AADSTS90002: Tenant in the address not found\./)
  })

  it('cuts each value after 256 characters, and never inside one', () => {
    const fits = aadstsMessage(50107, { issuer: 'x'.repeat(256) })
    expect(fits).to.contain(`'${'x'.repeat(256)}'`)
    const cut = aadstsMessage(50107, { issuer: 'x'.repeat(257) })
    expect(cut).to.contain(`'${'x'.repeat(256)}…'`)
    const astral = aadstsMessage(50107, { issuer: '😀'.repeat(300) })
    expect(astral).to.contain(`'${'😀'.repeat(256)}…'`)
  })

  it('stays one line of plain text whatever is sent', () => {
    fc.assert(
      fc.property(fc.constantFrom(...aadstsCodes), fc.string({ unit: 'binary' }), (code, text) => {
        const message = aadstsMessage(code, values(text))
        return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(message) && message.length < 2000
      }),
    )
    const spoof = aadstsMessage(50107, { issuer: 'a\r\nSet-Cookie: x\u202E' })
    expect(spoof).to.contain("'a\uFFFD\uFFFDSet-Cookie: x\uFFFD'")
  })

  it('shows each code only the values that are its own', () => {
    const marked = {
      nameId: 'NAMEID',
      tenant: 'TENANT',
      issuer: 'ISSUER',
      email: 'EMAIL',
      domain: 'DOMAIN',
      app: 'APP',
      parameter: 'PARAMETER',
      detail: 'DETAIL',
    }
    const shown = (code: (typeof aadstsCodes)[number]) =>
      Object.values(marked).filter((mark) => aadstsMessage(code, marked).includes(mark))
    const expected = new Map<number, string[]>([
      [51004, ['NAMEID', 'TENANT']],
      [50034, ['TENANT', 'EMAIL']],
      [50107, ['ISSUER']],
      [500083, ['ISSUER']],
      [90002, ['TENANT']],
      [50059, ['DOMAIN']],
      [70003, ['DETAIL']],
      [70011, ['DETAIL']],
      [65001, ['APP', 'DETAIL']],
      [90014, ['PARAMETER']],
      [500011, ['DETAIL']],
      [700051, ['DETAIL']],
      [900144, ['PARAMETER']],
      [1002012, ['DETAIL']],
      [7000112, ['APP']],
      [9000411, ['PARAMETER']],
      [9002313, ['DETAIL']],
      [9002326, ['DETAIL']],
    ])
    for (const code of aadstsCodes) {
      expect(shown(code), String(code)).to.deep.equal(expected.get(code) ?? [])
    }
  })
})
