/** Entra's bounds for passwords, in characters of the normal form. */
export const MIN_PASSWORD = 8
export const MAX_PASSWORD = 256
/** What was typed may be longer before it is normalized (NFKC), in UTF-16 units; beyond this it is not hashed at all. */
export const MAX_SENT = MAX_PASSWORD * 2

/**
 * What everybody tries first (NIST SP 800-63B section 5.1.1.2: compare with values known to be commonly used), in lower case
 * and without what is put at the end to please rules.
 */
const common: ReadonlySet<string> = new Set([
  'password',
  'passwort',
  'passw0rd',
  'p@ssword',
  'p@ssw0rd',
  'welcome',
  'willkommen',
  'letmein',
  'changeme',
  'qwerty',
  'qwertyuiop',
  'qwertz',
  'qwertzuiop',
  'asdfghjkl',
  'abcdefgh',
  'iloveyou',
  'sunshine',
  'football',
  'baseball',
  'dragon',
  'monkey',
  'master',
  'superman',
  'trustno',
  'admin',
  'administrator',
  'secret',
  'summer',
  'winter',
  'spring',
  'autumn',
  'homerealm',
  'microsoft',
])

/** What can be wrong with a new password, and the sentence that tells the person. */
export const passwordProblems = {
  tooShort: `Use ${MIN_PASSWORD} characters or more.`,
  tooLong: `Use ${MAX_PASSWORD} characters at most.`,
  notText: 'Use characters that can be typed.',
  name: 'Use something else than your name.',
  simple: 'Use a password that is harder to guess.',
  common: 'That is one of the first passwords that anybody would try. Use another.',
  same: 'Use another password than the one you have.',
  differ: 'The two passwords are not the same. Type them again.',
} as const

export type PasswordProblem = keyof typeof passwordProblems

/**
 * What is wrong with a new password; null for a good one. Length counts, character classes do not
 * (NIST SP 800-63B section 5.1.1.2).
 */
export function passwordProblem(
  password: string,
  userPrincipalName: string,
): PasswordProblem | null {
  // What is not looked at when signing in is not set either.
  if (password.length > MAX_SENT) return 'tooLong'
  const normalized = password.normalize('NFKC')
  const length = [...normalized].length
  if (length < MIN_PASSWORD) return 'tooShort'
  if (length > MAX_PASSWORD) return 'tooLong'
  if (!password.isWellFormed() || /\p{Cc}/u.test(normalized)) {
    return 'notText'
  }
  const lower = normalized.toLowerCase()
  const name = userPrincipalName.toLowerCase()
  const local = name.slice(0, name.lastIndexOf('@'))
  if (lower === name || lower.replace(/[^\p{L}]+$/u, '') === local) {
    return 'name'
  }
  if (new Set(lower).size < 5 || isRun(lower)) return 'simple'
  if (common.has(lower) || common.has(lower.replace(/[^\p{L}]+$/u, ''))) {
    return 'common'
  }
  return null
}

/** `12345678`, `abcdefgh`, `87654321`: each character one more, or one less, than the one before. */
function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0)
  return [1, -1].some((step) =>
    codes.every((code, at) => at === 0 || code === (codes[at - 1] ?? 0) + step),
  )
}
