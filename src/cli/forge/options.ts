import { createPrivateKey } from 'node:crypto'
import type { DemoOktaUser } from '../../demo-okta/honest.ts'
import type { IdpKey } from '../../demo-okta/keys.ts'
import { principalNameProblem } from '../../directory/upn.ts'
import { isCaseTime } from '../replay/caseFile.ts'
import { UsageError } from '../usageError.ts'
import { alice, type Setting, usualSetting } from './setting.ts'
import { readKeyPair } from './testKeys.ts'

/** What the command line may say about the setting. */
export interface SettingOptions {
  readonly user?: string
  readonly nameId?: string
  readonly at?: string
  readonly key?: string
  readonly certificate?: string
  readonly issuer?: string
  readonly acs?: string
  readonly audience?: string
  readonly requestId?: string
}

/** The usual setting with what was given. Throws UsageError that names the option, what was expected and what was found. */
export function settingFrom(options: SettingOptions): Omit<Setting, 'randomFor'> {
  const { at, issuer, acs, audience, requestId } = options
  return {
    ...usualSetting(),
    key: keyFrom(options),
    user: userFrom(options),
    ...(at !== undefined && {
      at: checked('--at', at, isCaseTime(at), 'an ISO 8601 time like 2026-01-15T09:30:00Z'),
    }),
    ...(issuer !== undefined && {
      issuer: checked('--issuer', issuer, isToken(issuer), 'a URI without white space'),
    }),
    ...(acs !== undefined && {
      acs: checked('--acs', acs, isAcs(acs), 'a URL that ends in /TENANT/saml2 or /login.srf'),
    }),
    ...(audience !== undefined && {
      audience: checked('--audience', audience, isToken(audience), 'a URI without white space'),
    }),
    ...(requestId !== undefined && {
      requestId: checked(
        '--request-id',
        requestId,
        /^[A-Za-z_][\w.-]*$/.test(requestId),
        'an XML ID: a letter or "_", then letters, digits, "-", "_" or "."',
      ),
    }),
  }
}

function checked(option: string, value: string, isGood: boolean, expected: string): string {
  if (!isGood) throw new UsageError(`${option} ${JSON.stringify(value)}: expected ${expected}.`)
  return value
}

const isToken = (text: string): boolean => /^[^\s\p{Cc}]+$/u.test(text)

function isAcs(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    /^\/(?:[^/]+\/saml2|login\.srf)$/.test(url.pathname) &&
    url.href === text
  )
}

function userFrom({ user, nameId }: SettingOptions): DemoOktaUser {
  if (user !== undefined) {
    const problem = principalNameProblem(user)
    if (problem !== null) {
      throw new UsageError(`--user ${JSON.stringify(user)}: expected a name like ${alice.login}.`)
    }
  }
  const login = user ?? alice.login
  const value =
    nameId === undefined
      ? alice.nameId
      : checked(
          '--name-id',
          nameId,
          /^[!-~]{1,64}$/.test(nameId),
          '1 to 64 ASCII characters without blanks',
        )
  return { ...alice, login, email: login, nameId: value }
}

function keyFrom({ key, certificate }: SettingOptions): IdpKey {
  if (key === undefined && certificate === undefined) return usualSetting().key
  if (key === undefined || certificate === undefined) {
    throw new UsageError('--key and --certificate go together: give both, or neither.')
  }
  const pair = readKeyPair(key, certificate)
  if (createPrivateKey(pair.privateKeyPem).asymmetricKeyType !== 'rsa') {
    throw new UsageError(`${key}: is no RSA key, and cases are signed with RSA-SHA256.`)
  }
  return pair
}
