import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Why a server could not listen, in words for whoever started it. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

export interface Listening {
  readonly port: number
  /** Stops taking requests and ends every connection; resolves when the port is free. */
  readonly close: () => Promise<void>
}

/**
 * Listens with bounds on slow clients. Rejects with ListenError when the port is taken or not allowed; `setting` names what
 * to change.
 */
export async function listen(
  handler: RequestListener,
  at: { readonly host: string; readonly port: number; readonly setting: string },
): Promise<Listening> {
  const server = createServer(
    {
      headersTimeout: 5000,
      requestTimeout: 10_000, // the whole request, so that a body that trickles in ends
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: 5000,
    },
    handler,
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explained(error, at)))
    server.listen(at.port, at.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return { port, close: () => closeServer(server) }
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
