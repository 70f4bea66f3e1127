import { openDemoServer } from '../lib/demoServer.ts'
import { createDemoOkta, type DemoOktaOptions, ssoPath } from './server.ts'

export interface RunningDemoOkta {
  readonly baseUrl: string
  /** Path and origin together: a federation's `passiveSignInUri`. */
  readonly ssoUrl: string
  /** Ends all connections at once, those kept alive too, and resolves when the port is free. */
  close(): Promise<void>
}

/**
 * Starts the demo Okta on a port of its own (0 takes a free one).
 * @param options.baseUrl default `http://{host}:{port}`, https with `tls`
 * @throws Error the system's error when the port cannot be had (`EADDRINUSE`, `EACCES`)
 */
export async function startDemoOkta(
  options: Omit<DemoOktaOptions, 'baseUrl'> & {
    readonly baseUrl?: string
    readonly host: string
    readonly port: number
    /** PEM of certificate and key: it then speaks https. */
    readonly tls?: { readonly cert: string; readonly key: string } | null
  },
): Promise<RunningDemoOkta> {
  const { tls = null } = options
  const opened = await openDemoServer(options.host, options.port, tls)
  const { server, close } = opened
  const baseUrl = options.baseUrl ?? opened.baseUrl
  try {
    server.on('request', createDemoOkta({ ...options, baseUrl }))
    return { baseUrl, ssoUrl: baseUrl + ssoPath(options.issuer), close }
  } catch (error) {
    await close()
    throw error
  }
}
