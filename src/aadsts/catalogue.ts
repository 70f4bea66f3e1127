/**
 * aadsts/: the catalogue of AADSTS codes, the reasons behind them, and the faces a refusal shows (page, JSON ...). It must
 * not know how a reason was found: no SAML, no users, no HTTP server.
 *
 * Numbers and symbolic names are those of Microsoft's public list of sign-in errors; the sentences are ours.
 */
import { accountCodes } from './codes/account.ts'
import { oauthCodes } from './codes/oauth.ts'
import { requestCodes } from './codes/request.ts'
import { samlCodes } from './codes/saml.ts'
import { tokenCodes } from './codes/token.ts'
import type { CatalogueEntry, MessageValues } from './entry.ts'

export type { CatalogueEntry, MessageValues } from './entry.ts'

export const catalogue = {
  ...samlCodes,
  ...accountCodes,
  ...requestCodes,
  ...oauthCodes,
  ...tokenCodes,
} as const

export type AadstsCode = keyof typeof catalogue

/** All codes, in the order of their numbers. */
export const aadstsCodes = Object.keys(catalogue).map(Number) as readonly AadstsCode[]

/** The entry of a code, or undefined for a number that is not in the catalogue. */
export function catalogueEntry(code: number): CatalogueEntry | undefined {
  return Object.hasOwn(catalogue, code)
    ? (catalogue as Record<number, CatalogueEntry>)[code]
    : undefined
}

/** The `Message` line: `AADSTS51004: The user account ...`. */
export function aadstsMessage(code: AadstsCode, values: MessageValues = {}): string {
  const entry: CatalogueEntry = catalogue[code]
  return `AADSTS${code}: ${entry.message(values)}`
}
