import type { CountedSignins, SigninCounts } from '../../signin/ports.ts'
import { compareTexts } from '../text.ts'

/** How many sign-ins there were, in memory, and how old ones go. */
export function memorySigninCounts(): {
  readonly signinCounts: SigninCounts
  purge(beforeDay: number): number
} {
  const counts = new Map<string, CountedSignins>()
  return {
    signinCounts: {
      async countSignin(signin) {
        const { day, domain, federationId, thumbprint, lastAt } = signin
        const key = JSON.stringify([day, domain, federationId, thumbprint])
        const before = counts.get(key)
        counts.set(key, {
          ...signin,
          count: (before?.count ?? 0) + 1,
          lastAt: Math.max(before?.lastAt ?? lastAt, lastAt),
        })
      },
      signinsSince: async (day) =>
        [...counts.values()]
          .filter((each) => each.day >= day)
          .sort(
            (a, b) =>
              a.day - b.day ||
              compareTexts(a.domain, b.domain) ||
              compareTexts(a.federationId, b.federationId) ||
              compareTexts(a.thumbprint, b.thumbprint),
          ),
    },
    purge(beforeDay) {
      const over = [...counts].filter(([, { day }]) => day < beforeDay)
      for (const [key] of over) counts.delete(key)
      return over.length
    },
  }
}
