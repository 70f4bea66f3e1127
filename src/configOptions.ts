import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { defaultLimits } from './saml/types.ts'

/** One environment variable. */
export interface Option {
  /** What it does, with its unit and bounds, as the README's table says it. */
  readonly doc: string
  /** As the README shows it; empty when there is none. */
  readonly fallback: string
  readonly schema: z.ZodType
}

const port = z.coerce.number().int().min(0).max(65_535)
const wholeNumber = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
const onOff = z.enum(['on', 'off']).transform((value) => value === 'on')
const text = z.string().min(1)

const publicUrl = text.transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : null
  const fault = faultOfPublicUrl(url)
  if (url === null || fault !== null) {
    context.addIssue({ code: 'custom', message: fault ?? 'is not a URL' })
    return z.NEVER
  }
  return url.origin
})

/** A PEM file, read at once so that a wrong path is told at start. */
const pemFile = (label: string) =>
  text.transform((file, context) => {
    try {
      const pem = readFileSync(file, 'utf8')
      if (pem.includes(`-----BEGIN `) && pem.includes(label)) return pem
      context.addIssue({ code: 'custom', message: `${file} holds no PEM block "${label}"` })
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code
      context.addIssue({ code: 'custom', message: `${file} cannot be read (${why})` })
    }
    return z.NEVER
  })

/** Every variable that homerealm reads. The README's table is checked against this one. */
export const options = {
  HOMEREALM_PORT: { doc: 'Port of the server.', fallback: '3000', schema: port },
  HOMEREALM_HOST: {
    doc: 'Address to listen on. Behind a proxy on the same machine keep it; in a container 0.0.0.0.',
    fallback: '127.0.0.1',
    schema: text,
  },
  HOMEREALM_DEMO_OKTA_PORT: {
    doc: 'Port of the demo Okta (`homerealm demo` only).',
    fallback: '3001',
    schema: port,
  },
  HOMEREALM_DATA: {
    doc: 'Folder for the database and, in the demo, the keys. Made with mode 700.',
    fallback: './data',
    schema: text.transform((value) => resolve(value)),
  },
  HOMEREALM_PUBLIC_URL: {
    doc: 'Where browsers reach the server: an origin, https except on this machine. `serve` needs it.',
    fallback: '',
    schema: publicUrl,
  },
  HOMEREALM_ENTITY_ID: {
    doc: 'Our SAML entityID: the Issuer of AuthnRequests, and the one audience that is accepted.',
    fallback: 'urn:federation:MicrosoftOnline',
    schema: z.string().regex(/^\S{1,1024}$/, 'must be a URI without white space'),
  },
  HOMEREALM_TENANT_NAME: {
    doc: 'Name of the tenant on pages, taken at the first start.',
    fallback: 'homerealm',
    schema: z.string().min(1).max(120),
  },
  HOMEREALM_TENANT_ID: {
    doc: 'GUID of the tenant, taken at the first start; made then when it is not given.',
    fallback: '',
    schema: z.guid().transform((value) => value.toLowerCase()),
  },
  HOMEREALM_CLOCK_SKEW_SECONDS: {
    doc: 'Tolerance between our clock and the identity provider’s, 0 to 120 seconds.',
    fallback: '120',
    schema: wholeNumber(0, 120),
  },
  HOMEREALM_MAX_LIFETIME_HOURS: {
    doc: 'Longest lifetime of an assertion that is accepted, 1 to 24 hours.',
    fallback: '24',
    schema: wholeNumber(1, 24),
  },
  HOMEREALM_SESSION_HOURS: {
    doc: 'Longest session, 1 to 12 hours; SessionNotOnOrAfter may end it earlier.',
    fallback: '12',
    schema: wholeNumber(1, 12),
  },
  HOMEREALM_MAX_RESPONSE_BYTES: {
    doc: 'Largest response as XML, 16384 to 1048576 bytes.',
    fallback: String(defaultLimits.maxBytes),
    schema: wholeNumber(16_384, 1_048_576),
  },
  HOMEREALM_MAX_RESPONSE_ELEMENTS: {
    doc: 'Most XML elements in a response, 100 to 20000. Groups are elements.',
    fallback: String(defaultLimits.maxElements),
    schema: wholeNumber(100, 20_000),
  },
  HOMEREALM_MAX_RESPONSE_DEPTH: {
    doc: 'Deepest nesting of a response, 12 to 128.',
    fallback: String(defaultLimits.maxDepth),
    schema: wholeNumber(12, 128),
  },
  HOMEREALM_MAX_ATTRIBUTES_PER_ELEMENT: {
    doc: 'Most XML attributes on one element, 8 to 128.',
    fallback: String(defaultLimits.maxAttributesPerElement),
    schema: wholeNumber(8, 128),
  },
  HOMEREALM_MAX_NAMESPACES_PER_ELEMENT: {
    doc: 'Most namespace declarations on one element, 8 to 256.',
    fallback: String(defaultLimits.maxNamespacesPerElement),
    schema: wholeNumber(8, 256),
  },
  HOMEREALM_RATE_PER_MINUTE: {
    doc: 'Most requests to /signin and to the ACS from one address in a minute, 10 to 100000.',
    fallback: '1200',
    schema: wholeNumber(10, 100_000),
  },
  HOMEREALM_TRUST_PROXY: {
    doc: 'How many proxies stand in front (0 to 5): whose X-Forwarded-For is believed for the rate limit.',
    fallback: '0',
    schema: wholeNumber(0, 5),
  },
  HOMEREALM_SIGNING_KEY: {
    doc: 'PEM file with the RSA key that signs AuthnRequests, for federations that require it.',
    fallback: '',
    schema: pemFile('PRIVATE KEY'),
  },
  HOMEREALM_SIGNING_CERTIFICATE: {
    doc: 'PEM file with its certificate, published in our metadata.',
    fallback: '',
    schema: pemFile('CERTIFICATE'),
  },
  HOMEREALM_DECRYPTION_KEY: {
    doc: 'PEM file with the RSA key for encrypted assertions.',
    fallback: '',
    schema: pemFile('PRIVATE KEY'),
  },
  HOMEREALM_DECRYPTION_CERTIFICATE: {
    doc: 'PEM file with its certificate, published in our metadata.',
    fallback: '',
    schema: pemFile('CERTIFICATE'),
  },
  HOMEREALM_DIAGNOSE: {
    doc: '`on`: run every check that still can after the first failure, for fuller traces. Never changes a verdict.',
    fallback: 'off',
    schema: onOff,
  },
  HOMEREALM_SECOND_OPINION: {
    doc: '`on`: an accepted response must also pass @node-saml/node-saml.',
    fallback: 'off',
    schema: onOff,
  },
  HOMEREALM_LOG_LEVEL: {
    doc: '`debug`, `info`, `warn`, `error` or `silent`.',
    fallback: 'info',
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
  },
} as const satisfies Record<string, Option>

function faultOfPublicUrl(url: URL | null): string | null {
  if (url === null) return 'is not a URL like https://login.example.com'
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) {
    return 'must be https (http only for localhost), for browsers keep no sign-in cookie otherwise'
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    return 'must be an origin without path, query or user, like https://login.example.com'
  }
  return null
}
