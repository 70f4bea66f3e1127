import { startRoutty } from '../../src/cli/server/demoApp.ts'
import type { DemoTls } from '../../src/cli/server/demoTls.ts'
import { type Deployment, type DeploymentOptions, startDeployment } from '../support/deployment.ts'

export type Site = Awaited<ReturnType<typeof startSite>>

/** homerealm, its demo Okta, and Routty, as `homerealm demo` starts them, on free ports. */
export async function startSite(tls: DemoTls | null = null, options: DeploymentOptions = {}) {
  const deployment = await startDeployment({
    ...options,
    ...(tls && {
      environment: { HOMEREALM_TLS_CERT: tls.certFile, HOMEREALM_TLS_KEY: tls.keyFile },
    }),
  })
  const failures: unknown[] = []
  const routty = await startRouttyAt(deployment, tls, failures)
  return {
    deployment,
    routty,
    /** Everything that went wrong in Routty and was nobody else's fault. */
    failures,
    async close(): Promise<void> {
      await routty.close()
      await deployment.close()
    },
  }
}

export function startRouttyAt(
  { publicUrl, tenant, storage, clock }: Deployment,
  tls: DemoTls | null = null,
  failures: unknown[] = [],
) {
  return startRoutty({
    port: 0,
    publicUrl,
    tenant,
    apps: storage.apps,
    tls,
    clock: () => clock.at,
    onError: (error) => void failures.push(error),
  })
}
