import { openDemoServer } from '../lib/demoServer.ts'
import { createDemoApp, type DemoAppOptions } from './server.ts'
import { trustingFetch } from './trustingFetch.ts'

export interface RunningDemoApp {
  readonly baseUrl: string
  /** Ends all connections at once, those kept alive too, and resolves when the port is free. */
  close(): Promise<void>
}

/** TLS of Routty, and whom it trusts: PEM. */
export interface DemoAppTls {
  readonly cert: string
  readonly key: string
  readonly ca: string
}

/**
 * Starts Routty on a port of its own (0 takes a free one). Who it is at homerealm is asked for once its address is known.
 * @param options.register registers the app under this origin: its client id, and the private half of its key
 * @throws Error the system's error when the port cannot be had (`EADDRINUSE`, `EACCES`)
 */
export async function startDemoApp(
  options: Omit<DemoAppOptions, 'baseUrl' | 'clientId' | 'clientKey' | 'fetch'> & {
    readonly host: string
    readonly port: number
    readonly tls: DemoAppTls | null
    readonly register: (
      baseUrl: string,
    ) => Promise<{ readonly clientId: string; readonly clientKey: CryptoKey }>
  },
): Promise<RunningDemoApp> {
  const { tls } = options
  const { server, baseUrl, close } = await openDemoServer(options.host, options.port, tls)
  try {
    const client = await options.register(baseUrl)
    const fetch = tls === null ? undefined : trustingFetch(tls.ca)
    server.on('request', createDemoApp({ ...options, ...client, baseUrl, fetch }))
    return { baseUrl, close }
  } catch (error) {
    await close()
    throw error
  }
}
