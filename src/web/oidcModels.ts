import type { Field } from './models.ts'

/** On the way back to the app. */
export interface GoOnPageModel {
  readonly appName: string
  /** Path on this server. */
  readonly url: string
}

/** The form that carries the answer to the app (OAuth 2.0 Form Post Response Mode). */
export interface AnswerPageModel {
  readonly appName: string
  /** The app's redirect URI; http or https. */
  readonly action: string
  readonly fields: readonly Field[]
}

/** `/devicelogin`: the code that a device shows. */
export interface DeviceCodePageModel {
  readonly value: string
  /** Why it is asked once more; null at first. */
  readonly problem: { readonly headline: string; readonly advice: string } | null
}

/** Is it really this device that is to be signed in? */
export interface DeviceConfirmPageModel {
  readonly appName: string
  readonly userPrincipalName: string
  /** As the device shows it: `BCDF-GHJK`. */
  readonly shownCode: string
  readonly hiddenFields: readonly Field[]
}

export interface DeviceDonePageModel {
  readonly appName: string
  readonly approved: boolean
}

/** Is the person really to be signed out? Asked when nothing in the request shows that they wanted it. */
export interface SignOutPageModel {
  readonly userPrincipalName: string
  readonly hiddenFields: readonly Field[]
}

/** The session is over; the apps that it was used for are told in frames. */
export interface SigningOutPageModel {
  /** Front-channel logout URIs of the apps; http or https. */
  readonly frames: readonly string[]
  /** Where the person goes on to: the app that asked, or a path on this server. */
  readonly next: string
}
