import { type DemoOktaUser, oktaResponse } from '../../src/demo-okta/honest.ts'
import type { IdpKey } from '../../src/demo-okta/keys.ts'
import {
  type AssertionSpec,
  buildResponse,
  newOktaId,
  type ResponseSpec,
} from '../../src/demo-okta/response.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import type { Carried } from './visitor.ts'

/** One app at an Okta, without its pages: signs whatever a test wants said. */
export class IdentityProvider {
  readonly issuer: string
  readonly key: IdpKey
  readonly #acs: string
  readonly #audience: string
  readonly #clock: Clock

  constructor(app: {
    readonly issuer: string
    readonly acs: string
    readonly audience: string
    readonly key: IdpKey
    readonly clock: Clock
  }) {
    this.issuer = app.issuer
    this.key = app.key
    this.#acs = app.acs
    this.#audience = app.audience
    this.#clock = app.clock
  }

  /** The response for a person, ready to be posted; `change` alters the honest one before it is signed. */
  respond(
    user: DemoOktaUser,
    inResponseTo: string | null,
    change: (spec: ResponseSpec) => ResponseSpec = (spec) => spec,
  ): Carried {
    const honest = oktaResponse({
      now: this.#clock(),
      responseId: newOktaId(systemRandom),
      assertionId: newOktaId(systemRandom),
      issuer: this.issuer,
      acs: this.#acs,
      audience: this.#audience,
      inResponseTo,
      user,
      key: this.key,
    })
    return { acs: this.#acs, samlResponse: asPosted(buildResponse(change(honest))) }
  }
}

/** Changes every assertion of a response. */
export function eachAssertion(
  change: (assertion: AssertionSpec) => Partial<AssertionSpec>,
): (spec: ResponseSpec) => ResponseSpec {
  return (spec) => ({
    ...spec,
    assertions: spec.assertions.map((assertion) => ({ ...assertion, ...change(assertion) })),
  })
}

/** base64, as the form field carries it. */
export function asPosted(xml: string): string {
  return Buffer.from(xml, 'utf8').toString('base64')
}
