import type { Response, Router } from 'express'
import { scimErrorBody } from '../../aadsts/faces/scim.ts'
import type { ScimClient } from '../../admin/scim/context.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { Clock } from '../../lib/clock.ts'
import { newGuid, type RandomSource } from '../../lib/ids.ts'
import type { Log } from '../../observe/log.ts'
import { createCallers } from '../../oidc/callers.ts'
import type { Oidc } from '../../oidc/service.ts'
import type { PasswordHasher } from '../../signin/password/hash.ts'
import { callerOf, guardCalls } from '../callers.ts'
import { idsOf } from '../context.ts'
import { directoryPasswords } from '../directoryPasswords.ts'
import { atOnce } from '../limits.ts'
import { scimRouter } from './router.ts'
import { sendScim } from './send.ts'

/** The SCIM door of a deployment, for apps with the role Scim.Provision. Mount it at `/scim/v2`. */
export function scimDoor(from: {
  readonly publicUrl: string
  readonly storage: Parameters<typeof directoryPasswords>[0] & {
    readonly directory: DirectoryStore
  }
  readonly hasher: PasswordHasher
  readonly oidc: Oidc
  readonly clock: Clock
  readonly random: RandomSource
  readonly log: Log
}): Router {
  const { publicUrl, storage, hasher, oidc, clock, random, log } = from
  const guard = guardCalls({
    callers: createCallers({ ...oidc.parts, keys: async () => (await oidc.current()).keys }),
    publicUrl,
    clock,
    face: (res, { status, message }) => {
      sendScim(res, status, scimErrorBody({ status, scimType: null, detail: message }))
    },
    refused: (event) => log.warn({ event: 'call', ...event }, 'call refused'),
  })
  return scimRouter({
    door: {
      store: storage.directory,
      passwords: directoryPasswords(storage, hasher),
      baseUrl: `${publicUrl}/scim/v2`,
      clock,
      newId: () => newGuid(random),
    },
    limit: atOnce({ ofOneAddress: 100, ofAll: 2000 }, (_req, res, status) => {
      sendScim(res, status, scimErrorBody({ status, scimType: null, detail: 'Too many at once.' }))
    }),
    guard: guard.callerWith('Scim.Provision'),
    clientOf,
    report: (error, res) => log.error({ err: error, ...idsOf(res) }, 'unexpected error'),
  })
}

/** The app as a provisioning client; one that says nothing else writes the ImmutableId into the extension. */
function clientOf(res: Response): ScimClient {
  const { appId, appName, scim } = callerOf(res)
  return {
    id: appId,
    name: `${appName} (app ${appId})`,
    anchorPlace: scim?.immutableIdFrom ?? 'extension',
  }
}
