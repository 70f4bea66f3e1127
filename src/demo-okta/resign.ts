import type { Interventions } from './interventions.ts'
import type { IdpKey } from './keys.ts'
import { type AlgorithmName, algorithms } from './sign.ts'
import { ns } from './xml.ts'

/**
 * Changes the signature of a document's root, which must be the first in it (right after the Issuer), and signs the changed
 * SignedInfo anew: a forger's, for signatures of odd shape that hold all the same.
 * @throws Error when there is no signature to change
 */
export function resignRoot(
  xml: string,
  { key, algorithm }: { readonly key: IdpKey; readonly algorithm: AlgorithmName },
  { signedInfo, keyInfo }: Pick<Interventions, 'signedInfo' | 'keyInfo'>,
): string {
  const changed = keyInfo ? inFirst(xml, 'KeyInfo', keyInfo) : xml
  if (!signedInfo) return changed
  let value = ''
  const withInfo = inFirst(changed, 'SignedInfo', (info) => {
    const edited = signedInfo(info)
    value = algorithms[algorithm].sign(canonical(edited), key)
    return edited
  })
  return inFirst(withInfo, 'SignatureValue', () =>
    value === '' ? '<ds:SignatureValue/>' : `<ds:SignatureValue>${value}</ds:SignatureValue>`,
  )
}

/** Replaces the first element of that name, as signing writes it: without attributes, with content. */
function inFirst(xml: string, name: string, change: (element: string) => string): string {
  const end = `</ds:${name}>`
  const from = xml.indexOf(`<ds:${name}>`)
  const to = xml.indexOf(end, from) + end.length
  if (from < 0 || to < end.length) throw new Error(`no ${name} to change: this fault needs one`)
  return xml.slice(0, from) + change(xml.slice(from, to)) + xml.slice(to)
}

/**
 * Exclusive C14N of a SignedInfo of ours: its tags are in canonical form but for the namespace that it has from its parent, empty
 * elements, comments and CDATA sections.
 */
function canonical(signedInfo: string): string {
  return signedInfo
    .replace(/<!--.*?-->/gs, '')
    .replace(/<!\[CDATA\[(.*?)\]\]>/gs, '$1')
    .replace('<ds:SignedInfo>', `<ds:SignedInfo xmlns:ds="${ns.ds}">`)
    .replace(/<([\w:]+)([^<>]*)\/>/g, '<$1$2></$1>')
}
