import type {
  AnswerPageModel,
  DeviceCodePageModel,
  DeviceConfirmPageModel,
  DeviceDonePageModel,
  GoOnPageModel,
  SigningOutPageModel,
  SignOutPageModel,
} from './oidcModels.ts'
import { render } from './templates.ts'
import { safeHttpUrl, safeUrl } from './url.ts'

/** Signed in; the browser goes on by itself, or by the link. */
export function goOnPage(model: GoOnPageModel): string {
  return render('go-on', { title: 'Signing you in', ...model, url: safeUrl('url', model.url) })
}

/** Carries the answer to the app. The script go.js submits the form; without it there is the button. */
export function answerPage(model: AnswerPageModel): string {
  return render('answer', {
    title: 'Signing you in',
    ...model,
    action: safeHttpUrl('action', model.action),
  })
}

export function deviceCodePage(model: DeviceCodePageModel): string {
  const title = model.problem ? `Error: ${model.problem.headline}` : 'Enter the code of your device'
  return render('device-code', { title, ...model })
}

export function deviceConfirmPage(model: DeviceConfirmPageModel): string {
  return render('device-confirm', { title: 'Sign in on another device', ...model })
}

export function deviceDonePage(model: DeviceDonePageModel): string {
  const title = model.approved ? 'Your device is signed in' : 'Your device was not signed in'
  return render('device-done', { title, ...model })
}

export function signOutPage(model: SignOutPageModel): string {
  return render('sign-out', { title: 'Sign out', ...model })
}

/** Tells the apps in frames, then goes on: the script leave.js waits for the frames, and no longer than a few seconds. */
export function signingOutPage(model: SigningOutPageModel): string {
  return render('signing-out', {
    title: 'Signing you out',
    frames: model.frames.map((uri) => safeHttpUrl('frames', uri)),
    next: safeUrl('next', model.next),
  })
}
