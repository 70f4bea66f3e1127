import { sealer, sealPurposes } from '../lib/seal.ts'
import type { OidcParts } from './deps.ts'
import type { Keys } from './keys.ts'

/** Two GUIDs sealed take 137 characters. */
const LONGEST = 256

/** Whom a `login_hint` claim stands for, and out of which session it came. */
export interface HintedPerson {
  readonly userId: string
  /** The `sid` of the ID token that carried it. */
  readonly sid: string
}

/**
 * The values of the optional claim `login_hint`. As at Entra they are opaque: nobody reads a name in one, and nobody makes one who was
 * not given it in an ID token. Sealed for this tenant under a key of their own; safe in addresses.
 */
export function loginHints(
  { tenant, random }: Pick<OidcParts, 'tenant' | 'random'>,
  { pairwiseSecret }: Pick<Keys, 'pairwiseSecret'>,
) {
  const { seal, open } = sealer(pairwiseSecret, sealPurposes.loginHints, random)
  const context = `login_hint ${tenant.id}`
  return {
    make: ({ userId, sid }: HintedPerson): string => seal(`${userId} ${sid}`, context),

    /** Null for whatever was not made here. */
    read(hint: string): HintedPerson | null {
      if (!isSealed(hint)) return null
      try {
        const [userId = '', sid = ''] = open(hint, context).split(' ')
        return { userId, sid }
      } catch {
        return null
      }
    },
  }
}

/** Looks like a value of the claim, and like no userPrincipalName. */
export function isSealed(hint: string): boolean {
  return hint.length <= LONGEST && /^1\.[\w-]+$/.test(hint)
}
