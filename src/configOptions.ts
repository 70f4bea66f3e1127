import { resolve } from 'node:path'
import { z } from 'zod'
import {
  certificateFile,
  keyFile,
  onOff,
  port,
  publicUrl,
  readAs,
  text,
  wholeNumber,
} from './configValues.ts'
import { readDnsServers } from './lib/dnsServers.ts'
import { isGuid } from './lib/ids.ts'
import { defaultLimits } from './saml/types.ts'

/** One environment variable. */
export interface Option {
  /** What it does, with its unit and bounds, as the README's table says it. */
  readonly doc: string
  /** As the README shows it; empty when there is none. */
  readonly fallback: string
  readonly schema: z.ZodType
}

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
  HOMEREALM_DEMO_APP_PORT: {
    doc: 'Port of Routty, the sample app (`homerealm demo` only).',
    fallback: '3002',
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
    schema: text.regex(/^\S{1,1024}$/, 'must be a URI without white space'),
  },
  HOMEREALM_TENANT_NAME: {
    doc: 'Name of the tenant on pages, taken at the first start.',
    fallback: 'homerealm',
    schema: text.max(120, 'must have 120 characters at most'),
  },
  HOMEREALM_TENANT_ID: {
    doc: 'GUID of the tenant, taken at the first start; made then when it is not given.',
    fallback: '',
    schema: readAs('must be a GUID such as 9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11', (value) =>
      isGuid(value) ? value.toLowerCase() : null,
    ),
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
  HOMEREALM_TLS_CERT: {
    doc: 'PEM file with the server’s certificate and its intermediate ones: the server then speaks https. Changed files are taken up within seconds.',
    fallback: '',
    schema: text,
  },
  HOMEREALM_TLS_KEY: {
    doc: 'PEM file with the private key of that certificate, without passphrase.',
    fallback: '',
    schema: text,
  },
  HOMEREALM_KEY_ENCRYPTION_KEY: {
    doc: 'base64 of the 32 bytes that secrets in the database are sealed with. Default: `key-encryption.key` in the data folder, made at the first start.',
    fallback: '',
    schema: readAs('must be base64 of 32 bytes (openssl rand -base64 32)', (value) =>
      /^[A-Za-z0-9+/]{43}=$/.test(value) ? Buffer.from(value, 'base64') : null,
    ),
  },
  HOMEREALM_KEY_ROTATION_DAYS: {
    doc: 'A key that tokens are signed with is replaced after so many days, 7 to 3650; 0 for never.',
    fallback: '90',
    schema: readAs('must be 0, or a whole number from 7 to 3650', (value) => {
      const days = /^\d{1,4}$/.test(value) ? Number(value) : Number.NaN
      return days === 0 || (days >= 7 && days <= 3650) ? days : null
    }),
  },
  HOMEREALM_SIGNING_KEY: {
    doc: 'PEM file with the RSA key that signs AuthnRequests, for federations that require it.',
    fallback: '',
    schema: keyFile,
  },
  HOMEREALM_SIGNING_CERTIFICATE: {
    doc: 'PEM file with its certificate, published in our metadata.',
    fallback: '',
    schema: certificateFile,
  },
  HOMEREALM_DECRYPTION_KEY: {
    doc: 'PEM file with the RSA key for encrypted assertions.',
    fallback: '',
    schema: keyFile,
  },
  HOMEREALM_DECRYPTION_CERTIFICATE: {
    doc: 'PEM file with its certificate, published in our metadata.',
    fallback: '',
    schema: certificateFile,
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
  HOMEREALM_GRAPH_STRICT: {
    doc: '`off`: by the Graph door a federated user may have no ImmutableId or change it, and a new user needs nothing but a UPN.',
    fallback: 'on',
    schema: onOff,
  },
  HOMEREALM_DNS_SERVERS: {
    doc: 'DNS servers for `domains verify` (by Graph, too), with commas: `192.0.2.53, [2001:db8::53]:5353`. Default: those of the machine.',
    fallback: '',
    schema: readAs('must be IP addresses, with port or without, with commas', readDnsServers),
  },
  HOMEREALM_METADATA_HOURS: {
    doc: 'How often metadata by URL is looked at for a new certificate, 1 to 168 hours; 0 for never.',
    fallback: '24',
    schema: wholeNumber(0, 168),
  },
  HOMEREALM_TELEMETRY_PORT: {
    doc: 'Port for `/metrics` (Prometheus), `/healthz` and `/readyz`, which then answer there and nowhere else. Without it there are no metrics.',
    fallback: '',
    schema: port,
  },
  HOMEREALM_LOG_LEVEL: {
    doc: '`debug`, `info`, `warn`, `error` or `silent`.',
    fallback: 'info',
    schema: z.enum(
      ['debug', 'info', 'warn', 'error', 'silent'],
      'must be debug, info, warn, error or silent',
    ),
  },
} as const satisfies Record<string, Option>
