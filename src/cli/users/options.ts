import { Option } from 'commander'
import { userDefaults } from '../../directory/types.ts'
import type { UserInput } from '../../directory/users.ts'
import { UsageError } from '../usageError.ts'

type Text = Exclude<keyof UserInput, 'userPrincipalName' | 'accountEnabled'>

/** The properties of a user as options. */
const texts: readonly (readonly [option: string, property: Text, what: string])[] = [
  ['immutable-id', 'onPremisesImmutableId', 'the ImmutableId (source anchor), as Okta sends it'],
  ['display-name', 'displayName', 'display name'],
  ['mail-nickname', 'mailNickname', 'mail nickname'],
  ['mail', 'mail', 'e-mail address'],
  ['given-name', 'givenName', 'given name'],
  ['surname', 'surname', 'surname'],
  ['job-title', 'jobTitle', 'job title'],
  ['department', 'department', 'department'],
  ['office-location', 'officeLocation', 'office'],
  ['mobile-phone', 'mobilePhone', 'mobile phone'],
  ['usage-location', 'usageLocation', 'country code of two capital letters (ISO 3166-1)'],
]

/** Those that may be empty, by the names that `--clear` takes. */
export const clearable: ReadonlyMap<string, Text> = new Map(
  texts
    .filter(([, property]) => property in userDefaults)
    .flatMap(([option, property]): [string, Text][] => [
      [property.toLowerCase(), property],
      [option.replaceAll('-', ''), property],
    ]),
)

export type PropertyOptions = Readonly<Record<string, string | boolean | undefined>>

/** What a new user has when nothing else is said. */
const standard: Partial<Readonly<Record<Text, string>>> = {
  displayName: ' (else given name and surname, or the part before the @)',
  mailNickname: ' (else the part before the @)',
}

/** The options of `users add` and `set`. */
export function propertyOptions(command: 'add' | 'set'): readonly Option[] {
  const isNew = command === 'add'
  return [
    ...texts.map(([option, property, what]) => {
      const otherwise = isNew ? (standard[property] ?? '') : ''
      return new Option(`--${option} <text>`, what + otherwise)
    }),
    new Option('--disable', 'the account may not sign in').conflicts('enable'),
    new Option('--enable', `the account may sign in${isNew ? ' (as when nothing is said)' : ''}`),
  ]
}

/** What the options say about a user; what is not given stays as it is. */
export function inputFrom(options: PropertyOptions): Partial<UserInput> {
  const input: Record<string, unknown> = {}
  for (const [option, property] of texts) {
    const value = options[option.replace(/-(.)/g, (_all, letter: string) => letter.toUpperCase())]
    if (value !== undefined) input[property] = value
  }
  if (options.disable) input.accountEnabled = false
  if (options.enable) input.accountEnabled = true
  return input as Partial<UserInput>
}

/** Null for each property that is to be cleared. Throws UsageError for one that cannot be, or that is also set. */
export function clearedBy(names: readonly string[], input: Partial<UserInput>): Partial<UserInput> {
  const cleared: Partial<Record<Text, null>> = {}
  for (const name of names) {
    const property = clearable.get(name.toLowerCase().replaceAll('-', ''))
    if (property === undefined) {
      const all = [...new Set(clearable.values())].join(', ')
      throw new UsageError(`--clear ${name}: it cannot be cleared. These can be: ${all}.`)
    }
    if (input[property] !== undefined) {
      throw new UsageError(`${property} is to be set and cleared at once: give one of the two.`)
    }
    cleared[property] = null
  }
  return cleared as unknown as Partial<UserInput>
}
