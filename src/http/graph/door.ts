import type { Router } from 'express'
import type { GraphCaller } from '../../admin/graph/ports.ts'
import type { Log } from '../../observe/log.ts'
import { auditName, type Caller, createCallers, mayCall } from '../../oidc/callers.ts'
import type { Oidc } from '../../oidc/service.ts'
import { callerOf, guardCalls } from '../callers.ts'
import { sendGraphRefusal } from './errors.ts'
import { graphParts } from './parts.ts'
import { graphRouter } from './router.ts'

/** What the door works with, and the log that it tells. */
export type DoorParts = Parameters<typeof graphParts>[0] & {
  readonly log: Pick<Log, 'warn' | 'error'>
}

/** `/v1.0/...` behind its guard: apps with roles of the directory API, by token or API key. */
export function graphDoor(oidc: Oidc, from: DoorParts): Router {
  const { publicUrl, clock, log } = from
  const guard = guardCalls({
    callers: createCallers({ ...oidc.parts, keys: async () => (await oidc.current()).keys }),
    publicUrl,
    clock,
    face: (res, refusal) => sendGraphRefusal(res, refusal, clock()),
    refused: (event) => log.warn({ event: 'call', ...event }, 'call refused'),
  })
  return graphRouter(
    graphParts(from),
    { callerWith: guard.callerWith, callerOf: (res) => graphCaller(callerOf(res)) },
    (error, requestId) => log.error({ err: error, requestId }, 'a call of the Graph door failed'),
  )
}

function graphCaller(caller: Caller): GraphCaller {
  return {
    who: auditName(caller),
    mayCall: (role) => mayCall(caller, [role]),
  }
}
