/** What is used of samlp, which has no types of its own. */
declare module 'samlp' {
  import type { RequestHandler } from 'express'

  export interface AuthOptions {
    readonly issuer: string
    readonly cert: string
    readonly key: string
    /** Where the response goes, for the Issuer of the request; samlp calls it `audience`. */
    readonly getPostURL: (
      audience: string,
      request: unknown,
      incoming: unknown,
      done: (error: Error | null, url: string) => void,
    ) => void
    /** A profile as passport has it; its `id` becomes the NameID. */
    readonly getUserFromRequest: () => unknown
    readonly destination?: string
    readonly recipient?: string
    readonly signResponse?: boolean
    readonly signAssertion?: boolean
    readonly signatureAlgorithm?: 'rsa-sha256' | 'rsa-sha1'
    readonly digestAlgorithm?: 'sha256' | 'sha1'
    readonly encryptionCert?: string
    readonly encryptionPublicKey?: string
    /** Of whoever sends requests, which must then be signed. */
    readonly signingCert?: string
  }

  export function auth(options: AuthOptions): RequestHandler
  export function metadata(options: {
    readonly issuer: string
    readonly cert: string
    readonly redirectEndpointPath: string
    readonly postEndpointPath: string
  }): RequestHandler
}
