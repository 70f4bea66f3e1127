import type { Field } from './models.ts'

/** Why a form is shown once more. */
export interface FormProblem {
  readonly headline: string
  readonly advice: string
  /** The AADSTS number, linked to its explanation. */
  readonly code: number
  /** `AADSTS50126: ...`. */
  readonly message: string
}

/** The password of a managed domain: `GET /signin` for an address of one. */
export interface PasswordPageModel {
  readonly tenantName: string
  readonly email: string
  readonly problem: FormProblem | null
  /** More fields that go along unseen. */
  readonly hiddenFields?: readonly Field[] | undefined
}

/** A code of the authenticator app: `GET /signin/code`. */
export interface CodeFormPageModel {
  readonly email: string
  readonly problem: FormProblem | null
}

/** A new authenticator: `GET /signin/enrol`. */
export interface EnrolPageModel {
  readonly email: string
  /** The `otpauth://` address, which the QR code carries. */
  readonly uri: string
  /** The same secret in base32, to be typed where nothing can be scanned. */
  readonly secret: string
  readonly problem: FormProblem | null
}

/** The recovery codes, shown once. */
export interface RecoveryCodesPageModel {
  readonly codes: readonly string[]
  readonly continueUrl: string
}

/** A new password in place of one that must be changed: `GET /signin/new-password`. */
export interface NewPasswordPageModel {
  readonly email: string
  /** One sentence: what is wrong with the one that was typed. */
  readonly problem: string | null
}
