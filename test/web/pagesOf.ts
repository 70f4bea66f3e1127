import * as oidcPages from '../../src/web/oidcPages.ts'
import * as pages from '../../src/web/pages.ts'
import * as passwordPages from '../../src/web/passwordPages.ts'
import * as oidc from './oidcSamples.ts'
import * as samples from './samples.ts'

/** Fields that hold an address (checked, not free text) or one of a few fixed words. */
const notFree = new Set([
  'action',
  'url',
  'next',
  'frames',
  'againUrl',
  'startUrl',
  'continueUrl',
  'method',
  'result',
])

/** The model with every free text replaced, at every depth; numbers stay. */
function fill<T>(model: T, text: string, key = ''): T {
  if (typeof model === 'string') return (notFree.has(key) ? model : text) as T
  if (typeof model === 'function') return (() => text) as T
  if (Array.isArray(model)) return model.map((item) => fill(item, text, key)) as T
  if (typeof model !== 'object' || model === null) return model
  return Object.fromEntries(
    Object.entries(model).map(([name, value]) => [name, fill(value, text, name)]),
  ) as T
}

/** Every page as a function of the one text that stands everywhere in it. */
export const pagesOf: Record<string, (text: string) => string> = {
  email: (text) => pages.emailPage(fill(samples.email, text)),
  'email with a problem': (text) => pages.emailPage(fill(samples.emailProblem, text)),
  'email in the demo': (text) => pages.emailPage(fill(samples.emailDemo, text)),
  password: (text) => passwordPages.passwordPage(fill(samples.passwordProblem, text)),
  'second factor': (text) => passwordPages.codePage(fill(samples.secondFactor, text)),
  // The address of the QR code is drawn, not written: a long one would not fit into it.
  enrol: (text) =>
    passwordPages.enrolPage({ ...fill(samples.enrol, text), uri: samples.enrol.uri }),
  'recovery codes': (text) => passwordPages.recoveryCodesPage(fill(samples.recoveryCodes, text)),
  'new password': (text) => passwordPages.newPasswordPage(fill(samples.newPassword, text)),
  'on to the app': (text) => oidcPages.goOnPage(fill(oidc.goOn, text)),
  'answer to the app': (text) => oidcPages.answerPage(fill(oidc.answer, text)),
  'device code': (text) => oidcPages.deviceCodePage(fill(oidc.deviceCodeProblem, text)),
  'device confirmation': (text) => oidcPages.deviceConfirmPage(fill(oidc.deviceConfirm, text)),
  'device done': (text) => oidcPages.deviceDonePage(fill(oidc.deviceDone, text)),
  'sign out': (text) => oidcPages.signOutPage(fill(oidc.signOut, text)),
  'send to the identity provider': (text) => pages.sendToIdpPage(fill(samples.send, text)),
  'send with no e-mail': (text) =>
    pages.sendToIdpPage({ ...fill(samples.send, text), email: null }),
  me: (text) => pages.mePage(fill(samples.me, text)),
  refused: (text) =>
    pages.refusedPage(fill({ ...samples.refused, heading: 'x', signedInAs: 'x' }, text)),
  code: (text) => pages.codePage(fill(samples.code, text)),
  'unknown code': (text) => pages.codeUnknownPage(fill(samples.codes, text)),
  'signed out': (text) => pages.signedOutPage(fill(samples.signedOut, text)),
  'signed out here alone': (text) => pages.signedOutPage(fill(samples.signedOutHere, text)),
  'not found': (text) => pages.notFoundPage(fill(samples.notFound, text)),
}
