import { aadstsCode, type Reason } from '../../aadsts/reasons.ts'
import {
  allFaults,
  type Fault,
  type FaultScene,
  forgeMessage,
  forgeResponse,
} from '../../demo-okta/faults/index.ts'
import type { SignInFacts } from '../../demo-okta/honest.ts'
import { newOktaId } from '../../demo-okta/response.ts'
import type { RandomSource } from '../../lib/ids.ts'
import type { WrittenCase } from '../replay/caseFile.ts'
import type { NewFile } from '../wholeFiles.ts'
import { bobNameId, domainOf, factsOf, otherUserOf, type Setting } from './setting.ts'
import { testKey } from './testKeys.ts'

/** One case to be made: what the identity provider sends, and under which circumstances it is judged. */
export interface CasePlan {
  readonly name: string
  /** Names of faults, all in one response. */
  readonly faults: readonly string[]
  /** What the honest response is otherwise than usual. */
  readonly facts?: (setting: Setting) => Partial<SignInFacts>
  /** What is otherwise here than usual. */
  readonly circumstances?: (setting: Setting, facts: SignInFacts) => Partial<WrittenCase>
  /** `null`: it signs in. Absent: nobody says. */
  readonly expected?: Reason | null
  /** Who signs in; the one who is sent, when absent. */
  readonly signsIn?: (setting: Setting) => string
}

export interface ForgedCase {
  readonly name: string
  readonly content: WrittenCase
  readonly body: string
}

/**
 * Makes a case. The same plan and setting give the same bytes as long as `randomFor` does, but for signatures that are random
 * themselves (RSA-PSS, ECDSA).
 * @throws Error for faults that do not go together, TypeError for values that XML cannot carry
 */
export async function forgeCase(plan: CasePlan, setting: Setting): Promise<ForgedCase> {
  const random = setting.randomFor(plan.name)
  const facts = { ...factsOf(setting, random), ...plan.facts?.(setting) }
  const scene = await sceneOf(facts, random)
  const { encoding, body } = await forgeMessage(plan.faults.map(faultNamed), scene)
  const content: WrittenCase = {
    name: plan.name,
    at: setting.at,
    response: `${plan.name}.${encoding === 'xml' ? 'xml' : 'b64'}`,
    encoding,
    ...usualCircumstances(setting),
    ...(/<\w+:Encrypted/.test(body) && { decryptionKey: setting.decryptionKeyText() }),
    ...plan.circumstances?.(setting, facts),
  }
  const { expected } = plan
  const user = plan.signsIn?.(setting) ?? setting.user.login
  return {
    name: plan.name,
    content: expected === undefined ? content : { ...content, expect: expectation(expected, user) },
    body,
  }
}

/** A case as the two files that it is. */
export function filesOf({ name, content, body }: ForgedCase): readonly NewFile[] {
  return [
    [`${name}.json`, `${JSON.stringify(content, null, 2)}\n`],
    [content.response, body],
  ]
}

export function faultNamed(name: string): Fault {
  const fault = allFaults.get(name)
  if (!fault) throw new Error(`no fault ${name}`)
  return fault
}

function usualCircumstances(setting: Setting) {
  const { user, acs, audience, issuer, requestId } = setting
  return {
    acs,
    audience,
    clockSkewSeconds: 120,
    request: { id: requestId, federation: issuer, loginHint: user.login },
    federations: [
      {
        issuerUri: issuer,
        domains: [domainOf(user)],
        signingCertificate: setting.certificateText(setting.key),
        nextSigningCertificate: null,
      },
    ],
    users: [
      { userPrincipalName: user.login, onPremisesImmutableId: user.nameId },
      { userPrincipalName: otherUserOf(user), onPremisesImmutableId: bobNameId },
    ],
    decryptionKey: null,
  } satisfies Partial<WrittenCase>
}

async function sceneOf(facts: SignInFacts, random: RandomSource): Promise<FaultScene> {
  const scene: FaultScene = {
    facts,
    forgedNameId: bobNameId,
    foreignKey: async () => testKey('foreign'),
    newId: () => newOktaId(random),
    previous: null,
    workshop: {
      impostorKey: testKey('impostor'),
      decryptionCertificatePem: testKey('decryption').certificatePem,
      random,
    },
  }
  return { ...scene, previous: await forgeResponse([], scene) }
}

function expectation(reason: Reason | null, user: string): NonNullable<WrittenCase['expect']> {
  return reason === null
    ? { outcome: 'signedIn', user }
    : { outcome: 'refused', reason, aadsts: aadstsCode(reason) }
}
