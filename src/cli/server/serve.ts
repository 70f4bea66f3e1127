import type { Command } from 'commander'
import { createLog, logVerdict } from '../../observe/log.ts'
import { readSigningCertificate } from '../../saml/certificates.ts'
import { acsUrl } from '../../signin/acsUrls.ts'
import { publicTestThumbprints } from '../publicTestKeys.ts'
import { looseSettings } from '../status/problems.ts'
import type { Surroundings } from '../surroundings.ts'
import { demoIssuer } from './demoTenant.ts'
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
          refusedCertificates: publicTestThumbprints(),
          onVerdict: (event) => logVerdict(log, event),
        })
        const { publicUrl, port, telemetryPort } = server
        const { id } = deployment.tenant
        const addresses = { acs: acsUrl(publicUrl, id), entityId: config.entityId }
        log.info({ publicUrl, port, telemetryPort, tenant: id, ...addresses }, 'homerealm serves')
        // With a certificate of its own it is reached directly, and sees the address of each person.
        if (publicUrl.startsWith('https:') && config.tls === null && config.trustProxy === 0) {
          log.warn(
            'HOMEREALM_TRUST_PROXY is 0 behind a proxy: all people then share one rate limit',
          )
        }
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
          const loose = looseSettings.filter((setting) => federation[setting])
          const { thumbprint } = readSigningCertificate(federation.signingCertificate)
          if (publicTestThumbprints().has(thumbprint) || federation.issuerUri === demoIssuer) {
            log.error(
              { federation: federation.displayName },
              'ANYBODY CAN SIGN IN: this federation is the demo’s, or its key is a public test key',
            )
          }
          if (loose.length > 0) {
            log.warn({ federation: federation.displayName, loose }, 'a federation is weakened')
          }
        }
      }
    })
}
