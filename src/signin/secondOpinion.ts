import { secondOpinion } from '../saml/secondOpinion.ts'
import type { MessageLimits } from '../saml/types.ts'
import type { SecondOpinion } from './circumstances.ts'

/** @node-saml/node-saml as the second opinion, for an SP with that ACS URL and entityID. */
export function nodeSamlOpinion(
  acs: string,
  entityId: string,
  limits: MessageLimits,
): SecondOpinion {
  return (message, federation, verified, { now, clockSkew }) => {
    const { issuer, nameId } = verified.assertion
    return secondOpinion(message, {
      issuerUri: federation.issuerUri,
      certificatesBase64: [
        ...new Set([
          verified.signedBy.base64,
          federation.signingCertificate,
          ...(federation.nextSigningCertificate ? [federation.nextSigningCertificate] : []),
        ]),
      ],
      limits,
      entityId,
      acs,
      now,
      clockSkew,
      expected: { issuer: issuer ?? '', nameId: nameId?.value ?? '' },
    })
  }
}
