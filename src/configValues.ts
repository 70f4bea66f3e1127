import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { faultOfPublicUrl } from './lib/publicUrl.ts'

/** How the values of environment variables are read: every kind of value once, with what it must be in words. */

export const text = z.string().min(1)

/** A text that `read` makes a value of, or null: then `fault` says what it must be. */
export const readAs = <T>(fault: string, read: (value: string) => T | null) =>
  text.transform((value, context): T => {
    const result = read(value)
    if (result !== null) return result
    context.addIssue({ code: 'custom', message: fault })
    return z.NEVER
  })

/** Digits only: `Number` alone would take white space for 0, and 0x10 and 1e3. */
export const wholeNumber = (min: number, max: number) =>
  readAs(`must be a whole number from ${min} to ${max}`, (value) => {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
    return number >= min && number <= max ? number : null
  })
export const port = wholeNumber(0, 65_535)
export const onOff = readAs('must be on or off', (value) =>
  value === 'on' ? true : value === 'off' ? false : null,
)

export const publicUrl = text.transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : null
  const fault = faultOfPublicUrl(url)
  if (url === null || fault !== null) {
    context.addIssue({ code: 'custom', message: fault ?? 'is not a URL' })
    return z.NEVER
  }
  return url.origin
})

/**
 * A PEM file, read at once so that a wrong one is told at start. The message does not repeat the value: it may be the key itself,
 * set in place of its path.
 */
const pemFile = (what: string, isUsable: (pem: string) => boolean) =>
  text.transform((file, context) => {
    let message = `names a file that holds no ${what}`
    try {
      const pem = readFileSync(file, 'utf8')
      if (isUsable(pem)) return pem
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code
      message = file.includes('-----BEGIN')
        ? 'must be the path of a PEM file, not its content'
        : `names a file that cannot be read (${why})`
    }
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })

export const keyFile = pemFile('RSA private key in PEM without passphrase', (pem) =>
  parses(() => createPrivateKey(pem).asymmetricKeyType === 'rsa'),
)
export const certificateFile = pemFile('certificate in PEM', (pem) =>
  parses(() => pem.includes('-----BEGIN CERTIFICATE-----') && Boolean(new X509Certificate(pem))),
)

function parses(read: () => boolean): boolean {
  try {
    return read()
  } catch {
    return false
  }
}
