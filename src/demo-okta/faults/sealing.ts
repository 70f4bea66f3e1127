import { type EncryptionOptions, encryptedData } from '../encrypt.ts'
import { element, ns } from '../xml.ts'
import { type Fault, type FaultScene, workshopOf } from './fault.ts'
import { type Edit, reachingIn, rewritten } from './text.ts'

type Choice = Partial<Pick<EncryptionOptions, 'cipher' | 'transport' | 'certificatePem'>>

/** Encrypts to the server under test: AES-256-GCM under RSA-OAEP, unless another choice is made. */
export function sealing(scene: FaultScene, choice: Choice = {}): Edit {
  const { decryptionCertificatePem: certificatePem, random } = workshopOf(scene)
  const usual = {
    cipher: 'aes256-gcm',
    transport: 'rsa-oaep-mgf1p',
    certificatePem,
    random,
  } as const
  return (xml) => encryptedData(xml, { ...usual, ...choice })
}

export function inHolder(holder: 'EncryptedAssertion' | 'EncryptedID', content: string): string {
  return element(`saml2:${holder}`, { 'xmlns:saml2': ns.assertion }, content)
}

export interface Sealed {
  readonly name: string
  readonly title: string
  readonly group?: Fault['group']
  readonly twin?: string
  readonly signed?: 'both' | 'assertion' | 'response'
  readonly choice?: (scene: FaultScene) => Choice
  /** Of the assertion, before it is signed. */
  readonly signedInside?: (xml: string, scene: FaultScene) => string
  /** Of the signed assertion, before it is encrypted. */
  readonly inside?: (xml: string, scene: FaultScene) => string
  /** Of the EncryptedAssertion. */
  readonly outside?: (xml: string, scene: FaultScene) => string
}

/** An encrypted assertion. By default it is signed inside, and the Response is signed around it, as Okta does. */
export function sealed(given: Sealed): Fault {
  const { choice, signedInside = same, inside = same, outside = same } = given
  return {
    name: given.name,
    title: given.title,
    group: given.group ?? 'Encryption',
    ...(given.twin !== undefined && { twin: given.twin }),
    before: (spec, scene) => {
      const seal = sealing(scene, choice?.(scene))
      const signedAssertion = (xml: string) =>
        outside(inHolder('EncryptedAssertion', seal(inside(xml, scene))), scene)
      const assertion = (xml: string) => signedInside(xml, scene)
      return reachingIn({ assertion, signedAssertion }, given.signed)(spec)
    },
  }
}

const same = (xml: string): string => xml

/** An encrypted assertion that alone is signed, so that what is around it can be changed by anybody. */
export const open = (given: Omit<Sealed, 'signed' | 'twin'>): Fault =>
  sealed({ ...given, signed: 'assertion', twin: 'encrypted-assertion-signed' })

export const honest = (given: Sealed): Fault => sealed({ ...given, group: 'Honest variants' })

/** The cipher value of the content, changed: it stands after that of the key. */
export const contentValue = (change: (bytes: Buffer) => Buffer): Edit =>
  rewritten(
    /(<xenc:CipherValue>)([^<]*)(<\/xenc:CipherValue><\/xenc:CipherData><\/xenc:EncryptedData>)/,
    (_all, start = '', value = '', end = '') =>
      start + change(Buffer.from(value, 'base64')).toString('base64') + end,
  )

export const flipped = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes)
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
  return changed
}
