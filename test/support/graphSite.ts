import type { GraphRole } from '../../src/admin/graph/ports.ts'
import { graphRoles } from '../../src/admin/graph/ports.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { addApiKey } from '../../src/oidc/apiKeys.ts'
import { addApp } from '../../src/oidc/apps.ts'
import { directoryIdentifier, withDirectoryApi } from '../../src/oidc/directoryApi.ts'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from './deployment.ts'
import { startDnsServer } from './dnsServer.ts'

export interface GraphReply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: JSON from a server, looked at member by member.
  readonly body: any
}

export interface GraphCallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The roles of the app that calls; all when not given. Null sends no credential. */
  readonly roles?: readonly GraphRole[] | null
}

export type GraphSite = ReturnType<typeof graphSiteOf>

/** The name of the app that calls, whatever its roles. */
export const callerName = 'Provisioning'

/** An app with these roles, and an API key of it. */
export async function registerCaller(
  { storage, publicUrl, clock }: Deployment,
  roles: readonly GraphRole[],
): Promise<{ readonly app: App; readonly key: string }> {
  const apps = withDirectoryApi(storage.apps, publicUrl)
  const making = { now: clock.at, random: systemRandom }
  const app = await addApp(
    apps,
    {
      displayName: callerName,
      isPublic: false,
      redirectUris: [],
      grantedRoles: roles.map((role) => ({ api: directoryIdentifier, role })),
    },
    making,
  )
  return addApiKey(apps, app, making)
}

/** A deployment with its Graph door, and the name servers that it asks about domains. */
export async function startGraphSite() {
  const dns = await startDnsServer({})
  const deployment = await startDeployment({
    environment: { HOMEREALM_DNS_SERVERS: `${dns.address}:${dns.port}` },
  })
  return {
    dns,
    deployment,
    graph: graphSiteOf(deployment),
    async close(): Promise<void> {
      await deployment.close()
      await dns.close()
    },
  }
}

/** The Graph door of a deployment, called by apps with API keys. */
export function graphSiteOf(deployment: Deployment) {
  const { publicUrl, origin, logged } = deployment
  const keys = new Map<string, string>()

  async function keyFor(roles: readonly GraphRole[]): Promise<string> {
    const name = roles.join(' ')
    const key = keys.get(name) ?? (await registerCaller(deployment, roles)).key
    keys.set(name, key)
    return key
  }

  return {
    publicUrl,
    /** What went wrong inside, from the log. */
    reported: () => logged.filter((line) => line.includes('a call of the Graph door failed')),

    /** A request below `/v1.0`, or to a whole address that an answer gave. */
    async call(method: string, path: string, options: GraphCallOptions = {}): Promise<GraphReply> {
      const { body, headers = {}, roles = graphRoles } = options
      const url = path.startsWith('http') ? path : `${origin}/v1.0${path}`
      const answer = await fetch(url, {
        method,
        headers: {
          ...(roles !== null && { Authorization: `Bearer ${await keyFor(roles)}` }),
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      const isJson = answer.headers.get('content-type')?.includes('json') === true && text !== ''
      return {
        status: answer.status,
        headers: answer.headers,
        body: isJson ? JSON.parse(text) : text || null,
      }
    },
  }
}
