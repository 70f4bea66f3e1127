import { systemRandom } from '../../src/lib/ids.ts'
import { addApiKey } from '../../src/oidc/apiKeys.ts'
import { type AppSettings, addApp } from '../../src/oidc/apps.ts'
import { directoryIdentifier, withDirectoryApi } from '../../src/oidc/directoryApi.ts'
import type { App } from '../../src/oidc/types.ts'
import type { Deployment } from '../support/deployment.ts'

export interface ScimAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: JSON from a server, looked at member by member.
  readonly body: any
}

export interface Sent {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, or a text that is sent as it is. */
  readonly body?: unknown
}

export type Provisioner = Awaited<ReturnType<typeof provisioner>>

/** A provisioning client: an app with the role and an API key, over sockets. */
export async function provisioner(deployment: Deployment, settings: Partial<AppSettings> = {}) {
  const { clock, storage, publicUrl, origin } = deployment
  const making = { now: clock.at, random: systemRandom }
  const apps = withDirectoryApi(storage.apps, publicUrl)
  const app: App = await addApp(
    apps,
    {
      displayName: 'Okta',
      isPublic: false,
      grantedRoles: [{ api: directoryIdentifier, role: 'Scim.Provision' }],
      ...settings,
    },
    making,
  )
  const { key } = await addApiKey(apps, app, making)

  return {
    app,
    key,
    async send({ method = 'GET', path, headers = {}, body }: Sent): Promise<ScimAnswer> {
      const hasBody = body !== undefined
      const answer = await fetch(`${origin}/scim/v2${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(hasBody && { 'content-type': 'application/scim+json' }),
          ...headers,
        },
        ...(hasBody && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      return {
        status: answer.status,
        headers: answer.headers,
        text,
        body: text === '' ? null : JSON.parse(text),
      }
    },
  }
}
