import { createPrivateKey, X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import type { z } from 'zod'
import { type Option, options } from './configOptions.ts'
import { closestWord } from './directory/closest.ts'
import { readTlsMaterial, TlsError } from './http/tls.ts'
import { hours, seconds } from './lib/clock.ts'
import { defaultLimits } from './saml/types.ts'

/**
 * The configuration: environment variables in, one typed value out. All problems are told together, by the variable's name, and
 * never with its value when the value may be a secret. Nothing else in the project reads the environment.
 */

const prefix = 'HOMEREALM_'

type OptionName = keyof typeof options
type Values = { [N in OptionName]: z.infer<(typeof options)[N]['schema']> | undefined }

/** All that was wrong with the configuration, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((p) => `  - ${p}`).join('\n')}`)
    this.problems = problems
  }
}

export type Config = ReturnType<typeof parseConfig>

/** Parses the environment for the server (`serve`), the demo, or a command that only needs the data folder. */
export function parseConfig(
  environment: Readonly<Record<string, string | undefined>>,
  purpose: 'serve' | 'demo' | 'command',
) {
  const problems = unknownNames(environment)
  const values = {} as Record<string, unknown>
  for (const [name, option] of Object.entries(options) as [OptionName, Option][]) {
    const given = environment[name] || option.fallback || undefined
    if (given === undefined) continue
    const parsed = option.schema.safeParse(given)
    if (parsed.success) values[name] = parsed.data
    else
      problems.push(
        `${name} ${parsed.error.issues.map((i) => i.message).join('; ')}. ${option.doc}`,
      )
  }
  const v = values as Values
  for (const kind of ['SIGNING', 'DECRYPTION'] as const) {
    const [keyName, certificateName] = [
      `HOMEREALM_${kind}_KEY`,
      `HOMEREALM_${kind}_CERTIFICATE`,
    ] as const
    const [key, certificate] = [v[keyName], v[certificateName]]
    if (environment[certificateName] && !environment[keyName]) {
      problems.push(`${certificateName} is set and ${keyName} is not.`)
    } else if (key && certificate && !belongTogether(key, certificate)) {
      problems.push(`${certificateName} is not the certificate of ${keyName}.`)
    }
  }
  problems.push(...tlsProblems(v))
  if (purpose === 'serve' && !environment.HOMEREALM_PUBLIC_URL) {
    problems.push(`HOMEREALM_PUBLIC_URL is missing. ${options.HOMEREALM_PUBLIC_URL.doc}`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return assembled(v)
}

/** Certificate and key come together, can be used, and do not serve an http address. */
function tlsProblems(v: Values): string[] {
  const [certFile, keyFile] = [v.HOMEREALM_TLS_CERT, v.HOMEREALM_TLS_KEY]
  if (certFile === undefined && keyFile === undefined) return []
  if (certFile === undefined) return ['HOMEREALM_TLS_KEY is set and HOMEREALM_TLS_CERT is not.']
  if (keyFile === undefined) return ['HOMEREALM_TLS_CERT is set and HOMEREALM_TLS_KEY is not.']
  if (v.HOMEREALM_PUBLIC_URL?.startsWith('http:')) {
    return ['HOMEREALM_PUBLIC_URL must be https, since HOMEREALM_TLS_CERT is set.']
  }
  try {
    readTlsMaterial({ certFile, keyFile })
    return []
  } catch (error) {
    if (error instanceof TlsError) return [error.message]
    throw error
  }
}

function assembled(v: Values) {
  const given = <N extends OptionName>(name: N) => v[name] as NonNullable<Values[N]>
  const maxElements = given('HOMEREALM_MAX_RESPONSE_ELEMENTS')
  return {
    host: given('HOMEREALM_HOST'),
    port: given('HOMEREALM_PORT'),
    demoOktaPort: given('HOMEREALM_DEMO_OKTA_PORT'),
    demoAppPort: given('HOMEREALM_DEMO_APP_PORT'),
    dataFolder: given('HOMEREALM_DATA'),
    publicUrl: v.HOMEREALM_PUBLIC_URL ?? null,
    entityId: given('HOMEREALM_ENTITY_ID'),
    tenantName: given('HOMEREALM_TENANT_NAME'),
    tenantId: v.HOMEREALM_TENANT_ID ?? null,
    clockSkew: seconds(given('HOMEREALM_CLOCK_SKEW_SECONDS')),
    maxLifetime: hours(given('HOMEREALM_MAX_LIFETIME_HOURS')),
    longestSession: hours(given('HOMEREALM_SESSION_HOURS')),
    limits: {
      ...defaultLimits,
      maxBytes: given('HOMEREALM_MAX_RESPONSE_BYTES'),
      maxDepth: given('HOMEREALM_MAX_RESPONSE_DEPTH'),
      maxElements,
      maxNodes: 2 * maxElements,
      maxAttributesPerElement: given('HOMEREALM_MAX_ATTRIBUTES_PER_ELEMENT'),
      maxNamespacesPerElement: given('HOMEREALM_MAX_NAMESPACES_PER_ELEMENT'),
    },
    ratePerMinute: given('HOMEREALM_RATE_PER_MINUTE'),
    trustProxy: given('HOMEREALM_TRUST_PROXY'),
    keyRotation: hours(24) * given('HOMEREALM_KEY_ROTATION_DAYS'),
    tls:
      v.HOMEREALM_TLS_CERT === undefined || v.HOMEREALM_TLS_KEY === undefined
        ? null
        : { certFile: resolve(v.HOMEREALM_TLS_CERT), keyFile: resolve(v.HOMEREALM_TLS_KEY) },
    keyEncryptionKey: v.HOMEREALM_KEY_ENCRYPTION_KEY ?? null,
    signingKey: v.HOMEREALM_SIGNING_KEY ?? null,
    signingCertificate: v.HOMEREALM_SIGNING_CERTIFICATE ?? null,
    decryptionKey: v.HOMEREALM_DECRYPTION_KEY ?? null,
    decryptionCertificate: v.HOMEREALM_DECRYPTION_CERTIFICATE ?? null,
    diagnose: given('HOMEREALM_DIAGNOSE'),
    secondOpinion: given('HOMEREALM_SECOND_OPINION'),
    dnsServers: v.HOMEREALM_DNS_SERVERS ?? [],
    metadataEvery: hours(given('HOMEREALM_METADATA_HOURS')),
    telemetryPort: v.HOMEREALM_TELEMETRY_PORT ?? null,
    logLevel: given('HOMEREALM_LOG_LEVEL'),
  }
}

function belongTogether(key: string, certificate: string): boolean {
  return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
}

/** A misspelt variable is a setting that silently does not hold: refused by name. */
function unknownNames(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith(prefix) && !Object.hasOwn(options, name))
    .map((name) => {
      const known = Object.keys(options).map((each) => each.slice(prefix.length))
      const meant = closestWord(name.slice(prefix.length), known)
      const advice = meant ? `Did you mean ${prefix}${meant}?` : 'The README has the table of all.'
      return `${name} is not a setting of homerealm. ${advice}`
    })
}
