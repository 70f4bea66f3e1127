import { type Element, XMLSerializer } from '@xmldom/xmldom'
import { expect } from 'chai'
import { alice, all, bob, checkSignatures, type FaultPromise, one, parse } from './scene.ts'

/** The signed part of a wrapped document, put back into a document of its own with its signature in its place. */
function unwrapped(xml: string): string {
  const root = parse(xml)
  const signature = one(root, 'Signature')
  const signedId = one(signature, 'Reference').getAttribute('URI')?.slice(1)
  const part = [root, ...all(root, '*')].find((element) => element.getAttribute('ID') === signedId)
  if (!part) throw new Error('the signed part is gone')
  for (const wrapper of Array.from(signature.childNodes).slice(3)) signature.removeChild(wrapper)
  signature.parentNode?.removeChild(signature)
  part.insertBefore(signature, one(part, 'Issuer').nextSibling)
  return new XMLSerializer().serializeToString(part)
}

/** Where the assertion with that NameID stands, as names from the root. */
function pathTo(root: Element, nameId: string): string {
  const found = all(root, 'NameID').find((element) => element.textContent === nameId)
  const names: string[] = []
  for (let node = found?.parentNode?.parentNode; node?.parentNode; node = node.parentNode) {
    names.unshift(node.nodeName.replace(/^.*:/, ''))
  }
  return names.join(' > ')
}

/** Wrapped: both parts are there, at those places; all IDs differ; the signature holds over the genuine one. */
function wrapped(genuine: string, forged: string): FaultPromise {
  return {
    check: (root: Element, xml: string) => {
      expect(pathTo(root, alice.nameId)).to.equal(genuine)
      expect(pathTo(root, bob.nameId)).to.equal(forged)
      expect(all(root, 'NameID')).to.have.length(2)
      const ids = [root, ...all(root, '*')].flatMap((element) => element.getAttribute('ID') ?? [])
      expect(new Set(ids).size).to.equal(ids.length)
      const [signature, ...others] = checkSignatures(unwrapped(xml))
      expect(others).to.deep.equal([])
      expect(signature?.holds).to.equal(true)
      expect(signature?.bytes).to.contain(alice.nameId).and.not.to.contain(bob.nameId)
    },
  }
}

/** What the wrapping faults promise. */
export const wrappingPromises: Record<string, FaultPromise> = {
  xsw1: wrapped('Response > Signature > Response > Assertion', 'Response > Assertion'),
  xsw2: wrapped('Response > Response > Assertion', 'Response > Assertion'),
  xsw3: wrapped('Response > Assertion', 'Response > Assertion'),
  xsw4: wrapped('Response > Assertion > Assertion', 'Response > Assertion'),
  xsw5: wrapped('Response > Assertion', 'Response > Assertion'),
  xsw6: wrapped('Response > Assertion > Signature > Assertion', 'Response > Assertion'),
  xsw7: wrapped('Response > Assertion', 'Response > Extensions > Assertion'),
  xsw8: wrapped('Response > Assertion > Signature > Object > Assertion', 'Response > Assertion'),
}
