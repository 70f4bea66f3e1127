import type { Position } from '../../directory/query.ts'
import type { Sealer } from '../../lib/seal.ts'
import { badRequest } from './error.ts'

/** Far above any: a position has a UPN or a display name, and an id. */
const longestToken = 4096

/**
 * The `$skipToken` of the page that begins after a position. It is sealed, since a position may be an ImmutableId, and bound to the
 * list that it was made for, so that no token of another query is taken.
 */
export function skipTokenOf(position: Position, list: string, positions: Sealer): string {
  return positions.seal(JSON.stringify(position), list)
}

/** The position that a `$skipToken` stands for. Throws 400 for one that was not made here, or for another list. */
export function positionOf(token: string, list: string, positions: Sealer): Position {
  try {
    if (token.length <= longestToken) return JSON.parse(positions.open(token, list)) as Position
  } catch {
    // One answer to every token that is none.
  }
  return badRequest(
    '$skipToken',
    'The $skipToken was not made for this query. Follow @odata.nextLink as it stands, or begin again without it.',
  )
}
