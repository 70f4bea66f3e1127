import type { Act } from '../../directory/audit.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import { type ChangeContext, lenientAnchors } from '../../directory/userChanges.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Passwords } from '../passwords.ts'
import type { ListRequest } from './list.ts'
import type { AnchorPlace } from './userWrite.ts'

/** Who provisions: an app with the role Scim.Provision. */
export interface ScimClient {
  /** Its id: by it the external ids of its records are kept. */
  readonly id: string
  /** As the audit names it: with its id, since names of apps are not unique, and change. */
  readonly name: string
  readonly anchorPlace: AnchorPlace
}

/** What the door is made of. */
export interface ScimParts {
  readonly store: DirectoryStore
  readonly passwords: Passwords
  /** The address of `/scim/v2`. */
  readonly baseUrl: string
  readonly clock: Clock
  readonly newId: () => string
}

/** The door towards one client. */
export interface ScimContext extends ScimParts {
  readonly client: ScimClient
}

/** One request, by HTTP or inside a bulk request. */
export interface ScimRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Null: all of the type. */
  readonly id: string | null
  readonly query: ListRequest
  /** The versions of `If-Match`; null when it was not sent. */
  readonly ifMatch: readonly string[] | null
  readonly ifNoneMatch: readonly string[] | null
}

export interface ScimReply {
  readonly status: 200 | 201 | 204 | 304
  readonly body: unknown
  readonly location: string | null
  readonly version: string | null
}

/** The act of a client, now. */
export function actOf({ client, clock }: ScimContext): Act {
  return { at: clock(), who: client.name, door: 'scim' }
}

/** Provisioning loads people before their anchors exist, and is there to mend them. */
export function changeContext(context: ScimContext): ChangeContext {
  return { ...actOf(context), newId: context.newId, anchors: lenientAnchors }
}
