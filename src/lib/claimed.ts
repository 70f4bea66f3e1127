/**
 * Where a text of a SAML message came from, as two types that do not mix. A `Claimed` text stands in bytes that nobody has
 * signed, or whose signature has not been checked yet: it may route and refuse, and it never lets anyone in. A `Verified`
 * text was read from the canonical bytes whose digest the signature covers. Only `saml/` makes either.
 */
declare const origin: unique symbol

export type Claimed = string & { readonly [origin]: 'claimed' }
export type Verified = string & { readonly [origin]: 'verified' }
