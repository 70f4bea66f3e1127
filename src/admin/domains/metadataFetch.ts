import { get as httpGet, type IncomingMessage } from 'node:http'
import { get as httpsGet } from 'node:https'
import { seconds } from '../../lib/clock.ts'
import { isOwnHost } from '../../lib/loopback.ts'
import { MetadataError } from '../../saml/metadata/idpMetadata.ts'
import { readSignInUri, SignInUriError } from '../../saml/signInUri.ts'

export interface MetadataFetchOptions {
  /** For all of it, redirects included, in milliseconds. Default 10 s. */
  readonly timeout?: number
  /** Of the body. Default 256 KB, what the parser takes at most. */
  readonly maxBytes?: number
  /** Certificates in PEM to trust in place of the machine's authorities. */
  readonly ca?: string
}

/** Fetches an identity provider's metadata; the text is not looked at. Rejects with MetadataError. */
export type FetchMetadata = (uri: string) => Promise<string>

const mostRedirects = 3

/**
 * Over https with a certificate that holds, or over http on this machine; a redirect may lead to https only. Nothing is sent but the
 * request: no cookie, no credentials.
 */
export function metadataFetch(options: MetadataFetchOptions = {}): FetchMetadata {
  const { timeout = seconds(10), maxBytes = 256 * 1024, ca } = options

  async function follow(uri: string, signal: AbortSignal, redirects: number): Promise<string> {
    const response = await request(uri, signal, ca)
    const { statusCode = 0, headers } = response
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      response.destroy()
      if (redirects >= mostRedirects) {
        throw new MetadataError(`${uri} redirects more than ${mostRedirects} times.`)
      }
      return follow(redirectTarget(uri, headers.location), signal, redirects + 1)
    }
    if (statusCode !== 200) {
      response.destroy()
      throw new MetadataError(`${uri} answers with HTTP status ${statusCode}; expected 200.`)
    }
    return bodyOf(response, uri, maxBytes)
  }

  return async (uri) => {
    checkUri(uri)
    const signal = AbortSignal.timeout(timeout)
    try {
      return await follow(uri, signal, 0)
    } catch (error) {
      if (error instanceof MetadataError) throw error
      if (signal.aborted) {
        throw new MetadataError(`${uri} did not answer within ${timeout / 1000} seconds.`)
      }
      throw new MetadataError(`${uri} cannot be fetched: ${(error as Error).message}.`)
    }
  }
}

function checkUri(uri: string): void {
  try {
    readSignInUri(uri)
  } catch (error) {
    if (!(error instanceof SignInUriError)) throw error
    throw new MetadataError(`The address of the metadata cannot be used. ${error.message}`)
  }
}

/** Where a redirect leads. Throws MetadataError: nothing leads away from https, and nothing from outside to this machine. */
export function redirectTarget(from: string, location: string): string {
  const target = URL.parse(location, from)
  const isHttps = target?.protocol === 'https:' && target.username === '' && target.password === ''
  if (target === null || !isHttps) {
    throw new MetadataError(
      `${from} redirects to ${target?.protocol ?? 'nowhere'}//; only https is followed.`,
    )
  }
  if (isOwnHost(target.hostname) && !isOwnHost(new URL(from).hostname)) {
    throw new MetadataError(`${from} redirects to this machine; that is not followed.`)
  }
  return target.href
}

function request(
  uri: string,
  signal: AbortSignal,
  ca: string | undefined,
): Promise<IncomingMessage> {
  const headers = { accept: 'application/samlmetadata+xml, application/xml, text/xml' }
  const url = new URL(uri)
  return new Promise((resolve, reject) => {
    const sent =
      url.protocol === 'https:'
        ? httpsGet(url, { signal, headers, agent: false, ...(ca !== undefined && { ca }) }, resolve)
        : httpGet(url, { signal, headers, agent: false }, resolve)
    sent.on('error', reject)
  })
}

async function bodyOf(response: IncomingMessage, uri: string, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) {
      response.destroy()
      throw new MetadataError(`${uri} sends more than ${maxBytes} bytes.`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
