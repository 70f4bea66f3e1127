import * as client from 'openid-client'

/** What an error comes to: for a person, and the details for whoever looks after the app. */
export interface Problem {
  readonly status: number
  readonly heading: string
  readonly happened: string
  readonly personCan: string
  readonly details: readonly (readonly [name: string, value: string])[]
  /** The AADSTS number in the message; null for none. */
  readonly aadsts: number | null
}

interface Words {
  readonly heading: string
  readonly happened: string
  readonly personCan: string
}

/** OAuth 2.0 section 4.1.2.1 and OpenID Connect Core section 3.1.2.6: what each error means to a person. */
const byError: Readonly<Record<string, Words>> = {
  login_required: {
    heading: 'Nobody is signed in at homerealm',
    happened: 'Routty asked silently, and homerealm would have had to show you a page.',
    personCan: 'Sign in with the button.',
  },
  interaction_required: {
    heading: 'homerealm has to ask you something',
    happened: 'Routty asked silently, and homerealm would have had to show you a page.',
    personCan: 'Sign in with the button.',
  },
  access_denied: {
    heading: 'You were not let in',
    happened: 'homerealm knows who you are, and refused this app all the same.',
    personCan: 'Sign in as somebody else, or ask your administrator.',
  },
}

const anyOther: Words = {
  heading: 'The sign-in did not work',
  happened: 'homerealm answered, and it was no yes.',
  personCan: 'Try once more. If it stays so, the details below say why.',
}

/** An answer with a `state` that this browser does not wait for: perhaps somebody else’s sign-in, planted (RFC 6749 section 10.12). */
export const notAwaited: Problem = {
  status: 400,
  heading: 'This browser asked for no such answer',
  happened:
    'The answer’s “state” is none that Routty gave this browser. The sign-in was begun in another browser or an hour ago, or Routty was started anew, or somebody wants to sign you in as themselves.',
  personCan: 'Begin the sign-in here.',
  details: [['Check', 'state mismatch']],
  aadsts: null,
}

/** The same answer once more: Back, reload, or a link that was kept. */
export const answeredBefore: Problem = {
  status: 400,
  heading: 'This answer was used already',
  happened: 'Its code is good for one use, and Routty has had that.',
  personCan: 'Go on in Routty, or sign in anew.',
  details: [['Check', 'the state was answered before']],
  aadsts: null,
}

/** The problem behind an error of openid-client, or of the way to homerealm. Null for a fault of our own. */
export function problemOf(error: unknown): Problem | null {
  if (
    error instanceof client.AuthorizationResponseError ||
    error instanceof client.ResponseBodyError
  ) {
    const message = error.error_description ?? ''
    const words = byError[error.error] ?? anyOther
    return {
      ...words,
      status: error.error === 'access_denied' ? 403 : 400,
      details: [['Error', error.error], ...linesOf(message)],
      aadsts: aadstsIn(message),
    }
  }
  const cause = networkCause(error)
  if (cause !== null) {
    return {
      status: 502,
      heading: 'homerealm cannot be reached',
      happened: 'Routty asked it, and nobody answered.',
      personCan: 'Look whether it runs, then try once more.',
      details: [['Cause', cause]],
      aadsts: null,
    }
  }
  if (
    error instanceof client.ClientError ||
    error instanceof client.WWWAuthenticateChallengeError
  ) {
    return {
      ...anyOther,
      status: 502,
      happened: 'homerealm’s answer did not pass Routty’s checks.',
      details: [['Check', error.message]],
      aadsts: null,
    }
  }
  return null
}

/** The lines of Entra's `error_description`, divided into name and value: `Trace ID: ...`. */
function linesOf(message: string): [string, string][] {
  return message.split(/\r?\n/).map((line, index): [string, string] => {
    const [, name, value] = /^(Trace ID|Correlation ID|Timestamp): (.*)$/.exec(line) ?? []
    return name !== undefined && value !== undefined
      ? [name, value]
      : [index === 0 ? 'Message' : 'More', line]
  })
}

function aadstsIn(message: string): number | null {
  const digits = /^AADSTS(\d{5,8}): /.exec(message)?.[1]
  return digits === undefined ? null : Number(digits)
}

/** The system's name for what is wrong on the way (`ECONNREFUSED`); fetch and openid-client hide it one level down. */
function networkCause(error: unknown): string | null {
  const { code, cause, syscall } = error as {
    code?: unknown
    cause?: { code?: unknown; syscall?: unknown }
    syscall?: unknown
  }
  if (code === 'OAUTH_TIMEOUT') return 'no answer in time'
  if (typeof syscall === 'string') return String(code)
  const isOfFetch = error instanceof TypeError && error.message === 'fetch failed'
  return (isOfFetch || typeof cause?.syscall === 'string') && typeof cause?.code === 'string'
    ? cause.code
    : null
}
