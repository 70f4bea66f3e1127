import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'

/** Where certificate and key stand. */
export interface TlsFiles {
  /** PEM: our certificate first, then the intermediate ones. */
  readonly certFile: string
  /** PEM, without passphrase. */
  readonly keyFile: string
}

/** What a server speaks TLS with: 1.2 or newer (RFC 9325 section 3.1.1). */
export type TlsMaterial = Required<Pick<SecureContextOptions, 'cert' | 'key' | 'minVersion'>>

/** Why a certificate and its key cannot be used, in words for whoever set them. */
export class TlsError extends Error {
  override readonly name = 'TlsError'
}

/** Reads both files, and makes sure that they belong together. Throws TlsError, which never repeats what stands in them. */
export function readTlsMaterial({ certFile, keyFile }: TlsFiles): TlsMaterial {
  const cert = contentOf('HOMEREALM_TLS_CERT', certFile)
  const key = contentOf('HOMEREALM_TLS_KEY', keyFile)
  const certificate = parsed('HOMEREALM_TLS_CERT', certFile, 'no certificate in PEM', () => {
    return new X509Certificate(cert)
  })
  const privateKey = parsed(
    'HOMEREALM_TLS_KEY',
    keyFile,
    'no private key in PEM without passphrase',
    () => {
      return createPrivateKey(key)
    },
  )
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new TlsError(
      `HOMEREALM_TLS_CERT (${certFile}) is not the certificate of HOMEREALM_TLS_KEY (${keyFile}). Its own certificate must stand first in the file.`,
    )
  }
  const material = { cert, key, minVersion: 'TLSv1.2' } as const
  parsed('HOMEREALM_TLS_CERT', certFile, 'a chain that TLS cannot use', () => {
    return createSecureContext(material)
  })
  return material
}

function contentOf(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const shown = file.includes('-----BEGIN') ? 'the value is PEM itself; set its path' : file
    throw new TlsError(
      `${name} cannot be read (${(error as NodeJS.ErrnoException).code}): ${shown}`,
    )
  }
}

function parsed<T>(name: string, file: string, fault: string, parse: () => T): T {
  try {
    return parse()
  } catch {
    throw new TlsError(`${name} names a file with ${fault}: ${file}`)
  }
}

/** How often the files are looked at, in milliseconds. */
const POLL_EVERY = 5000

/**
 * Looks whether the files have changed, by time and size, and hands the new material over. Polls, since renewals replace files by
 * renaming, or the links that lead to them, which watchers lose. Two files never change at once: while they do not fit, the old
 * material stays, `onFault` is told once for each change, and they are looked at again. Gives the function that stops it.
 */
export function watchTls(
  files: TlsFiles,
  handlers: {
    readonly onChange: (material: TlsMaterial) => void
    readonly onFault: (error: unknown) => void
  },
  pollEvery = POLL_EVERY,
): () => void {
  let served = versionOf(files)
  let faulted = ''
  const polling = setInterval(() => {
    const seen = versionOf(files)
    if (seen === served) return
    try {
      handlers.onChange(readTlsMaterial(files))
      served = seen
    } catch (error) {
      if (seen !== faulted) handlers.onFault(error)
      faulted = seen
    }
  }, pollEvery)
  polling.unref()
  return () => clearInterval(polling)
}

/** Changes whenever one of the files does; links are followed. One that cannot be looked at is a version of its own, too. */
function versionOf({ certFile, keyFile }: TlsFiles): string {
  return [certFile, keyFile]
    .map((file) => {
      try {
        const { ino, mtimeNs, size } = statSync(file, { bigint: true })
        return `${ino}:${mtimeNs}:${size}`
      } catch (error) {
        return (error as NodeJS.ErrnoException).code
      }
    })
    .join(' ')
}
