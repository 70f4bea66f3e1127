import type {
  AnswerPageModel,
  DeviceCodePageModel,
  DeviceConfirmPageModel,
  DeviceDonePageModel,
  GoOnPageModel,
  SigningOutPageModel,
  SignOutPageModel,
} from '../../src/web/oidcModels.ts'
import * as pages from '../../src/web/oidcPages.ts'

export const goOn: GoOnPageModel = { appName: 'Routty', url: '/common/oauth2/v2.0/authorize/x' }

export const answer: AnswerPageModel = {
  appName: 'Routty',
  action: 'https://routty.example/signin?tenant=1',
  fields: [
    ['code', '9vQ-x'],
    ['state', 'a"b<c>'],
  ],
}

export const deviceCode: DeviceCodePageModel = { value: '', problem: null }

export const deviceCodeProblem: DeviceCodePageModel = {
  value: 'BCDF-GHJK',
  problem: { headline: 'That code does not work.', advice: 'Type it exactly as it is shown.' },
}

export const deviceConfirm: DeviceConfirmPageModel = {
  appName: 'Routty TV',
  userPrincipalName: 'alice@customer.com',
  shownCode: 'BCDF-GHJK',
  hiddenFields: [['user_code', 'BCDFGHJK']],
}

export const deviceDone: DeviceDonePageModel = { appName: 'Routty TV', approved: true }

export const signOut: SignOutPageModel = {
  userPrincipalName: 'alice@customer.com',
  hiddenFields: [['post_logout_redirect_uri', 'https://routty.example/bye']],
}

/** The one page with frames, which stand for other sites: it is looked at by itself. */
export const signingOut: SigningOutPageModel = {
  frames: ['https://crm.example/logout?iss=x&sid=y'],
  next: 'https://routty.example/bye',
}

/** The pages of the OpenID provider as they are made from their samples, by name. */
export const oidcPages: readonly (readonly [name: string, make: () => string])[] = [
  ['go-on', () => pages.goOnPage(goOn)],
  ['answer', () => pages.answerPage(answer)],
  ['device-code', () => pages.deviceCodePage(deviceCode)],
  ['device-code-problem', () => pages.deviceCodePage(deviceCodeProblem)],
  ['device-confirm', () => pages.deviceConfirmPage(deviceConfirm)],
  ['device-done', () => pages.deviceDonePage(deviceDone)],
  ['device-refused', () => pages.deviceDonePage({ ...deviceDone, approved: false })],
  ['sign-out', () => pages.signOutPage(signOut)],
]
