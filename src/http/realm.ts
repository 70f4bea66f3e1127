import { type Request, type Response, Router } from 'express'
import { type Reason, Refusal, refuse } from '../aadsts/reasons.ts'
import { discoverRealmOfEmail, type Realm } from '../realm/discover.ts'
import type { Asked, Deployment } from '../realm/wire/circumstances.ts'
import { credentialType } from '../realm/wire/credentialType.ts'
import { getUserRealm } from '../realm/wire/getUserRealm.ts'
import { userRealm, userRealmVersions } from '../realm/wire/userRealm.ts'
import type { Signin } from '../signin/service.ts'
import { queryText } from './context.ts'
import { readJson } from './jsonBody.ts'
import { sendRefusedJson } from './presentJson.ts'

/** Where clients ask for a realm: for the rate limit, too. */
export const realmPaths = ['/common/userrealm', '/getuserrealm.srf', '/common/GetCredentialType']

/** The page that asks sends its own request along (`originalRequest`), which is long. */
const CREDENTIAL_TYPE_LIMIT = 64 * 1024
const LOGIN_LIMIT = 320

/**
 * Home-realm discovery as clients ask it: `GET /common/userrealm/{upn}`, `GET /getuserrealm.srf`, `POST
 * /common/GetCredentialType`. The domain alone decides every answer: a user of a known domain who is not there looks like one
 * who is.
 */
export function realmRouter(signin: Signin): Router {
  const router = Router()
  const at: Deployment = {
    host: new URL(signin.settings.publicUrl).host,
    entityId: signin.settings.entityId,
    tenantName: signin.tenant.displayName,
  }

  // Without a parameter of Express, whose decoding throws for a path such as `%FF`.
  router.get(/^\/common\/userrealm(?:\/.*)?$/i, async (req, res) => {
    const asked = await ask(loginInPath(req) ?? queryText(req, 'user') ?? '')
    const version = queryText(req, 'api-version') ?? '1.0'
    const known = userRealmVersions.find((each) => each === version)
    if (known === undefined) refused(res, 'requestMalformed')
    else res.json(userRealm(known, asked, at))
  })

  router.get('/getuserrealm.srf', async (req, res) => {
    res.json(getUserRealm(await ask(queryText(req, 'login') ?? ''), at))
  })

  router.post('/common/GetCredentialType', async (req, res) => {
    try {
      const body = await readJson(req, CREDENTIAL_TYPE_LIMIT)
      const username = body.get('username')
      if (typeof username !== 'string') {
        refuse('requestMalformed', { expected: 'username, a text', actual: typeof username })
      }
      const flowToken = body.get('flowToken')
      const asked = await ask(username)
      res.json(credentialType(asked, typeof flowToken === 'string' ? flowToken : null))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refused(res, error.reason)
    }
  })

  router.all(['/getuserrealm.srf', /^\/common\/userrealm(?:\/.*)?$/i], (_req, res) => {
    res.set('Allow', 'GET')
    refused(res, 'methodNotAllowed')
  })
  router.all('/common/GetCredentialType', (_req, res) => {
    res.set('Allow', 'POST')
    refused(res, 'methodNotAllowed')
  })

  async function ask(sent: string): Promise<Asked> {
    const login = sent.trim().slice(0, LOGIN_LIMIT).toWellFormed()
    return { login, realm: await realmOf(login) }
  }

  async function realmOf(login: string): Promise<Realm> {
    try {
      return await discoverRealmOfEmail(signin.directory, login)
    } catch (error) {
      if (error instanceof Refusal) return { kind: 'unknown', domain: '' }
      throw error
    }
  }

  function refused(res: Response, reason: Reason): void {
    const { publicUrl } = signin.settings
    sendRefusedJson(res, { reason, at: signin.clock(), publicUrl })
  }

  return router
}

/** What stands behind `/common/userrealm/`; null when nothing does. */
function loginInPath(req: Request): string | null {
  const encoded = /^\/common\/userrealm\/(.+)$/i.exec(req.path)?.[1]
  if (encoded === undefined) return null
  try {
    return decodeURIComponent(encoded)
  } catch {
    return ''
  }
}
