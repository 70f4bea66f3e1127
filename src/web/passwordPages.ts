import type {
  CodeFormPageModel,
  EnrolPageModel,
  FormProblem,
  NewPasswordPageModel,
  PasswordPageModel,
  RecoveryCodesPageModel,
} from './passwordModels.ts'
import { qrDrawing } from './qr.ts'
import { render } from './templates.ts'
import { safeUrl } from './url.ts'

/** The password of a managed domain; posts `username` and `password` to `/signin/password`. */
export function passwordPage(model: PasswordPageModel): string {
  return render('password', {
    title: titleOf('Enter password', model.problem),
    tenantName: model.tenantName,
    email: model.email,
    problem: withHelp(model.problem),
    hiddenFields: model.hiddenFields ?? [],
  })
}

/** A code of the authenticator app, or a recovery code; posts `code`. */
export function codePage(model: CodeFormPageModel): string {
  return render('second-factor', {
    title: titleOf('Enter code', model.problem),
    email: model.email,
    problem: withHelp(model.problem),
  })
}

/** A QR code to scan, and the first code to prove it; posts `code`. */
export function enrolPage(model: EnrolPageModel): string {
  return render('enrol', {
    title: titleOf('Set up an authenticator app', model.problem),
    email: model.email,
    secret: model.secret.replaceAll(/.{4}(?=.)/g, '$& '),
    qr: qrDrawing(model.uri),
    problem: withHelp(model.problem),
  })
}

/** The recovery codes, and on. */
export function recoveryCodesPage(model: RecoveryCodesPageModel): string {
  return render('recovery-codes', {
    title: 'Keep your recovery codes',
    codes: model.codes,
    continueUrl: safeUrl('continueUrl', model.continueUrl),
  })
}

/** A new password, twice; posts `password` and `repeated`. */
export function newPasswordPage(model: NewPasswordPageModel): string {
  return render('new-password', {
    title: model.problem === null ? 'Choose a new password' : `Error: ${model.problem}`,
    email: model.email,
    problem: model.problem,
  })
}

function titleOf(title: string, problem: FormProblem | null): string {
  return problem === null ? title : `Error: ${problem.headline}`
}

function withHelp(problem: FormProblem | null) {
  return problem && { ...problem, help: `/error?code=${problem.code}` }
}
