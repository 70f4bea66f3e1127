import { authorizeUrl, pkce, registerApp } from '../oidc/support.ts'
import { codeAt } from '../support/authenticator.ts'
import type { Deployment } from '../support/deployment.ts'
import { addManaged, enrol, rightPassword, sendPassword } from '../support/managed.ts'
import type { Person } from '../support/person.ts'

/** One page of homerealm as it is served: how a person comes to it, and what a reload makes of it. */
export interface PageRow {
  readonly name: string
  readonly status: number
  readonly open: (person: Person, deployment: Deployment) => Promise<void>
  /** The heading after a reload, where the page answers a form and another one must come; else the same. */
  readonly reloaded?: { readonly heading: string; readonly status: number }
}

const at =
  (path: string): PageRow['open'] =>
  (person) =>
    person.open(path)

/** Without its script the page that submits itself stays. */
async function openHandOver(person: Person): Promise<void> {
  await person.page.route('**/assets/go.js*', (route) => route.fulfill({ body: '' }))
  await person.open('/signin?login_hint=alice%40customer.com')
}

export const press = (person: Person, name: string) =>
  person.page.getByRole('button', { name, exact: true }).click()

/** Adds a managed user with these credentials, and types the password (or another). */
async function typePassword(
  person: Person,
  deployment: Deployment,
  credentials: Parameters<typeof addManaged>[1] = {},
  password = rightPassword,
): Promise<void> {
  const { userPrincipalName } = await addManaged(deployment, credentials)
  await person.open(`/signin?login_hint=${encodeURIComponent(userPrincipalName)}`)
  await person.page.getByLabel('Password').fill(password)
  await press(person, 'Sign in')
}

const mustChange = { credentials: { mustChangePassword: true } }
const mustEnrol = { credentials: { requireMfa: true } }

async function toCodePage(person: Person, deployment: Deployment): Promise<void> {
  const { userPrincipalName } = await addManaged(deployment, mustEnrol)
  const visitor = deployment.visitor()
  await sendPassword(visitor, userPrincipalName)
  await enrol(visitor, deployment.clock.at)
  await person.open(`/signin?login_hint=${encodeURIComponent(userPrincipalName)}`)
  await person.page.getByLabel('Password').fill(rightPassword)
  await press(person, 'Sign in')
  await person.page.waitForURL('**/signin/code')
}

async function typeCode(person: Person, code: string): Promise<void> {
  await person.page.getByRole('textbox', { name: 'Code' }).fill(code)
  await press(person, 'Verify')
}

/** The code of the secret that the enrolment page shows. */
export async function enrolByPage(person: Person, deployment: Deployment): Promise<void> {
  const secret = (await person.page.locator('.secret').textContent()) ?? ''
  await typeCode(person, codeAt(secret, deployment.clock.at))
  await person.page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor()
}

/** Begins the device flow as a device would; gives the code to type. */
async function userCode(deployment: Deployment): Promise<string> {
  const app = await registerApp(deployment, { displayName: 'Routty TV', allowDeviceCode: true })
  const response = await fetch(`${deployment.publicUrl}/common/oauth2/v2.0/devicecode`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: app.id, scope: 'openid profile' }),
  })
  return (await response.json()).user_code
}

async function toDeviceQuestion(person: Person, deployment: Deployment): Promise<void> {
  await person.signIn('alice@customer.com')
  await person.open(`/devicelogin?user_code=${await userCode(deployment)}`)
}

async function answerDevice(person: Person, deployment: Deployment, answer: string): Promise<void> {
  await toDeviceQuestion(person, deployment)
  await press(person, answer)
  await person.page.getByRole('heading', { name: /^Your device was|^Your device is/ }).waitFor()
}

/** An app that says neither who it is nor who is meant: so the person is asked. */
async function toSignOutQuestion(person: Person): Promise<void> {
  await person.signIn('alice@customer.com')
  await person.open('/common/oauth2/v2.0/logout')
}

/** Every page of homerealm, as it is served with its headers. */
export const pageTable: readonly PageRow[] = [
  { name: 'the e-mail page', status: 200, open: at('/signin') },
  {
    name: 'the e-mail page with a malformed address',
    status: 400,
    open: at('/signin?login_hint=x'),
  },
  {
    name: 'the e-mail page with an unknown domain',
    status: 400,
    open: at('/signin?login_hint=x%40elsewhere.example'),
  },
  { name: 'the hand-over page', status: 200, open: openHandOver },
  {
    name: 'the page of who is signed in',
    status: 200,
    open: (person) => person.signIn('alice@customer.com'),
  },
  {
    name: 'the page of a refusal',
    status: 403,
    open: (person) => person.signIn('bob@customer.com'),
  },
  { name: 'the page of one code', status: 200, open: at('/error?code=51004') },
  { name: 'the page of all codes', status: 200, open: at('/error') },
  { name: 'the page of a code that is none', status: 404, open: at('/error?code=1') },
  { name: 'the page after signing out', status: 200, open: at('/signedout') },
  { name: 'the page that is not there', status: 404, open: at('/nowhere') },
  {
    name: 'the password page',
    status: 200,
    open: at('/signin?login_hint=max%40managed.example'),
  },
  {
    name: 'the password page after a wrong password',
    status: 200,
    open: async (person, deployment) => {
      await typePassword(person, deployment, {}, 'wrong password')
      await person.page.getByRole('alert').waitFor()
    },
  },
  {
    name: 'the page of a password that must be changed',
    status: 200,
    open: (person, deployment) => typePassword(person, deployment, mustChange),
  },
  {
    name: 'the same page after two that differ',
    status: 200,
    open: async (person, deployment) => {
      await typePassword(person, deployment, mustChange)
      await person.page.getByLabel('New password').fill('a good long one')
      await person.page.getByLabel('The same once more').fill('another')
      await press(person, 'Change password')
      await person.page.getByRole('alert').waitFor()
    },
  },
  {
    name: 'the page that sets up an authenticator app',
    status: 200,
    open: (person, deployment) => typePassword(person, deployment, mustEnrol),
  },
  {
    name: 'the same page after a wrong code',
    status: 200,
    open: async (person, deployment) => {
      await typePassword(person, deployment, mustEnrol)
      await typeCode(person, '000000')
      await person.page.getByRole('alert').waitFor()
    },
  },
  {
    name: 'the page of the recovery codes',
    status: 200,
    open: async (person, deployment) => {
      await typePassword(person, deployment, mustEnrol)
      await enrolByPage(person, deployment)
    },
    reloaded: { heading: 'You are signed in', status: 200 },
  },
  { name: 'the page that asks for a code', status: 200, open: toCodePage },
  {
    name: 'the same page after a code that is wrong',
    status: 200,
    open: async (person, deployment) => {
      await toCodePage(person, deployment)
      await typeCode(person, '000000')
      await person.page.getByRole('alert').waitFor()
    },
  },
  { name: 'the page for a device’s code', status: 200, open: at('/devicelogin') },
  {
    name: 'the same page after a code that is none',
    status: 400,
    open: at('/devicelogin?user_code=BBBBBBBB'),
  },
  { name: 'the question about a device', status: 200, open: toDeviceQuestion },
  {
    name: 'the page of a device that is signed in',
    status: 200,
    open: (person, deployment) => answerDevice(person, deployment, 'Yes, sign in'),
  },
  {
    name: 'the page of a device that was refused',
    status: 200,
    open: (person, deployment) => answerDevice(person, deployment, 'No'),
  },
  { name: 'the question before signing out', status: 200, open: toSignOutQuestion },
  {
    name: 'the page of an app that is not there',
    status: 400,
    open: (person, deployment) => {
      const app = { id: '00000000-0000-4000-8000-000000000000' }
      const url = authorizeUrl(deployment, app as never, pkce().params)
      return person.open(url.slice(deployment.publicUrl.length))
    },
  },
]
