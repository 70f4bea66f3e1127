import type { DirectoryReader } from '../../directory/ports.ts'
import type { Federation } from '../../directory/types.ts'
import type { Clock } from '../../lib/clock.ts'
import type { RandomSource } from '../../lib/ids.ts'
import type { RequestSigner } from '../../saml/authnRequest.ts'
import type { MessageLimits, SignatureTrust } from '../../saml/types.ts'
import type { LogoutStore, Session, SessionStore, SigninState } from '../ports.ts'
import type { IncompleteLogout } from './incomplete.ts'

export interface LogoutParts {
  /** Our single logout URL, which every message must name as its Destination. */
  readonly logoutUrls: readonly string[]
  readonly entityId: string
  readonly clockSkew: number
  readonly limits: MessageLimits
  readonly directory: Pick<DirectoryReader, 'federation' | 'federationByIssuer'>
  readonly sessions: SessionStore
  readonly logouts: LogoutStore
  /** Where a LogoutRequest is used up. */
  readonly state: Pick<SigninState, 'consume'>
  readonly trustOf: (federation: Federation) => SignatureTrust
  /** Without a key nothing is sent: an identity provider refuses what is not signed. */
  readonly signer: RequestSigner | null
  /** Told of every session that an identity provider ended. */
  readonly onEnded: (session: Session) => Promise<void>
  readonly clock: Clock
  readonly random: RandomSource
}

/** How a message reached us. */
export type LogoutArrival =
  | { readonly binding: 'redirect'; readonly query: string }
  | {
      readonly binding: 'post'
      readonly field: 'SAMLRequest' | 'SAMLResponse'
      readonly body: string
      readonly relayState: string | null
    }

/** What came of it: where the browser goes, and whether its own session is over. */
export interface LoggedOut {
  /** An address of the identity provider for our LogoutResponse, or a path here. */
  readonly goTo: string
  readonly endedOwnSession: boolean
  /** The identity provider did not say that it ended all: what it said instead. Null when it did, or was not asked. */
  readonly incomplete: IncompleteLogout | null
}
