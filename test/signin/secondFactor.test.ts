import { expect } from 'chai'
import type { Federation } from '../../src/directory/types.ts'
import { MULTIPLE_AUTHN, secondFactor } from '../../src/signin/checks/secondFactor.ts'
import { circumstancesOf, fails, federation, passes, waiting } from '../support/circumstances.ts'
import { statementWith, verified, verifiedResponse } from '../support/verified.ts'

type Behavior = Federation['federatedIdpMfaBehavior']

const password = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'
const behaviors = [
  'acceptIfMfaDoneByFederatedIdp',
  'enforceMfaByFederatedIdp',
  'rejectMfaByFederatedIdp',
] as const satisfies readonly Behavior[]

/** What the check is asked: whose word counts, what the identity provider says, what the app wants. */
const asked = (federatedIdpMfaBehavior: Behavior, said: string | null, requiresMfa = false) => ({
  federation: { ...federation, federatedIdpMfaBehavior },
  verified: verifiedResponse({
    authnStatements: [statementWith({ classRef: said === null ? null : verified(said) })],
  }),
  request: { ...waiting, requiresMfa },
})
/** What is known here of the user. */
const knowing = (isRequired: boolean, isEnrolled: boolean) =>
  circumstancesOf({}, { secondFactors: { of: async () => ({ isRequired, isEnrolled }) } })

describe('check secondFactor', () => {
  it('needs what was verified, whose it is, and for what', () => {
    expect(secondFactor.needs).to.deep.equal(['verified', 'federation', 'user', 'request'])
  })

  for (const behavior of behaviors) {
    describe(behavior, () => {
      const counts = behavior !== 'rejectMfaByFederatedIdp'

      it(`${counts ? 'takes' : 'does not take'} the word of the identity provider`, async () => {
        for (const isRequired of [false, true]) {
          const at = knowing(isRequired, true)
          const { found, actual } = await passes(secondFactor, asked(behavior, MULTIPLE_AUTHN), at)
          const here = isRequired ? 'here' : 'none'
          expect(found).to.deep.equal({ secondFactor: counts ? 'byIdp' : here })
          if (counts) expect(actual).to.equal(MULTIPLE_AUTHN)
        }
      })

      it('asks for none when neither the user nor the app requires one', async () => {
        const told = await passes(secondFactor, asked(behavior, password), knowing(false, true))
        expect(told.found).to.deep.equal({ secondFactor: 'none' })
        expect([told.actual, told.notApplicable]).to.deep.equal([
          password,
          'Neither the user nor the app requires a second factor.',
        ])
      })

      it('asks here when the user, the app or both require one and the user has one', async () => {
        for (const [ofUser, ofApp] of [
          [true, false],
          [false, true],
          [true, true],
        ] as const) {
          const found = asked(behavior, null, ofApp)
          const told = await passes(secondFactor, found, knowing(ofUser, true))
          expect(told.found).to.deep.equal({ secondFactor: 'here' })
          expect(told.actual).to.equal('it is asked for here')
        }
      })

      it('refuses when one is required and the user has none here: mfaRequired', async () => {
        for (const [said, actual] of [
          [password, `${password}, and none here`],
          [null, 'none, and none here'],
        ] as const) {
          const found = asked(behavior, said, true)
          const evidence = await fails(secondFactor, found, knowing(false, false))
          expect(evidence.reason).to.equal('mfaRequired')
          const here = 'a second factor of the user here (TOTP)'
          expect(evidence.expected).to.equal(counts ? `${MULTIPLE_AUTHN}, or ${here}` : here)
          expect(evidence.actual).to.equal(actual)
        }
      })
    })
  }
})
