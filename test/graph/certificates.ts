import { readFileSync } from 'node:fs'

/** A certificate of certs/ as bodies of Graph have it: base64 of the DER on one line. */
export function certificateOf(name: string): string {
  const pem = readFileSync(new URL(`../../certs/${name}.pem`, import.meta.url), 'utf8')
  return pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')
}
