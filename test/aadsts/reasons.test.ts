import { expect } from 'chai'
import { catalogueEntry } from '../../src/aadsts/catalogue.ts'
import {
  aadstsCode,
  isReason,
  type Reason,
  Refusal,
  reasons,
  refuse,
} from '../../src/aadsts/reasons.ts'

/** Reasons and codes of the reference (entra.md section 9), copied by hand. */
const reference: readonly (readonly [string, number])[] = [
  ['samlResponseMissing', 750054],
  ['methodNotAllowed', 900561],
  ['messageTooLarge', 75005],
  ['notBase64', 75005],
  ['notUtf8', 75005],
  ['notWellFormed', 75005],
  ['forbiddenMarkup', 75005],
  ['tooComplex', 75005],
  ['notAResponse', 7500514],
  ['statusNotSuccess', 500082],
  ['assertionMissing', 500082],
  ['severalAssertions', 50008],
  ['signaturePlacement', 50008],
  ['duplicateId', 50008],
  ['issuerNotFederated', 50107],
  ['issuerMismatch', 500083],
  ['notSigned', 50008],
  ['algorithmNotAllowed', 50008],
  ['signingKeyUnknown', 5000811],
  ['signatureInvalid', 50006],
  ['digestMismatch', 50006],
  ['assertionExpired', 500089],
  ['assertionNotYetValid', 500089],
  ['lifetimeTooLong', 500089],
  ['timeMissing', 500089],
  ['audienceMismatch', 500089],
  ['recipientMismatch', 500089],
  ['destinationMismatch', 500089],
  ['subjectConfirmationInvalid', 500089],
  ['conditionUnknown', 500089],
  ['requestUnknown', 50089],
  ['requestExpired', 50089],
  ['browserMismatch', 50089],
  ['unsolicitedNotAllowed', 50089],
  ['responseReplayed', 500089],
  ['nameIdMissing', 50008],
  ['nameIdFormatNotAllowed', 50008],
  ['nameIdMalformed', 50008],
  ['immutableIdMismatch', 51004],
  ['userNotFound', 50034],
  ['tenantNotIdentified', 90019],
  ['upnDomainNotFederatedHere', 5000820],
  ['idpEmailMismatch', 5000819],
  ['userDisabled', 50057],
  ['mfaRequired', 50079],
  ['decryptionFailed', 50008],
  ['tenantNotFound', 90002],
  ['realmUnknown', 50059],
  ['emailMalformed', 90013],
  ['passwordWrong', 50126],
  ['accountLocked', 50053],
  ['appNotFound', 700016],
  ['replyUrlMismatch', 50011],
  ['userNotAssigned', 50105],
  ['authenticationTooOld', 70044],
]

const all = Object.keys(reasons) as Reason[]

describe('reasons', () => {
  for (const [reason, code] of reference) {
    it(`${reason} shows as AADSTS${code}`, () => {
      expect(isReason(reason)).to.equal(true)
      expect(aadstsCode(reason as Reason)).to.equal(code)
    })
  }

  it('have a code of the catalogue each, and a remedy that is a sentence', () => {
    for (const reason of all) {
      expect(catalogueEntry(aadstsCode(reason)), reason).to.not.equal(undefined)
      const { remedy } = reasons[reason]
      expect(remedy, reason).to.match(/^[A-Z]/)
      expect(remedy, reason).to.match(/[^.]\.(\.\.)?$/)
    }
  })

  it('are told from other texts by name, and not by what every object has', () => {
    for (const text of [
      'toString',
      'constructor',
      '__proto__',
      '',
      'AudienceMismatch',
      'audienceMismatch ',
    ]) {
      expect(isReason(text), text).to.equal(false)
    }
    for (const reason of all) expect(isReason(reason)).to.equal(true)
  })
})

describe('Refusal', () => {
  it('carries the reason and the evidence, and only the reason in its message', () => {
    let thrown: unknown
    try {
      refuse('audienceMismatch', { expected: 'a', actual: 'secret' })
    } catch (error) {
      thrown = error
    }
    expect(thrown).to.be.instanceOf(Refusal)
    const refusal = thrown as Refusal
    expect(refusal.reason).to.equal('audienceMismatch')
    expect(refusal.evidence).to.deep.equal({ expected: 'a', actual: 'secret' })
    expect(refusal.message).to.equal('audienceMismatch')
    expect(new Refusal('notSigned').evidence).to.deep.equal({})
  })
})
