import { refuse } from '../../aadsts/reasons.ts'
import { check } from './check.ts'

/** Entra reads a SAML 2.0 identity provider's second factor from AuthnContextClassRef alone. */
export const MULTIPLE_AUTHN = 'http://schemas.microsoft.com/claims/multipleauthn'

/**
 * Who vouches for a second factor, and is one still to be asked for here? By the federation's federatedIdpMfaBehavior, as Graph
 * documents its three values:
 *
 * | value | the identity provider did it | it did not, and one is required |
 * |---|---|---|
 * | acceptIfMfaDoneByFederatedIdp | it counts | TOTP here, or else mfaRequired |
 * | enforceMfaByFederatedIdp | it counts | mfaRequired (the check `mfa`), which sends back to the provider once |
 * | rejectMfaByFederatedIdp | it does not count | TOTP here, or else mfaRequired |
 *
 * Required it is by the user's flag, or by the app that the sign-in is for.
 */
export const secondFactor = check(
  'secondFactor',
  ['verified', 'federation', 'user', 'request'],
  async ({ verified, federation, user, request }, { secondFactors }) => {
    const behavior = federation.federatedIdpMfaBehavior
    const classRef = verified.assertion.authnStatements[0]?.classRef ?? 'none'
    if (classRef === MULTIPLE_AUTHN && behavior !== 'rejectMfaByFederatedIdp') {
      const found = { secondFactor: 'byIdp' } as const
      return { expected: MULTIPLE_AUTHN, actual: classRef, found }
    }
    const here = await secondFactors?.of(user.id)
    const isRequired = request?.requiresMfa === true || here?.isRequired === true
    if (!isRequired) {
      return {
        notApplicable: 'Neither the user nor the app requires a second factor.',
        actual: classRef,
        found: { secondFactor: 'none' },
      }
    }
    if (here?.isEnrolled !== true) {
      refuse('mfaRequired', {
        expected:
          behavior === 'rejectMfaByFederatedIdp'
            ? 'a second factor of the user here (TOTP)'
            : `${MULTIPLE_AUTHN}, or a second factor of the user here (TOTP)`,
        actual: `${classRef}, and none here`,
      })
    }
    return {
      expected: 'a second factor',
      actual: 'it is asked for here',
      found: { secondFactor: 'here' },
    }
  },
)
