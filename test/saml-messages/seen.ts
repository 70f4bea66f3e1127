import { DOMParser } from '@xmldom/xmldom'

/** Elements in document order as `{namespace}name`, and the root's attributes, as the IdP's parser sees them. */
export function seen(xml: string) {
  const root = new DOMParser().parseFromString(xml, 'text/xml').documentElement
  if (root === null) throw new Error('no root')
  const names = (element: typeof root): string[] => [
    `{${element.namespaceURI}}${element.localName}`,
    ...Array.from(element.childNodes)
      .filter((node) => node.nodeType === 1)
      .flatMap((node) => names(node as typeof root)),
  ]
  return {
    root,
    names: names(root),
    attributes: Object.fromEntries(
      Array.from(root.attributes)
        .filter((attribute) => attribute.namespaceURI !== 'http://www.w3.org/2000/xmlns/')
        .map((attribute) => [attribute.name, attribute.value]),
    ),
  }
}

/** The algorithm identifiers of a signature, by the element that names them. */
export function algorithms(root: NonNullable<ReturnType<typeof seen>['root']>) {
  const all = ['CanonicalizationMethod', 'SignatureMethod', 'Transform', 'DigestMethod'].map(
    (name) => [
      name,
      Array.from(root.getElementsByTagNameNS('http://www.w3.org/2000/09/xmldsig#', name)).map(
        (one) => one.getAttribute('Algorithm'),
      ),
    ],
  )
  return Object.fromEntries(all)
}
