import { expect } from 'chai'
import { systemRandom } from '../../src/lib/ids.ts'
import { fingerprint } from '../../src/lib/secrets.ts'
import {
  API_KEY_LENGTH,
  addApiKey,
  apiKeyState,
  readApiKey,
  removeApiKey,
} from '../../src/oidc/apiKeys.ts'
import { AppError } from '../../src/oidc/appError.ts'
import { addApp, changeApp } from '../../src/oidc/apps.ts'
import {
  type DirectoryRole,
  directoryIdentifier,
  withDirectoryApi,
} from '../../src/oidc/directoryApi.ts'
import type { App } from '../../src/oidc/types.ts'
import { rejection } from '../storage/samples.ts'
import { type CallerProbe, startProbe } from '../support/callerProbe.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { askTokens, registerServerApp } from './support.ts'

const appId = '2f0c8a52-6f4e-4c1b-9d53-5a8f0b6f3c11'
const secret = 'Q0Vw8iH4m3sJx2yN6uZtB1aKc9dLePfRgThUjWkX_-q'
const example = `hrk_${appId}_0123456789ab_${secret}`

describe('the form of an API key', () => {
  it('names the app and the key, and holds 256 bits', () => {
    expect(readApiKey(example)).to.deep.equal({ appId, keyId: '0123456789ab', secret })
    expect(example).to.have.length(API_KEY_LENGTH)
  })

  it('is exact: nothing before, after, in capitals or cut short', () => {
    for (const text of [
      '',
      'hrk_',
      ` ${example}`,
      `${example} `,
      `${example}=`,
      `${example}\n`,
      example.slice(0, -1),
      example.slice(1),
      example.replace('hrk_', 'HRK_'),
      example.replace(appId, appId.toUpperCase()),
      example.replace(appId, appId.replaceAll('-', '0')),
      example.replace('0123456789ab', '0123456789AB'),
      example.replace('_0123', '-0123'),
      example.replace(secret, `${secret.slice(0, -1)}+`),
    ]) {
      expect(readApiKey(text), text).to.equal(null)
    }
  })

  it('a key is good, over, wrong or unknown', () => {
    const key = { id: '0123456789ab', hash: fingerprint(secret), createdAt: 0, expiresAt: 1000 }
    const app = { apiKeys: [{ ...key, id: 'ffffffffffff' }, key] }
    const read = { appId, keyId: key.id, secret }
    expect(apiKeyState(app, read, 999)).to.equal('good')
    expect(apiKeyState(app, read, 1000)).to.equal('expired')
    expect(apiKeyState(app, { ...read, secret: secret.toLowerCase() }, 0)).to.equal('wrong')
    expect(apiKeyState(app, { ...read, secret: '' }, 0)).to.equal('wrong')
    expect(apiKeyState(app, { ...read, keyId: 'eeeeeeeeeeee' }, 0)).to.equal('unknown')
    // What stands in place of a missing key is no secret that fits.
    expect(apiKeyState({ apiKeys: [] }, { ...read, secret: '' }, 0)).to.equal('unknown')
    expect(apiKeyState(null, { ...read, secret: '' }, 0)).to.equal('unknown')
  })
})

describe('callers of the administration APIs, by API key', () => {
  let deployment: Deployment
  let probe: CallerProbe
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())
  beforeEach(async () => {
    probe = await startProbe(deployment)
  })
  afterEach(() => probe?.close())

  const apps = () => withDirectoryApi(deployment.storage.apps, deployment.publicUrl)

  async function appWith(...roles: DirectoryRole[]): Promise<App> {
    const grantedRoles = roles.map((role) => ({ api: directoryIdentifier, role }))
    return addApp(
      apps(),
      { displayName: 'Provisioning', grantedRoles, scim: { immutableIdFrom: 'externalId' } },
      { now: deployment.clock.at, random: systemRandom },
    )
  }
  const keyOf = (app: App, lifetime?: number) =>
    addApiKey(apps(), app, {
      now: deployment.clock.at,
      random: systemRandom,
      ...(lifetime !== undefined && { lifetime }),
    })

  async function expectRefused(key: string, reason: string): Promise<void> {
    const { status, challenge, body } = await probe.call('/scim/v2/Users', key)
    expect([status, challenge, body.error.message], reason).to.deep.equal([
      401,
      `Bearer realm="${deployment.publicUrl}", error="invalid_token"`,
      'Access token is missing, invalid or expired.',
    ])
    expect(probe.reasons().at(-1)).to.equal(reason)
    const logged = JSON.stringify(probe.refused)
    expect(logged).to.not.include(key)
    expect(logged).to.not.include(key.slice(-43))
  }

  it('a key is its app, with the roles that are granted now', async () => {
    const made = await keyOf(await appWith('Scim.Provision'))
    const { status, body } = await probe.call('/scim/v2/Users', made.key, 'POST')
    expect(status).to.equal(200)
    expect(body).to.deep.equal({
      appId: made.app.id,
      appName: 'Provisioning',
      roles: ['Scim.Provision'],
      scim: { immutableIdFrom: 'externalId' },
      apiKeyId: made.stored.id,
    })
    expect((await probe.call('/v1.0/users', made.key)).status).to.equal(403)
    expect(probe.refused.at(-1)).to.include({ reason: 'roleMissing', apiKeyId: made.stored.id })
    const roles = [{ api: directoryIdentifier, role: 'User.Read.All' }]
    await changeApp(apps(), made.app, { grantedRoles: roles })
    expect((await probe.call('/scim/v2/Users', made.key)).status).to.equal(403)
    expect((await probe.call('/v1.0/users', made.key)).status).to.equal(200)
    expect((await probe.call('/v1.0/users', made.key, 'POST')).status).to.equal(403)
  })

  it('is kept as a hash alone', async () => {
    const { key, app } = await keyOf(await appWith('Scim.Provision'))
    const kept = JSON.stringify(await deployment.storage.apps.app(app.id))
    expect(kept).to.include(fingerprint(key.slice(-43)))
    expect(kept).to.not.include(key.slice(-43))
  })

  it('ends at its time, and another of the app goes on', async () => {
    const short = await keyOf(await appWith('Scim.Provision'), 60_000)
    const long = await keyOf(short.app)
    deployment.clock.at += 59_999
    expect((await probe.call('/scim/v2/Users', short.key)).status).to.equal(200)
    deployment.clock.at += 1
    await expectRefused(short.key, 'apiKeyExpired')
    expect((await probe.call('/scim/v2/Users', long.key)).status).to.equal(200)
    // What is over goes when another is made.
    const { app } = await keyOf(long.app)
    expect(app.apiKeys).to.have.length(2)
    await expectRefused(short.key, 'apiKeyUnknown')
    deployment.clock.at += 365 * 86_400_000
    await expectRefused(long.key, 'apiKeyExpired')
    deployment.clock.at -= 365 * 86_400_000 + 60_000
  })

  it('ends when it is removed; the id must be there', async () => {
    const first = await keyOf(await appWith('Scim.Provision'))
    const second = await keyOf(first.app)
    const left = await removeApiKey(apps(), second.app, first.stored.id)
    expect(left.apiKeys).to.deep.equal([second.stored])
    await expectRefused(first.key, 'apiKeyUnknown')
    expect((await probe.call('/scim/v2/Users', second.key)).status).to.equal(200)
    const error = await rejection(removeApiKey(apps(), left, first.stored.id))
    expect(error).to.be.instanceOf(AppError)
    expect(String(error)).to.include(`Its keys: ${second.stored.id}`)
  })

  it('of an app that is disabled, removed or another is refused, and so is a secret with one letter changed', async () => {
    const { key, app } = await keyOf(await appWith('Scim.Provision'))
    const other = await keyOf(await appWith('Scim.Provision'))
    const mixed = key.replace(app.id, other.app.id)
    await expectRefused(mixed, 'apiKeyUnknown')
    await expectRefused(`${key.slice(0, -43)}${other.key.slice(-43)}`, 'apiKeyWrong')
    const letter = key.at(-43) === 'A' ? 'B' : 'A'
    await expectRefused(`${key.slice(0, -43)}${letter}${key.slice(-42)}`, 'apiKeyWrong')
    await expectRefused(key.slice(0, -1), 'apiKeyMalformed')
    await expectRefused('hrk_', 'apiKeyMalformed')
    await changeApp(apps(), app, { isEnabled: false })
    await expectRefused(key, 'appDisabled')
    await apps().deleteApp(app.id)
    await expectRefused(key, 'apiKeyAppUnknown')
  })

  it('is no client secret and no token for userinfo', async () => {
    const { app: client } = await registerServerApp(deployment, { displayName: 'client' })
    const { app, key } = await keyOf(client)
    const asSecret = await askTokens(deployment, {
      grant_type: 'client_credentials',
      client_id: app.id,
      client_secret: key,
      scope: 'https://graph.microsoft.com/.default',
    })
    expect([asSecret.status, asSecret.body.error_codes]).to.deep.equal([401, [7000215]])
    const address = `${deployment.publicUrl}/${deployment.tenant.id}/oidc/userinfo`
    const answer = await fetch(address, { headers: { authorization: `Bearer ${key}` } })
    expect(answer.status).to.equal(401)
  })

  it('a public app has none, and no app more than a hundred', async () => {
    const app = await appWith()
    const isPublic = { ...app, scim: null, isPublic: true }
    expect(String(await rejection(keyOf(isPublic)))).to.include('A public app has no API key')
    const provisioning = { isPublic: true, scim: { immutableIdFrom: 'extension' } } as const
    const error = await rejection(changeApp(apps(), app, provisioning))
    expect(error).to.be.instanceOf(AppError)
    expect(String(error)).to.include('no SCIM settings')
    let full = app
    for (let n = 0; n < 100; n += 1) full = (await keyOf(full)).app
    expect(String(await rejection(keyOf(full)))).to.include('at most 100 apiKeys')
  })
})
