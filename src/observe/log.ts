/**
 * observe/: one wide event per sign-in, and the log. It must not know SAML messages, claims or SQL, and it must never write a
 * secret, an assertion, a NameID or an ImmutableId.
 */
import { type DestinationStream, type Logger, pino } from 'pino'
import type { SigninEvent } from '../signin/service.ts'

export type Log = Logger

/** As pino writes a property's place. */
const secretHeaders = ['.cookie', '.authorization', '["set-cookie"]']
const secretFields = ['cookie', 'authorization', 'SAMLResponse', 'nameId', 'onPremisesImmutableId']

/** JSON lines, to standard output unless told otherwise. Should a request or its headers ever get in, their secrets do not. */
export function createLog(level: string, destination?: DestinationStream): Log {
  const settings = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: [
        ...secretHeaders.flatMap((name) => [`headers${name}`, `*.headers${name}`]),
        ...secretFields.flatMap((name) => [name, `*.${name}`]),
      ],
      censor: '[redacted]',
    },
  }
  return destination ? pino(settings, destination) : pino(settings)
}

/** Writes one verdict. A disagreement of two verifiers is an alarm, not a refusal like others. */
export function logVerdict(log: Log, event: SigninEvent): void {
  if (event.reason === 'secondOpinionDiffers') {
    log.error({ event: 'signin', ...event }, 'TWO VERIFIERS DISAGREE ABOUT A RESPONSE')
  } else if (event.outcome === 'refused') {
    log.warn({ event: 'signin', ...event }, 'refused')
  } else {
    log.info({ event: 'signin', ...event }, 'signed in')
  }
}
