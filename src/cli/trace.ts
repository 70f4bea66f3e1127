import type { Command } from 'commander'
import { isoSeconds, systemClock } from '../lib/clock.ts'
import { isGuid } from '../lib/ids.ts'
import { printable } from './printable.ts'
import { explained } from './replay/report.ts'
import type { Surroundings } from './surroundings.ts'
import { UsageError } from './usageError.ts'

/** `homerealm trace REQUEST-ID`: why a sign-in went as it did, for 24 hours after it. */
export function addTraceCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('trace')
    .description(
      'print every check of a sign-in, by the Request Id of its page (kept for 24 hours)',
    )
    .argument('<request-id>', 'the Request Id that the page shows')
    .option('--json', 'print the kept record as JSON')
    .action(async (requestId: string, options: { readonly json?: boolean }) => {
      if (!isGuid(requestId)) {
        throw new UsageError(
          `${printable(requestId)} is no Request Id: expected a GUID such as 9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11, as the page shows it.`,
        )
      }
      const storage = await surroundings.openStorage({ readonly: true })
      try {
        const kept = await storage.traces.trace(requestId.toLowerCase(), systemClock())
        if (kept === null) {
          surroundings.complain(
            `No trace is kept under ${requestId}. Traces are kept for 24 hours; check the id, and that HOMEREALM_DATA is the server’s. Of an app that was told itself (a wrong secret, a code used twice) the server’s log alone has a line with the id.`,
          )
          surroundings.exit(1)
          return
        }
        if (options.json) {
          surroundings.print(JSON.stringify(kept, null, 2))
          return
        }
        const federation =
          kept.federationId && (await storage.directory.federation(kept.federationId))
        const lines = [
          kept.outcome === 'signedIn'
            ? `Signed in ${kept.userPrincipalName}`
            : `Refused: ${kept.reason ?? 'the app'} (AADSTS${kept.aadsts})`,
          `  at ${isoSeconds(kept.at)}, Correlation Id ${kept.correlationId}`,
          `  federation: ${federation ? `${federation.displayName} (${federation.issuerUri})` : 'none established'}`,
          explained(kept.trace),
        ]
        surroundings.print(printable(lines.join('\n')))
      } finally {
        await storage.close()
      }
    })
}
