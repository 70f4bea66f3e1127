import { hours, type Instant, isoSeconds, spanInWords } from '../../lib/clock.ts'
import type { App } from '../../oidc/types.ts'
import type { StatusProblem } from './problems.ts'

/** So many days before its end somebody must make another: provisioning or an app stops at that moment. */
const warnAtDays = 30

const kinds = [
  { list: 'secrets', what: 'client secret', command: 'rotate-secret' },
  { list: 'apiKeys', what: 'API key', command: 'add-key' },
] as const

/** The apps whose last client secret or API key ends soon, or has ended; with one that is good for longer, nobody need do anything. */
export function appCredentialProblems(
  apps: readonly App[],
  now: Instant,
): readonly StatusProblem[] {
  return apps
    .filter(({ isEnabled }) => isEnabled)
    .flatMap((app) =>
      kinds.flatMap(({ list, what, command }): StatusProblem[] => {
        if (app[list].length === 0) return []
        const end = Math.max(...app[list].map(({ expiresAt }) => expiresAt))
        if (end - now >= warnAtDays * hours(24)) return []
        const next = `homerealm apps ${command} ${app.id}`
        const about = `The last ${what} of ${app.displayName}`
        return end <= now
          ? [{ level: 'notice', message: `${about} ended at ${isoSeconds(end)}: ${next}` }]
          : [
              {
                level: 'attention',
                message: `${about} ends at ${isoSeconds(end)}, in ${spanInWords(end - now)}. Make another: ${next}`,
              },
            ]
      }),
    )
}
