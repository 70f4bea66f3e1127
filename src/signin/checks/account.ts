import { refuse } from '../../aadsts/reasons.ts'
import { explainDifference } from '../../directory/anchorDifference.ts'
import { transformsInWords } from '../../directory/anchorTransforms.ts'
import { nearMisses } from '../../directory/nearMiss.ts'
import type { User } from '../../directory/types.ts'
import { principalNameDomain, principalNameKey } from '../../directory/upn.ts'
import { discoverRealm, type Realm } from '../../realm/discover.ts'
import type { Circumstances } from '../circumstances.ts'
import { check } from './check.ts'
import { MULTIPLE_AUTHN } from './secondFactor.ts'

/**
 * Whose ImmutableId is the NameID, byte for byte? Nothing else ever finds an account on this path (R23). The three ways to
 * match nobody are those of DESIGN.md section 4.
 */
export const user = check(
  'user',
  ['nameId', 'request', 'federation'],
  async (found, circumstances) => {
    const { directory, acs } = circumstances
    const sent = found.nameId
    const matched = await directory.userByImmutableId(sent)
    if (matched !== null) {
      return {
        expected: sent,
        actual: sent,
        hint: `It is the onPremisesImmutableId of ${matched.userPrincipalName}.`,
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
    const realm = await realmOf(typed, directory)
    if (realm?.kind !== 'federated' || realm.federation.id !== found.federation.id) {
      // An identity provider that was asked by a domain hint must not learn who exists in the domains of another.
      refuse('immutableIdMismatch', {
        expected: 'the onPremisesImmutableId of a user',
        actual: sent,
        hint: `The typed e-mail ${typed} is in no domain of this federation.`,
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
    const difference = explainDifference(sent, stored)
    refuse('immutableIdMismatch', {
      expected: `${stored} (${meant.userPrincipalName})`,
      actual: sent,
      hint: [
        difference && `The NameID ${difference}.`,
        await originHint(meant, circumstances),
        await nearHint(sent, circumstances, meant),
      ]
        .filter(Boolean)
        .join(' '),
    })
  },
)

/** Which file and line the stored ImmutableId came from: there the mistake can be looked for. For the admin's trace alone. */
async function originHint(user: User, { directory }: Circumstances): Promise<string | null> {
  const origin = await directory.originOf?.(user.id, 'onPremisesImmutableId')
  return origin ? `The stored ImmutableId is from ${origin.file}, line ${origin.line}.` : null
}

/** "It would match bob@customer.com, but for the padding" - for the admin's trace alone. `known` was compared already. */
async function nearHint(
  sent: string,
  { directory }: Circumstances,
  known: User | null = null,
): Promise<string | undefined> {
  for (const { transforms, value } of nearMisses(sent)) {
    const near = await directory.userByImmutableId(value)
    if (near !== null && near.id !== known?.id) {
      return `It would match ${near.userPrincipalName}, but for ${transformsInWords(transforms)}.`
    }
  }
  return undefined
}

/** The user's domain must be served by this federation (Entra's Federated Token Validation policy; R22). */
export const domain = check('domain', ['user', 'federation'], async (found, { directory }) => {
  const { userPrincipalName } = found.user
  const realm = await realmOf(userPrincipalName, directory)
  if (realm?.kind !== 'federated' || realm.federation.id !== found.federation.id) {
    refuse('upnDomainNotFederatedHere', {
      expected: `a user in a domain of the federation ${found.federation.displayName}`,
      actual: `${userPrincipalName}, whose domain is ${whoServes(realm)}`,
    })
  }
  return { expected: realm.domain.id, actual: userPrincipalName }
})

async function realmOf(
  principalName: string,
  directory: Circumstances['directory'],
): Promise<Realm | null> {
  const name = principalNameDomain(principalName)
  return name === null ? null : discoverRealm(directory, name)
}

function whoServes(realm: Realm | null): string {
  if (realm?.kind === 'federated') return `served by ${realm.federation.displayName}`
  return realm?.kind === 'managed' ? 'managed' : 'not set up here, or not verified'
}

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
