import type { Server } from 'node:http'

/** What an app and a browser need to know about a server that signs people in. */
export interface Deployed {
  /** Origin, without trailing slash. */
  readonly origin: string
  readonly authorize: string
  readonly token: string
  readonly clientId: string
  /** Of SAML responses; null where nobody asks for one. */
  readonly acs: string | null
}

export interface Running extends Deployed {
  close(): Promise<void>
}

/** The one app of every contender: public, with PKCE, and a refresh token. */
export const app = {
  redirectUri: 'https://app.example.test/signin',
  scope: 'openid profile email offline_access',
} as const

export const contenderIds = ['bare', 'memory', 'sqlite'] as const
export type ContenderId = (typeof contenderIds)[number]

export const contenderTitles: Readonly<Record<ContenderId, string>> = {
  bare: 'oidc-provider alone, its memory adapter',
  memory: 'homerealm, memory',
  sqlite: 'homerealm, SQLite on disk',
}

/** Listens on a free port of this machine, and gives it. */
export async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('bench: no port')
  return address.port
}
