import type { Command } from 'commander'
import { createLog, logVerdict } from '../../observe/log.ts'
import type { Surroundings } from '../surroundings.ts'
import { openDeployment, startServer, untilInterrupted } from './running.ts'

/** `homerealm serve`: production, configured from the environment alone. */
export function addServeCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('serve')
    .description('run the server; configuration comes from HOMEREALM_ variables')
    .action(async () => {
      const config = surroundings.config('serve')
      const log = createLog(config.logLevel)
      const deployment = await openDeployment(config)
      try {
        const server = await startServer(config, deployment, {
          log,
          onVerdict: (event) => logVerdict(log, event),
        })
        log.info({ publicUrl: server.publicUrl, port: server.port }, 'homerealm serves')
        await warnOfLooseFederations()
        await untilInterrupted(surroundings.interrupted)
        log.info('stopping')
        await server.close()
      } finally {
        await deployment.storage.close()
      }

      /** Dangerous switches are loud: told at every start. */
      async function warnOfLooseFederations(): Promise<void> {
        for (const federation of await deployment.storage.directory.federations()) {
          const loose = (
            [
              'allowSha1Signatures',
              'allowCbcEncryption',
              'allowInclusiveCanonicalization',
              'allowUnsolicited',
            ] as const
          ).filter((setting) => federation[setting])
          if (loose.length > 0) {
            log.warn({ federation: federation.displayName, loose }, 'a federation is weakened')
          }
        }
      }
    })
}
