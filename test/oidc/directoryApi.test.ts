import { expect } from 'chai'
import { decodeJwt, exportSPKI, generateKeyPair } from 'jose'
import * as client from 'openid-client'
import { AppError } from '../../src/oidc/appError.ts'
import { changeApp, keyOfPem } from '../../src/oidc/apps.ts'
import {
  type DirectoryRole,
  directoryApi,
  directoryApiId,
  directoryIdentifier,
  directoryRoles,
  isGrantedBy,
  withDirectoryApi,
} from '../../src/oidc/directoryApi.ts'
import type { App } from '../../src/oidc/types.ts'
import { rejection } from '../storage/samples.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import {
  answered,
  askTokens,
  authorizeUrl,
  browse,
  openidClient,
  pkce,
  registerApp,
  registerServerApp,
} from './support.ts'

const graphScope = 'https://graph.microsoft.com/.default'

describe('the roles of the directory API', () => {
  it('that write contain those that read the same, and nothing else', () => {
    const names = Object.keys(directoryRoles) as DirectoryRole[]
    const contained = names.flatMap((role) =>
      names
        .filter((wanted) => wanted !== role && isGrantedBy([role], wanted))
        .map((w) => [role, w]),
    )
    expect(contained).to.deep.equal([
      ['User.ReadWrite.All', 'User.Read.All'],
      ['Domain.ReadWrite.All', 'Domain.Read.All'],
      ['Group.ReadWrite.All', 'Group.Read.All'],
    ])
    for (const role of names) expect(isGrantedBy([role], role), role).to.equal(true)
    expect(isGrantedBy([], 'User.Read.All')).to.equal(false)
  })
})

describe('the directory API at the token endpoint', () => {
  let deployment: Deployment
  let app: App
  let secret: string
  before(async () => {
    deployment = await startDeployment()
    const made = await registerServerApp(deployment, { displayName: 'Loader', redirectUris: [] })
    secret = made.secret
    app = await changeApp(apps(), made.app, {
      grantedRoles: [
        { api: directoryIdentifier, role: 'User.ReadWrite.All' },
        { api: deployment.publicUrl, role: 'Domain.Read.All' },
      ],
    })
  })
  after(() => deployment?.close())

  const apps = () => withDirectoryApi(deployment.storage.apps, deployment.publicUrl)
  const ask = (scope: string, of = app, client_secret = secret) =>
    askTokens(deployment, {
      grant_type: 'client_credentials',
      client_id: of.id,
      client_secret,
      scope,
    })

  it('grants are kept under its permanent name, whichever of its names the admin used', () => {
    const of = { api: directoryIdentifier, apiId: directoryApiId }
    expect(app.grantedRoles).to.deep.equal([
      { ...of, role: 'User.ReadWrite.All' },
      { ...of, role: 'Domain.Read.All' },
    ])
  })

  it('tokens are asked for by Graph’s name or the server’s own; their audience is the server’s', async () => {
    for (const scope of [graphScope, `${deployment.publicUrl}/.default`]) {
      const { status, body } = await ask(scope)
      expect(status, JSON.stringify(body)).to.equal(200)
      const claims = decodeJwt(body.access_token)
      expect(claims).to.deep.include({
        aud: deployment.publicUrl,
        iss: `${deployment.publicUrl}/${deployment.tenant.id}/v2.0`,
        roles: ['User.ReadWrite.All', 'Domain.Read.All'],
        idtyp: 'app',
        client_id: app.id,
      })
      expect(claims).to.not.have.property('scp')
    }
  })

  it('an app proves itself by a key as well (private_key_jwt, with openid-client)', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
    const keys = [await keyOfPem(await exportSPKI(publicKey))]
    const { app: keyed } = await registerServerApp(deployment, { displayName: 'Keyed', keys })
    await changeApp(apps(), keyed, {
      grantedRoles: [{ api: directoryIdentifier, role: 'Scim.Provision' }],
    })
    const config = await openidClient(deployment, keyed, client.PrivateKeyJwt(privateKey))
    const tokens = await client.clientCredentialsGrant(config, { scope: graphScope })
    expect(decodeJwt(tokens.access_token)).to.deep.include({
      aud: deployment.publicUrl,
      roles: ['Scim.Provision'],
      azpacr: '2',
    })
  })

  it('an app that was granted nothing gets a token without roles, as of any API', async () => {
    const { app: poor, secret: own } = await registerServerApp(deployment, { displayName: 'Poor' })
    const { status, body } = await ask(graphScope, poor, own)
    expect(status).to.equal(200)
    expect(decodeJwt(body.access_token)).to.not.have.property('roles')
  })

  it('asks in parts, beside other scopes, and of names that are nearly its own are refused', async () => {
    for (const [scope, code] of [
      ['https://graph.microsoft.com/User.Read.All', 1002012],
      [`${graphScope} openid`, 1002012],
      ['https://graph.microsoft.com//.default', 500011],
      ['https://graph.microsoft.com.evil.example/.default', 500011],
      ['HTTPS://graph.microsoft.com/.default', 500011],
      [`${directoryApiId}/.default`, 500011],
    ] as const) {
      const { body } = await ask(scope)
      expect(body.error_codes, scope).to.deep.equal([code])
    }
  })

  it('gives no token for a person: it has no delegated scopes', async () => {
    const page = await registerApp(deployment, { displayName: 'Page' })
    const { params } = pkce()
    for (const [scope, code] of [
      [`openid ${graphScope}`, 'AADSTS65001'],
      [`openid ${deployment.publicUrl}/.default`, 'AADSTS65001'],
      ['openid https://graph.microsoft.com/User.Read.All', 'AADSTS70011'],
      [`openid ${deployment.publicUrl}/User.ReadWrite.All`, 'AADSTS70011'],
    ] as const) {
      const url = authorizeUrl(deployment, page, { ...params, scope, prompt: 'none' })
      const answer = await browse(deployment.visitor(), url)
      const told = answer.headers.has('location')
        ? answered(answer).get('error_description')
        : answer.body
      expect(told, scope).to.include(code)
    }
  })

  it('nobody is it: its id is no client, and stands in no list', async () => {
    const { body } = await ask(graphScope, { ...app, id: directoryApiId })
    expect(body.error_codes).to.deep.equal([700016])
    expect(await apps().app(directoryApiId)).to.equal(null)
    expect((await apps().apps()).map(({ id }) => id)).to.not.include(directoryApiId)
  })

  it('nobody registers its identifiers, and who holds one from elsewhere does not get its tokens', async () => {
    const api = (identifierUri: string) => ({
      ...directoryApi,
      id: '11111111-1111-4111-8111-111111111111',
      api: { ...directoryApi.api, identifierUri },
    })
    for (const identifierUri of [
      directoryIdentifier,
      'https://graph.microsoft.com/v1.0',
      'https://GRAPH.microsoft.com',
      'https://graph.microsoft.com:443',
    ]) {
      const error = await rejection(
        registerApp(deployment, { api: { identifierUri, scopes: [], roles: [] } }),
      )
      expect(error, identifierUri).to.be.instanceOf(AppError)
      expect(String(error)).to.include('stands for the directory API of this server')
    }
    const own = await rejection(apps().putApp(api(deployment.publicUrl)))
    expect(own).to.be.instanceOf(AppError)
    expect(String(own)).to.include('stands for the directory API of this server')
    // Written by an older version, or by hand.
    await deployment.storage.apps.putApp(api(deployment.publicUrl))
    const { body } = await ask(`${deployment.publicUrl}/.default`)
    expect(decodeJwt(body.access_token).roles).to.deep.equal([
      'User.ReadWrite.All',
      'Domain.Read.All',
    ])
    expect((await apps().appByIdentifierUri(deployment.publicUrl))?.id).to.equal(directoryApiId)
    await deployment.storage.apps.deleteApp('11111111-1111-4111-8111-111111111111')
    // A neighbour of the name is another API.
    await registerApp(deployment, {
      displayName: 'neighbour',
      api: { identifierUri: 'https://graph.microsoft.com.example', scopes: [], roles: [] },
    })
  })
})
