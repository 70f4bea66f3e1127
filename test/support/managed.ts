import type { User } from '../../src/directory/types.ts'
import { newGuid, systemRandom } from '../../src/lib/ids.ts'
import { changeCredentials } from '../../src/signin/password/credentials.ts'
import { passwordHasher } from '../../src/signin/password/hash.ts'
import type { Credentials } from '../../src/signin/password/ports.ts'
import { codeAt } from './authenticator.ts'
import type { Deployment } from './deployment.ts'
import type { Answer, Visitor } from './visitor.ts'

/** The password of every managed user that a test makes. */
export const rightPassword = 'correct horse battery'
const hasher = passwordHasher(systemRandom, { logN: 10, r: 8, p: 1 })
let hashed: Promise<string> | null = null

/** Adds a managed user with `rightPassword`. */
export async function addManaged(
  deployment: Deployment,
  more: { readonly user?: Partial<User>; readonly credentials?: Partial<Credentials> } = {},
): Promise<User> {
  const { directory, credentials } = deployment.storage
  const like = (await directory.userByPrincipalName('alice@customer.com')) as User
  const id = newGuid(systemRandom)
  const user: User = {
    ...like,
    id,
    userPrincipalName: `u${id.slice(0, 8)}@managed.example`,
    onPremisesImmutableId: null,
    ...more.user,
  }
  await directory.writeUsers([{ kind: 'create', user }])
  hashed ??= hasher.hash(rightPassword)
  const passwordHash = await hashed
  await changeCredentials(credentials, id, (before) => ({
    ...before,
    passwordHash,
    ...more.credentials,
  }))
  return user
}

/** Sets another password as an admin does. */
export async function resetPassword(
  deployment: Deployment,
  user: User,
  password: string,
): Promise<void> {
  const { credentials, sessions } = deployment.storage
  const passwordHash = await hasher.hash(password)
  await changeCredentials(credentials, user.id, (before) => ({ ...before, passwordHash }))
  await sessions.endSessionsOfUser(user.id, null)
}

export const sendPassword = (
  visitor: Visitor,
  username: string,
  typed = rightPassword,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> => visitor.post('/signin/password', { username, password: typed, ...more })

export const locationOf = (answer: Answer): string => answer.headers.get('location') ?? ''

/** The AADSTS number that the page which an answer leads to shows; null when it leads elsewhere. */
export const problemOf = (answer: Answer): string | null =>
  new URL(locationOf(answer), 'http://x').searchParams.get('problem')

/** The secret that the enrolment page shows, in base32. */
export async function shownSecret(visitor: Visitor): Promise<string> {
  const page = await visitor.fetch('/signin/enrol')
  return /<code class="secret">([A-Z2-7 ]+)</.exec(page.body)?.[1]?.replaceAll(' ', '') ?? ''
}

/** Goes through the enrolment page; gives the secret and the recovery codes. */
export async function enrol(visitor: Visitor, now: number) {
  const secret = await shownSecret(visitor)
  const done = await visitor.post('/signin/enrol', { code: codeAt(secret, now) })
  const codes = [...done.body.matchAll(/<li><code>([^<]+)</g)].map(([, code = '']) => code)
  return { secret, codes, done }
}
