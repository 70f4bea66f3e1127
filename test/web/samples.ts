import { catalogue } from '../../src/aadsts/catalogue.ts'
import type {
  CodePageModel,
  CodeUnknownPageModel,
  EmailPageModel,
  MePageModel,
  NotFoundPageModel,
  RefusedPageModel,
  SendToIdpPageModel,
  SignedOutPageModel,
} from '../../src/web/models.ts'
import * as pages from '../../src/web/pages.ts'
import type {
  CodeFormPageModel,
  EnrolPageModel,
  FormProblem,
  NewPasswordPageModel,
  PasswordPageModel,
  RecoveryCodesPageModel,
} from '../../src/web/passwordModels.ts'
import * as passwordPages from '../../src/web/passwordPages.ts'
import { oidcPages } from './oidcSamples.ts'

const at = Date.UTC(2026, 0, 15, 9, 30)

/** One model of every page, with values as they occur. */
export const email: EmailPageModel = { tenantName: 'Customer Inc.', value: '', problem: null }

export const emailProblem: EmailPageModel = {
  tenantName: 'Customer Inc.',
  value: 'alice@custmer.com',
  problem: {
    headline: 'This server does not know the domain of that e-mail address.',
    advice: 'Check the address for a typing error, or use the address of your organization.',
    code: 50059,
    message:
      "AADSTS50059: No tenant-identifying information found: the domain 'custmer.com' is not set up here.",
  },
  hiddenFields: [['returnTo', '/me']],
}

export const emailDemo: EmailPageModel = {
  ...email,
  demo: {
    people: [
      { email: 'alice@customer.com', note: 'Signs in' },
      { email: 'bob@customer.com', note: 'Refused: his ImmutableId differs in case (AADSTS51004)' },
      { email: 'carol@customer.com', note: 'Refused: has no account here (AADSTS50034)' },
      { email: 'dave@customer.com', note: 'Refused: his account is disabled (AADSTS50057)' },
    ],
  },
}

const wrongPassword: FormProblem = {
  headline: 'The user name or the password is not right.',
  advice: 'Try again.',
  code: 50126,
  message: 'AADSTS50126: Error validating credentials due to invalid username or password.',
}
export const password: PasswordPageModel = {
  tenantName: 'Customer Inc.',
  email: 'erin@customer.org',
  problem: null,
  hiddenFields: [['return_to', '/continue']],
}
export const passwordProblem: PasswordPageModel = { ...password, problem: wrongPassword }
export const secondFactor: CodeFormPageModel = { email: 'erin@customer.org', problem: null }
export const enrol: EnrolPageModel = {
  email: 'erin@customer.org',
  uri: 'otpauth://totp/Customer:erin%40customer.org?secret=JBSWY3DPEHPK3PXP&issuer=Customer',
  secret: 'JBSWY3DPEHPK3PXP',
  problem: null,
}
export const recoveryCodes: RecoveryCodesPageModel = {
  codes: ['7k2m-x9qa-0c4h-jv3t', '1111-2222-3333-4444'],
  continueUrl: '/me',
}
export const newPassword: NewPasswordPageModel = {
  email: 'erin@customer.org',
  problem: 'Use 8 characters or more.',
}

export const send: SendToIdpPageModel = {
  action: 'https://customer.okta.com/app/homerealm/exk1/sso/saml?username=alice%40customer.com',
  method: 'post',
  fields: [
    ['SAMLRequest', 'PHNhbWxwOkF1dGhuUmVxdWVzdC8+'],
    ['RelayState', 'b0R4'],
  ],
  domain: 'customer.com',
  email: 'alice@customer.com',
  idpName: 'Customer Okta',
}

export const me: MePageModel = {
  displayName: 'Alice Adams',
  userPrincipalName: 'alice@customer.com',
  userId: '1e0a2b5c-6f0e-4f0d-9c55-3f2d7c0a8b11',
  tenantName: 'Customer Inc.',
  tenantId: '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11',
  domain: 'customer.com',
  federationName: 'Customer Okta',
  amr: ['fed', 'mfa'],
  offersSecondFactor: false,
  authenticatedAt: at,
  expiresAt: at + 12 * 3_600_000,
  nameId: 'q2w3e4r5t6y7u8i9o0p1aQ==',
  nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  sessionIndex: '_1f0e3dad-9990-8345-b743-9f8ffabdffc4',
  authnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
  claims: [
    ['IDPEmail', ['alice@customer.com']],
    ['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress', ['alice@customer.com']],
    ['groups', ['Everyone', 'Engineering', 'Berlin']],
  ],
  trace: [
    {
      check: 'issuer',
      result: 'pass',
      reason: null,
      expected: 'http://www.okta.com/exk1',
      actual: 'http://www.okta.com/exk1',
      hint: null,
    },
    {
      check: 'notOnOrAfter',
      result: 'pass',
      reason: null,
      expected: 'later than 2026-01-15T09:28:00.000Z',
      actual: '2026-01-15T09:35:00.000Z',
      hint: null,
    },
    {
      check: 'audience',
      result: 'fail',
      reason: 'audienceMismatch',
      expected: 'urn:federation:MicrosoftOnline',
      actual: 'https://login.example.test/9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11/saml2/metadata',
      hint: 'Set the Audience URI of the app in Okta to the expected value.',
    },
    {
      check: 'idpEmail',
      result: 'skipped',
      reason: null,
      expected: null,
      actual: null,
      hint: 'The federation does not ask for it.',
    },
  ],
  requestId: 'b1946ac9-2a6b-4c3e-8f0d-5e1c7a9d3b00',
}

/** Someone who signed in with a password. */
export const mePassword: MePageModel = {
  ...me,
  federationName: null,
  amr: ['pwd'],
  offersSecondFactor: true,
  nameId: null,
  nameIdFormat: null,
  sessionIndex: null,
  authnContext: null,
  claims: [],
}

export const refused: RefusedPageModel = {
  happened:
    'Your organization knows you by an identifier that does not belong to your account here.',
  personCan:
    'Send the details below to your administrator: the Request Id leads them to the exact cause.',
  code: 51004,
  message:
    "AADSTS51004: The user account 'Q2w3e4r5t6y7u8i9o0p1aQ==' does not exist in the '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11' directory. To sign in to this application, the account must be added to the directory.",
  requestId: 'b1946ac9-2a6b-4c3e-8f0d-5e1c7a9d3b00',
  correlationId: '3f2d7c0a-8b11-4c55-9f0d-1e0a2b5c6f0e',
  timestamp: at,
  startUrl: '/signin',
  signedInAs: null,
}

export const code: CodePageModel = {
  code: 51004,
  entry: catalogue[51004],
  reasons: [
    {
      name: 'immutableIdMismatch',
      remedy: 'Give the user the onPremisesImmutableId that Okta sends, or the other way round.',
    },
  ],
}

export const codes: CodeUnknownPageModel = {
  asked: '12345',
  codes: [
    { code: 50034, symbol: 'UserAccountNotFound' },
    { code: 51004, symbol: 'UserAccountNotInDirectory' },
    { code: 700016, symbol: 'UnauthorizedClient_DoesNotMatchRequest' },
  ],
}

export const signedOut: SignedOutPageModel = {
  startUrl: '/signin',
  leftAt: null,
  continueUrl: null,
}
export const signedOutHere: SignedOutPageModel = {
  startUrl: '/signin',
  leftAt: 'Customer Okta',
  continueUrl: 'https://routty.example/bye',
}
export const notFound: NotFoundPageModel = { path: '/sigin' }

/** Every page as it is made from its sample, by name. */
export const everyPage: ReadonlyMap<string, () => string> = new Map([
  ...oidcPages,
  ['email', () => pages.emailPage(email)],
  ['email-problem', () => pages.emailPage(emailProblem)],
  ['email-demo', () => pages.emailPage(emailDemo)],
  ['password', () => passwordPages.passwordPage(password)],
  ['password-problem', () => passwordPages.passwordPage(passwordProblem)],
  ['second-factor', () => passwordPages.codePage(secondFactor)],
  [
    'second-factor-problem',
    () => passwordPages.codePage({ ...secondFactor, problem: wrongPassword }),
  ],
  ['enrol', () => passwordPages.enrolPage(enrol)],
  ['recovery-codes', () => passwordPages.recoveryCodesPage(recoveryCodes)],
  ['new-password', () => passwordPages.newPasswordPage(newPassword)],
  ['me-password', () => pages.mePage(mePassword)],
  ['send', () => pages.sendToIdpPage(send)],
  ['me', () => pages.mePage(me)],
  ['refused', () => pages.refusedPage(refused)],
  ['refused-signed-in', () => pages.refusedPage({ ...refused, signedInAs: 'erin@customer.com' })],
  ['code', () => pages.codePage(code)],
  ['codes', () => pages.codeUnknownPage(codes)],
  ['codes-all', () => pages.codeUnknownPage({ ...codes, asked: null })],
  ['signed-out', () => pages.signedOutPage(signedOut)],
  ['signed-out-here', () => pages.signedOutPage({ ...signedOutHere, continueUrl: null })],
  ['not-found', () => pages.notFoundPage(notFound)],
])
