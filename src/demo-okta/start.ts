import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
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
  const server = tls === null ? createServer() : createTlsServer(tls)
  const close = () =>
    new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()))
      server.closeAllConnections()
    })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : options.port
  const baseUrl = options.baseUrl ?? `${tls === null ? 'http' : 'https'}://${options.host}:${port}`
  try {
    server.on('request', createDemoOkta({ ...options, baseUrl }))
    return { baseUrl, ssoUrl: baseUrl + ssoPath(options.issuer), close }
  } catch (error) {
    await close()
    throw error
  }
}
