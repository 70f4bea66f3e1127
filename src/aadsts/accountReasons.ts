import type { AadstsCode } from './catalogue.ts'

/** What a reason is outside, and how it is mended. */
export interface ReasonEntry {
  readonly aadsts: AadstsCode
  /** What to change, as one imperative sentence for the trace. */
  readonly remedy: string
}

/** The reasons that are about the tenant, the account, its password, or the app, and not about a SAML message. */
export const accountReasons = {
  tenantNotFound: {
    aadsts: 90002,
    remedy: 'Use the tenant’s GUID or one of its verified domains in the path.',
  },
  realmUnknown: { aadsts: 50059, remedy: 'Add and federate the domain, or correct the address.' },
  emailMalformed: { aadsts: 90013, remedy: 'Type the address as name@domain.' },
  passwordWrong: { aadsts: 50126, remedy: 'Type the password again, or have it set anew.' },
  accountLocked: { aadsts: 50053, remedy: 'Wait until the lock ends.' },
  codeWrong: {
    aadsts: 500121,
    remedy:
      'Type the code that the authenticator shows now; each is good once. Check the clock of the phone.',
  },
  appNotFound: { aadsts: 700016, remedy: 'Register the app, or correct its client id.' },
  replyUrlMismatch: {
    aadsts: 50011,
    remedy: 'Register the redirect URI exactly as the app sends it.',
  },
  userNotAssigned: { aadsts: 50105, remedy: 'Assign the user or one of their groups to the app.' },
} as const satisfies Record<string, ReasonEntry>
