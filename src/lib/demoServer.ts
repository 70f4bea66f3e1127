import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'

/** A server that listens and answers nothing yet: its address is known before its pages are made. */
export interface DemoServer {
  readonly server: Server
  /** Origin by which it is reached. */
  readonly baseUrl: string
  /** Ends all connections at once, those kept alive too, and resolves when the port is free. */
  readonly close: () => Promise<void>
}

/**
 * Listens on a port (0 takes a free one), by https when there is TLS: PEM of certificate and key.
 * @throws Error the system's error when the port cannot be had (`EADDRINUSE`, `EACCES`)
 */
export async function openDemoServer(
  host: string,
  port: number,
  tls: { readonly cert: string; readonly key: string } | null,
): Promise<DemoServer> {
  const server = tls === null ? createServer() : createTlsServer({ cert: tls.cert, key: tls.key })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  const actual = typeof address === 'object' && address ? address.port : port
  const close = () =>
    new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()))
      server.closeAllConnections()
    })
  return { server, baseUrl: `${tls === null ? 'http' : 'https'}://${host}:${actual}`, close }
}
