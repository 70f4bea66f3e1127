import type { Instant } from '../../lib/clock.ts'
import type {
  Attempts,
  CredentialStores,
  Credentials,
  PendingStep,
} from '../../signin/password/ports.ts'
import { compareTexts } from '../text.ts'

/** Passwords, second factors and counters in memory, and how what is over goes. */
export interface MemoryCredentials {
  readonly stores: CredentialStores
  purge(now: Instant): {
    readonly attempts: number
    readonly familiarBrowsers: number
    readonly steps: number
  }
}

export function memoryCredentials(): MemoryCredentials {
  const credentials = new Map<string, Credentials>()
  const attempts = new Map<string, Attempts>()
  /** Until when, by user and browser. */
  const browsers = new Map<string, Instant>()
  const isOf = (userId: string, key: string): boolean => JSON.parse(key)[0] === userId
  const steps = new Map<string, PendingStep>()
  const browserKey = (userId: string, browser: string) => JSON.stringify([userId, browser])

  const unlessOver = (step: PendingStep | undefined, now: Instant): PendingStep | null =>
    step !== undefined && step.expiresAt > now ? step : null

  return {
    stores: {
      credentials: {
        credentials: async (userId) => credentials.get(userId) ?? null,
        async changeCredentials(userId, change) {
          const after = change(credentials.get(userId) ?? null)
          if (after !== null) credentials.set(userId, after)
        },
        credentialsWith: async (mark) =>
          [...credentials.values()]
            .filter((each) => (mark === 'totp' ? each.totpSecret !== null : each.isBreakGlass))
            .sort((a, b) => compareTexts(a.userId, b.userId)),
      },
      attempts: {
        async changeAttempts(key, change) {
          const after = change(attempts.get(key) ?? null)
          if (after === null) attempts.delete(key)
          else attempts.set(key, after)
          return after
        },
        async forgetAttempts(owner) {
          for (const key of attempts.keys()) if (key.startsWith(`${owner}:`)) attempts.delete(key)
        },
      },
      familiarBrowsers: {
        isFamiliar: async (userId, browser, now) =>
          (browsers.get(browserKey(userId, browser)) ?? 0) > now,
        async rememberBrowser(userId, browser, expiresAt) {
          browsers.set(browserKey(userId, browser), expiresAt)
        },
        async forgetBrowsers(userId) {
          for (const key of browsers.keys()) if (isOf(userId, key)) browsers.delete(key)
        },
      },
      steps: {
        async putStep(step) {
          steps.set(step.key, step)
        },
        step: async (key, now) => unlessOver(steps.get(key), now),
        async takeStep(key, now) {
          const step = unlessOver(steps.get(key), now)
          if (step !== null) steps.delete(key)
          return step
        },
      },
    },
    purge: (now) => ({
      attempts: remove(attempts, ({ expiresAt }) => expiresAt < now),
      familiarBrowsers: remove(browsers, (expiresAt) => expiresAt < now),
      steps: remove(steps, ({ expiresAt }) => expiresAt < now),
    }),
  }
}

function remove<T>(records: Map<string, T>, isOver: (record: T) => boolean): number {
  const over = [...records].filter(([, record]) => isOver(record))
  for (const [key] of over) records.delete(key)
  return over.length
}
