import { certificateValidity } from '../../admin/domains/certificates.ts'
import type { Config } from '../../config.ts'
import { type Listening, listen } from '../../http/listen.ts'
import { createTelemetry } from '../../http/telemetry.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../observe/log.ts'
import { createMetrics, type Metrics } from '../../observe/metrics.ts'
import type { Storage } from '../../storage/storage.ts'

/** The metrics of a deployment. */
export function metricsOf({ directory }: Pick<Storage, 'directory'>, clock: Clock): Metrics {
  return createMetrics(async () => {
    const now = clock()
    return (await directory.federations()).flatMap((federation) =>
      (['signingCertificate', 'nextSigningCertificate'] as const).flatMap((slot) => {
        const base64 = federation[slot]
        if (base64 === null) return []
        const { notAfter } = certificateValidity(base64, now)
        return [{ federation: federation.displayName, slot, notAfter }]
      }),
    )
  })
}

/** Listens on the telemetry port; null when none is set. */
export async function startTelemetry(
  { telemetryPort, host }: Config,
  { directory }: Pick<Storage, 'directory'>,
  metrics: Metrics,
  log: Log,
): Promise<Listening | null> {
  if (telemetryPort === null) return null
  const telemetry = createTelemetry(
    metrics,
    async () => void (await directory.tenant()),
    (err) => log.error({ err }, 'the metrics could not be gathered'),
  )
  return listen(telemetry, { host, port: telemetryPort, setting: 'HOMEREALM_TELEMETRY_PORT' })
}
