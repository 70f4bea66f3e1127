import type { ImportStage } from '../../directory/imports.ts'

/** A domain loses no more users than this by one import, unless the number is confirmed. */
const mostDeletions = 500
const largestShare = 0.1
const namedDeletions = 10

export interface DeleteMissing {
  /** The domain whose users are removed when the file does not list them. */
  readonly domain: string
  /** Exactly so many may go, however many that is. */
  readonly confirmed?: number
  /** The ids of users who stay in any case: break-glass accounts. */
  readonly keep?: readonly string[]
}

/** An import would remove more users than anyone means by accident. Nothing of it was kept. */
export class TooManyDeletions extends Error {
  override readonly name = 'TooManyDeletions'
  readonly count: number

  constructor(domain: string, count: number, all: number, first: readonly string[]) {
    const share = ((count / all) * 100).toFixed(1)
    const others = count > first.length ? ` and ${count - first.length} more` : ''
    super(
      `The file does not list ${count} of the ${all} users of ${domain} (${share} %): ${first.join(', ')}${others}. More than ${mostDeletions}, or ${largestShare * 100} %, are not removed without a word: nothing was written. Is it the whole list? Then repeat the command with --confirm-deletions ${count}.`,
    )
    this.count = count
  }
}

/**
 * Chooses the users who go. Throws TooManyDeletions when they are more than 500 or more than a tenth of the domain, and the number was
 * not confirmed. Gives the UPNs of those who were kept from going.
 */
export async function chooseDeletions(
  stage: ImportStage,
  { domain, confirmed, keep = [] }: DeleteMissing,
  isRehearsal: boolean,
): Promise<readonly string[]> {
  const { missing, all, kept } = await stage.chooseMissing(domain, keep)
  const isMuch = missing > mostDeletions || missing > all * largestShare
  const isConfirmed = confirmed === undefined ? !isMuch : confirmed === missing
  if (missing > 0 && !isConfirmed && !isRehearsal) {
    throw new TooManyDeletions(domain, missing, all, await stage.missing(namedDeletions))
  }
  return kept
}
