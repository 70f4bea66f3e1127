/** SAML metadata 2.0 section 1.1. */
export const metadataNamespace = 'urn:oasis:names:tc:SAML:2.0:metadata'

/** The bindings that are spoken here (SAML bindings sections 3.4 and 3.5). */
export const bindings = {
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
} as const
