import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { readTlsMaterial, type TlsFiles, watchTls } from './tls.ts'

/** Why a server could not listen, in words for whoever started it. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

export interface Listening {
  readonly port: number
  /** Stops taking requests and ends every connection; resolves when the port is free. */
  readonly close: () => Promise<void>
}

/** TLS of a server, and who is told when its files were changed. */
export interface TlsListening {
  readonly files: TlsFiles
  readonly onReload: () => void
  /** The new files cannot be used (yet): the old ones stay. */
  readonly onFault: (error: unknown) => void
  /** How often the files are looked at, in milliseconds. */
  readonly pollEvery?: number
}

/**
 * Listens with bounds on slow clients. Rejects with ListenError when the port is taken or not allowed (`setting` names what
 * to change), and with TlsError when certificate or key cannot be used.
 */
export async function listen(
  handler: RequestListener,
  at: { readonly host: string; readonly port: number; readonly setting: string },
  tls: TlsListening | null = null,
): Promise<Listening> {
  const { server, stop } = tls === null ? plainServer(handler) : tlsServer(handler, tls)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explained(error, at)))
    server.listen(at.port, at.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    close: () => {
      stop()
      return closeServer(server)
    },
  }
}

const bounds = {
  headersTimeout: 5000,
  requestTimeout: 10_000, // the whole request, so that a body that trickles in ends
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 5000,
}

function plainServer(handler: RequestListener): { server: Server; stop: () => void } {
  return { server: createServer(bounds, handler), stop: () => {} }
}

/** New connections have the certificate that stands in the files; those that are open keep theirs. */
function tlsServer(
  handler: RequestListener,
  { files, onReload, onFault, pollEvery }: TlsListening,
): { server: Server; stop: () => void } {
  const options = { ...bounds, handshakeTimeout: 10_000, ...readTlsMaterial(files) }
  const server = createTlsServer(options, handler)
  const onChange = (material: ReturnType<typeof readTlsMaterial>): void => {
    server.setSecureContext(material)
    onReload()
  }
  const stop = watchTls(files, { onChange, onFault }, pollEvery)
  return { server, stop }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function explained(
  error: NodeJS.ErrnoException,
  at: { readonly host: string; readonly port: number; readonly setting: string },
): Error {
  const where = `${at.host}:${at.port}`
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError(
        `Port ${at.port} is taken by another program. Stop that one, or choose another port: ${at.setting}=${at.port === 65_535 ? 3000 : at.port + 10}`,
      )
    case 'EACCES':
      return new ListenError(
        `Listening on ${where} is not allowed for this user. Choose a port above 1023: ${at.setting}=3000`,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ListenError(`${at.host} is no address of this machine. Set HOMEREALM_HOST.`)
    default:
      return error
  }
}
