import { refuse } from '../../aadsts/reasons.ts'
import { explainDifference, nearMisses, transformsInWords } from '../../directory/nearMiss.ts'
import { parseEmail, principalNameKey } from '../../directory/upn.ts'
import { discoverRealm } from '../../realm/discover.ts'
import type { Circumstances } from '../circumstances.ts'
import { check } from './check.ts'

const MULTIPLE_AUTHN = 'http://schemas.microsoft.com/claims/multipleauthn'

/**
 * Whose ImmutableId is the NameID, byte for byte? Nothing else ever finds an account on this path (R23). The three ways to
 * match nobody are those of DESIGN.md section 4.
 */
export const user = check('user', ['nameId', 'request'], async (found, circumstances) => {
  const { directory, acs } = circumstances
  const sent = found.nameId
  const matched = await directory.userByImmutableId(sent)
  if (matched !== null) {
    return {
      expected: sent,
      actual: sent,
      hint: `is ${matched.userPrincipalName}`,
      found: { user: matched },
    }
  }
  const typed = found.request?.loginHint ?? null
  if (typed === null) {
    const reason =
      found.request === null && !acs.tenantInPath ? 'tenantNotIdentified' : 'immutableIdMismatch'
    refuse(reason, {
      expected: 'the onPremisesImmutableId of a user',
      actual: sent,
      hint: await nearHint(sent, circumstances),
    })
  }
  const meant = await directory.userByPrincipalName(typed)
  if (meant === null) {
    refuse('userNotFound', {
      expected: `a user ${typed}, or one with this NameID as onPremisesImmutableId`,
      actual: sent,
      hint: await nearHint(sent, circumstances),
    })
  }
  const stored = meant.onPremisesImmutableId
  if (stored === null) {
    refuse('immutableIdMismatch', {
      expected: `an onPremisesImmutableId of ${meant.userPrincipalName}, who has none`,
      actual: sent,
      hint: await nearHint(sent, circumstances),
    })
  }
  refuse('immutableIdMismatch', {
    expected: `${stored} (${meant.userPrincipalName})`,
    actual: sent,
    hint: await mismatchHint(sent, stored, circumstances),
  })
})

async function mismatchHint(
  sent: string,
  stored: string,
  circumstances: Circumstances,
): Promise<string | undefined> {
  const difference = explainDifference(sent, stored)
  const near = await nearHint(sent, circumstances)
  const hints = [difference && `The NameID ${difference}.`, near].filter(Boolean)
  return hints.length > 0 ? hints.join(' ') : undefined
}

/** "would match alice@customer.com if the identity provider sent ..." - for the admin's trace alone. */
async function nearHint(sent: string, { directory }: Circumstances): Promise<string | undefined> {
  for (const { transforms, value } of nearMisses(sent)) {
    const near = await directory.userByImmutableId(value)
    if (near !== null) {
      return `It would match ${near.userPrincipalName}, but for ${transformsInWords(transforms)}.`
    }
  }
  return undefined
}

/** The user's domain must be served by this federation (Entra's Federated Token Validation policy; R22). */
export const domain = check('domain', ['user', 'federation'], async (found, { directory }) => {
  const { userPrincipalName } = found.user
  const realm = await discoverRealm(directory, parseEmail(userPrincipalName).domain)
  if (realm.kind !== 'federated' || realm.federation.id !== found.federation.id) {
    refuse('upnDomainNotFederatedHere', {
      expected: `a domain of the federation ${found.federation.displayName}`,
      actual: `${userPrincipalName}, whose domain is ${
        realm.kind === 'federated' ? `served by ${realm.federation.displayName}` : realm.kind
      }`,
    })
  }
  return { expected: realm.domain.id, actual: userPrincipalName }
})

export const enabled = check('enabled', ['user'], (found) => {
  if (!found.user.accountEnabled) {
    refuse('userDisabled', { expected: 'accountEnabled true', actual: 'accountEnabled false' })
  }
  return { expected: 'accountEnabled true', actual: 'accountEnabled true' }
})

/** Where a federation asks for it, the signed IDPEmail must be the user's principal name. */
export const idpEmail = check('idpEmail', ['user', 'federation', 'verified'], (found) => {
  const sent = found.verified.assertion.attributes.find((a) => a.name === 'IDPEmail')?.values
  if (!found.federation.requireIdpEmailMatch) {
    return { notApplicable: 'The federation does not ask for it.', actual: sent?.join(', ') }
  }
  const [email, ...more] = sent ?? []
  const wanted = found.user.userPrincipalName
  if (
    email === undefined ||
    more.length > 0 ||
    principalNameKey(email) !== principalNameKey(wanted)
  ) {
    refuse('idpEmailMismatch', { expected: wanted, actual: sent?.join(', ') ?? 'no IDPEmail' })
  }
  return { expected: wanted, actual: email }
})

/** Entra reads a SAML 2.0 identity provider's second factor from AuthnContextClassRef alone. */
export const mfa = check('mfa', ['verified', 'federation'], (found) => {
  if (found.federation.federatedIdpMfaBehavior !== 'enforceMfaByFederatedIdp') {
    return {
      notApplicable: `federatedIdpMfaBehavior is ${found.federation.federatedIdpMfaBehavior}.`,
    }
  }
  const classRef = found.verified.assertion.authnStatements[0]?.classRef ?? 'none'
  if (classRef !== MULTIPLE_AUTHN)
    refuse('mfaRequired', { expected: MULTIPLE_AUTHN, actual: classRef })
  return { expected: MULTIPLE_AUTHN, actual: classRef }
})

/** An independent verifier must agree, where it is switched on. */
export const secondOpinion = check(
  'secondOpinion',
  ['message', 'federation', 'verified'],
  async ({ message, federation, verified }, circumstances) => {
    if (circumstances.secondOpinion === null) return { notApplicable: 'It is off.' }
    const opinion = await circumstances.secondOpinion(message, federation, verified, circumstances)
    if (opinion.agrees === 'cannot') return { notApplicable: `It cannot judge: ${opinion.why}` }
    if (!opinion.agrees) {
      refuse('secondOpinionDiffers', {
        expected: 'two verifiers that agree',
        actual: opinion.differences,
      })
    }
    return { expected: 'two verifiers that agree', actual: 'they agree' }
  },
)
