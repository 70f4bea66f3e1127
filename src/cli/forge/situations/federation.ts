import type { WrittenCase } from '../../replay/caseFile.ts'
import { domainOf, type Setting } from '../setting.ts'

export type CaseFederation = WrittenCase['federations'][number]

/** The usual federation of a case, changed. */
export function ownFederation(
  setting: Setting,
  change: Partial<CaseFederation> = {},
): CaseFederation {
  return {
    issuerUri: setting.issuer,
    domains: [domainOf(setting.user)],
    signingCertificate: setting.certificateText(setting.key),
    ...change,
  }
}

type Change = Partial<CaseFederation>

/** The circumstances of a federation that is set up so. */
export function under(change: Change | ((setting: Setting) => Change)) {
  return (setting: Setting) => ({
    federations: [ownFederation(setting, typeof change === 'function' ? change(setting) : change)],
  })
}
