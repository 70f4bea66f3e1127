import { expect } from 'chai'
import { anchorOfGuid } from '../../src/directory/anchorForms.ts'
import type { User } from '../../src/directory/types.ts'
import { user } from '../../src/signin/checks/account.ts'
import type { Circumstances } from '../../src/signin/circumstances.ts'
import {
  alice,
  circumstancesOf,
  fails,
  passes,
  userWith,
  waiting,
} from '../support/circumstances.ts'
import { aliceAnchor, verified } from '../support/verified.ts'

const bobAnchor = 'B0bB0bB0bB0bB0bB0bB0bA=='
const bob = userWith('bob@customer.com', bobAnchor)
const noAnchor = userWith('dora@customer.com', null)
const knowing = (users: readonly User[], more: Partial<Circumstances> = {}) =>
  circumstancesOf({ users }, more)
const typed = (loginHint: string | null) => ({ request: { ...waiting, loginHint } })
const sending = (nameId: string) => ({ nameId: verified(nameId) })

describe('check user: NameID and ImmutableId, byte for byte', () => {
  it('finds the user, whatever e-mail was typed at the start', async () => {
    for (const hint of ['alice@customer.com', 'bob@customer.com', 'nobody@customer.com', null]) {
      const passed = await passes(user, typed(hint), knowing([alice, bob]))
      expect(passed.found).to.deep.equal({ user: alice })
      expect(passed.hint).to.contain('alice@customer.com')
    }
  })

  it('never finds an account by e-mail', async () => {
    const refusal = await fails(user, sending('alice@customer.com'), knowing([alice]))
    expect(refusal.reason).to.equal('immutableIdMismatch')
  })

  describe('the three ways to match nobody', () => {
    it('the typed e-mail is a user with another ImmutableId: immutableIdMismatch', async () => {
      const refusal = await fails(
        user,
        { ...typed(bob.userPrincipalName), ...sending('other') },
        knowing([alice, bob]),
      )
      expect(refusal.reason).to.equal('immutableIdMismatch')
      expect(refusal).to.include({ expected: `${bobAnchor} (bob@customer.com)`, actual: 'other' })
    })

    it('the typed e-mail is compared as UPNs are', async () => {
      const refusal = await fails(
        user,
        { ...typed('BOB@Customer.COM'), ...sending('other') },
        knowing([bob]),
      )
      expect(refusal.reason).to.equal('immutableIdMismatch')
    })

    it('the typed e-mail is a user without ImmutableId: immutableIdMismatch', async () => {
      const refusal = await fails(
        user,
        { ...typed(noAnchor.userPrincipalName), ...sending('other') },
        knowing([noAnchor]),
      )
      expect(refusal.reason).to.equal('immutableIdMismatch')
      expect(refusal.expected).to.equal(
        'an onPremisesImmutableId of dora@customer.com, who has none',
      )
    })

    it('the typed e-mail is no user: userNotFound', async () => {
      const refusal = await fails(
        user,
        { ...typed('carol@customer.com'), ...sending('other') },
        knowing([alice]),
      )
      expect(refusal.reason).to.equal('userNotFound')
      expect(refusal.expected).to.contain('carol@customer.com')
      expect(refusal.actual).to.equal('other')
    })

    it('the typed e-mail is in no domain of this federation: the same answer, whether it is a user or not', async () => {
      const stranger = userWith('dora@elsewhere.example', 'anchor-of-dora')
      const answers = []
      for (const email of ['dora@elsewhere.example', 'nobody@elsewhere.example']) {
        const refusal = await fails(
          user,
          { ...typed(email), ...sending('other') },
          knowing([alice, stranger]),
        )
        answers.push([refusal.reason, refusal.expected, refusal.actual])
      }
      const same = ['immutableIdMismatch', 'the onPremisesImmutableId of a user', 'other']
      expect(answers).to.deep.equal([same, same])
    })

    it('unsolicited at the address without tenant: tenantNotIdentified', async () => {
      const acs = { accepted: [], tenantInPath: false }
      const refusal = await fails(
        user,
        { request: null, ...sending('other') },
        knowing([alice], { acs }),
      )
      expect(refusal.reason).to.equal('tenantNotIdentified')
    })

    it('unsolicited at the address with the tenant: immutableIdMismatch', async () => {
      const refusal = await fails(user, { request: null, ...sending('other') }, knowing([alice]))
      expect(refusal.reason).to.equal('immutableIdMismatch')
      expect(refusal.expected).to.equal('the onPremisesImmutableId of a user')
    })

    it('asked for, without a typed e-mail, at either address: immutableIdMismatch', async () => {
      for (const tenantInPath of [true, false]) {
        const world = knowing([alice], { acs: { accepted: [], tenantInPath } })
        const refusal = await fails(user, { ...typed(null), ...sending('other') }, world)
        expect(refusal.reason).to.equal('immutableIdMismatch')
      }
    })
  })

  describe('near misses, for the admin', () => {
    const guid = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'
    const dotNet = userWith('gina@customer.com', anchorOfGuid(guid))

    for (const [what, sent, stored, words] of [
      ['case', aliceAnchor.toLowerCase(), alice, 'differs in case at character'],
      [
        'white space',
        `${aliceAnchor.slice(0, 4)} ${aliceAnchor.slice(4)}`,
        alice,
        'differs in white space',
      ],
      ['padding', aliceAnchor.replace('==', ''), alice, 'differs in the padding'],
      ['GUID text', guid, dotNet, 'differs in GUID text against its bytes'],
      [
        'hexadecimal',
        Buffer.from(aliceAnchor, 'base64').toString('hex'),
        alice,
        'differs in hexadecimal',
      ],
      [
        'base64url',
        Buffer.from('fb'.repeat(16), 'hex').toString('base64url'),
        userWith('eve@customer.com', Buffer.from('fb'.repeat(16), 'hex').toString('base64')),
        'differs in base64url',
      ],
    ] as const) {
      it(`says that the NameID differs from the typed user’s in ${what}, once, and refuses`, async () => {
        const found = { ...typed(stored.userPrincipalName), ...sending(sent) }
        const refusal = await fails(user, found, knowing([stored]))
        expect(refusal.reason).to.equal('immutableIdMismatch')
        expect(refusal.hint).to.contain(`The NameID ${words}`).and.not.contain('It would match')
      })
    }

    it('names another user whom the NameID nearly matches, beside the difference to the typed one', async () => {
      const found = { ...typed(bob.userPrincipalName), ...sending(aliceAnchor.replace('==', '')) }
      const refusal = await fails(user, found, knowing([alice, bob]))
      expect(refusal.hint).to.match(
        /^The NameID differs from character \d+ on\. It would match alice@customer\.com, but for the padding/,
      )
    })

    it('names the user nearly matched when the typed e-mail is nobody, has none, or was not typed', async () => {
      const sent = sending(aliceAnchor.replace('==', ''))
      for (const [request, reason] of [
        [typed('carol@customer.com'), 'userNotFound'],
        [typed(noAnchor.userPrincipalName), 'immutableIdMismatch'],
        [typed(null), 'immutableIdMismatch'],
        [{ request: null }, 'immutableIdMismatch'],
      ] as const) {
        const refusal = await fails(user, { ...request, ...sent }, knowing([alice, noAnchor]))
        expect(refusal.reason).to.equal(reason)
        expect(refusal.hint).to.contain('It would match alice@customer.com, but for the padding')
      }
    })

    it('never lets anyone in', async () => {
      for (const sent of [aliceAnchor.toLowerCase(), `${aliceAnchor}=`, guid, ` ${aliceAnchor}`]) {
        const refusal = await fails(user, sending(sent), knowing([alice, dotNet]))
        expect(refusal.reason, sent).to.equal('immutableIdMismatch')
      }
    })

    it('has no hint about an unknown value', async () => {
      const refusal = await fails(
        user,
        { request: null, ...sending('something else') },
        knowing([alice]),
      )
      expect(refusal.hint).to.equal(undefined)
    })
  })
})
