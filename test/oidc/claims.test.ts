import { expect } from 'chai'
import { decodeJwt } from 'jose'
import { changeMembers, createGroup, deleteGroup } from '../../src/directory/groupChanges.ts'
import type { User } from '../../src/directory/types.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { appDefaults } from '../../src/oidc/appDefaults.ts'
import { mayUse, rolesOf } from '../../src/oidc/assignment.ts'
import { idTokenClaims, userAccessClaims } from '../../src/oidc/claims.ts'
import {
  groupClaims,
  groupsOfPerson,
  MOST_GROUPS,
  namedGroups,
  type PersonGroup,
} from '../../src/oidc/groups.ts'
import { pairwiseSubject } from '../../src/oidc/subject.ts'
import type { App } from '../../src/oidc/types.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { alice } from '../support/circumstances.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { eachAssertion } from '../support/identityProvider.ts'
import { fieldOf } from '../support/visitor.ts'
import {
  answered,
  askTokens,
  authorizeUrl,
  browse,
  followed,
  pkce,
  redeem,
  registerApp,
  tokensFor,
} from './support.ts'

const appOf = (more: Partial<App> = {}): App => ({
  ...appDefaults,
  id: 'app-1',
  displayName: 'App',
  createdAt: 0,
  ...more,
})
const factsOf = (app: App, user: User = alice, groups: readonly string[] = []) => ({
  app,
  user,
  groups: named(groups),
  tenantId: 'tenant-1',
  userinfoUrl: 'https://login.example/t/oidc/userinfo',
  now: 1000,
  uti: 'u',
  loginHint: () => 'opaque',
})
/** Groups as an identity provider names them. */
const named = (names: readonly string[]): readonly PersonGroup[] =>
  names.map((name) => ({ value: name, name }))
const many = (count: number) => Array.from({ length: count }, (_, n) => `group ${n}`)

describe('claims', () => {
  it('name and oid go with the scope profile, the address with email or by the app’s choice', () => {
    const user = { ...alice, mail: 'a@mail.example', givenName: 'Alice' }
    const keys = (app: App, ...scopes: string[]) =>
      Object.keys(idTokenClaims(factsOf(app, user), new Set(scopes)))
    const always = ['ver', 'tid', 'nbf', 'uti']
    expect(keys(appOf(), 'openid')).to.have.members(always)
    expect(keys(appOf(), 'openid', 'profile')).to.have.members([
      ...always,
      'oid',
      'name',
      'preferred_username',
    ])
    expect(keys(appOf(), 'openid', 'email')).to.have.members([...always, 'email'])
    expect(keys(appOf({ optionalClaims: ['email'] }), 'openid')).to.have.members([
      ...always,
      'email',
    ])
    const asked = appOf({ optionalClaims: ['upn', 'login_hint', 'given_name', 'family_name'] })
    expect(keys(asked, 'openid', 'profile')).to.include.members(['upn', 'login_hint', 'given_name'])
    expect(keys(asked, 'openid')).not.to.include('upn')
    const noMail = idTokenClaims(factsOf(appOf(), { ...alice, mail: null }), new Set(['email']))
    expect(noMail).not.to.have.property('email')
  })

  it('groups: none, all, with a prefix; above two hundred a claim that says where they are', () => {
    const url = 'https://login.example/t/oidc/userinfo'
    const all = appOf({ groupsClaim: 'all' })
    expect(groupClaims(named(['a']), appOf(), url)).to.deep.equal({})
    expect(groupClaims(named([]), all, url)).to.deep.equal({})
    expect(groupClaims(named(['a', 'b']), all, url)).to.deep.equal({ groups: ['a', 'b'] })
    const prefixed = appOf({ groupsClaim: 'all', groupsPrefix: 'app-' })
    expect(groupClaims(named(['app-x', 'App-y', 'z']), prefixed, url)).to.deep.equal({
      groups: ['app-x'],
    })
    expect(groupClaims(named(many(MOST_GROUPS)), all, url).groups).to.have.length(MOST_GROUPS)
    expect(groupClaims(named(many(MOST_GROUPS + 1)), all, url)).to.deep.equal({
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint: url } },
    })
  })

  it('groups are read from the attribute that the federation names; from groups and Entra’s own when it names none; each once', () => {
    const session = {
      claims: [
        ['groups', ['b', 'a', 'b', '']],
        ['Groups', ['no']],
        ['http://schemas.microsoft.com/ws/2008/06/identity/claims/groups', ['c', 'a']],
        ['__proto__', ['no']],
      ] as const,
    }
    expect(namedGroups({ session, federation: null })).to.deep.equal(['b', 'a', 'c'])
    const by = (groupsAttribute: string | null) =>
      namedGroups({ session, federation: { groupsAttribute } })
    expect(by(null)).to.deep.equal(['b', 'a', 'c'])
    expect(by('Groups')).to.deep.equal(['no'])
    expect(by('GROUPS')).to.deep.equal([])
  })

  it('roles come from assignments of the person and of their groups; group names are compared exactly', () => {
    const app = appOf({
      assignmentRequired: true,
      assignments: [
        { kind: 'user', id: 'u1', role: 'Writer' },
        { kind: 'group', id: 'Sales', role: 'Reader' },
        { kind: 'group', id: 'Sales', role: 'Admin' },
        { kind: 'group', id: 'All', role: null },
      ],
    })
    expect(rolesOf(app, { userId: 'u1', groups: named(['Sales']) })).to.deep.equal([
      'Admin',
      'Reader',
      'Writer',
    ])
    expect(rolesOf(app, { userId: 'u2', groups: named(['sales', 'All']) })).to.deep.equal([])
    expect(mayUse(app, { userId: 'u2', groups: named(['All']) })).to.equal(true)
    // A user's id is not a group's name, nor the other way round.
    expect(mayUse(app, { userId: 'Sales', groups: named(['u1']) })).to.equal(false)
    expect(
      mayUse({ ...app, assignmentRequired: false }, { userId: 'x', groups: named([]) }),
    ).to.equal(true)
  })

  it('an access token has the roles and groups that its API asks for, not those of the app that carries it', () => {
    const client = appOf({
      id: 'client',
      groupsClaim: 'all',
      assignments: [{ kind: 'user', id: alice.id, role: 'Client.Role' }],
    })
    const api = appOf({
      id: 'api',
      groupsClaim: 'all',
      groupsPrefix: 'api-',
      assignments: [{ kind: 'user', id: alice.id, role: 'Api.Role' }],
    })
    const asked = { client, scp: 'read', grantId: 'g', usedKey: true }
    const facts = { ...factsOf(client, alice, ['api-x', 'y']), ...asked }
    const forApi = userAccessClaims({ ...facts, api })
    expect(forApi).to.deep.include({ roles: ['Api.Role'], groups: ['api-x'], azp: 'client' })
    expect(forApi.azpacr).to.equal('2')
    expect(forApi).not.to.have.property('rh')
    const forUserinfo = userAccessClaims({ ...facts, api: null })
    expect(forUserinfo).to.include({ rh: 'g' }).and.not.have.any.keys('roles', 'groups')
  })

  it('sub is stable, differs by app, person and tenant, and does not show the person', () => {
    const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    const sub = pairwiseSubject(one, 'user', 'app')
    expect(sub)
      .to.equal(pairwiseSubject(one, 'user', 'app'))
      .and.match(/^[\w-]{43}$/)
    const others = [
      pairwiseSubject(one, 'user', 'app2'),
      pairwiseSubject(one, 'user2', 'app'),
      pairwiseSubject(two, 'user', 'app'),
    ]
    expect(new Set([sub, ...others]).size).to.equal(4)
  })
})

describe('groups of a person', () => {
  const sales = '0f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11'
  const times = { createdDateTime: 0, lastModifiedDateTime: 0 }
  async function groupsWith(member: boolean) {
    const { groups, writeUsers } = memoryStorage({ principalNameKey }).directory
    await writeUsers([{ kind: 'create', user: alice }])
    const group = { id: sales, displayName: 'app-Sales', description: null, ...times }
    await groups.write({ kind: 'create', group })
    if (member) await groups.changeMembers(sales, { add: [alice.id], remove: [] })
    return groups
  }

  it('are those of the directory by their ids, and those that the identity provider names', async () => {
    const all = await groupsOfPerson(await groupsWith(true), alice.id, ['app-x', 'y'])
    expect(all).to.deep.equal([{ value: sales, name: 'app-Sales' }, ...named(['app-x', 'y'])])
    const app = appOf({ groupsClaim: 'all', groupsPrefix: 'app-' })
    expect(groupClaims(all, app, 'u')).to.deep.equal({ groups: [sales, 'app-x'] })
    const assigned = appOf({ assignments: [{ kind: 'group', id: sales, role: 'Seller' }] })
    expect(rolesOf(assigned, { userId: alice.id, groups: all })).to.deep.equal(['Seller'])
  })

  it('no identity provider puts anybody into a group of the directory by naming its id', async () => {
    const other = '1f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11'
    const claimed = [sales, sales.toUpperCase(), other, 'app-Sales']
    const all = await groupsOfPerson(await groupsWith(false), alice.id, claimed)
    expect(all).to.deep.equal(named([other, 'app-Sales']))
    const app = appOf({
      assignmentRequired: true,
      assignments: [{ kind: 'group', id: sales, role: 'Seller' }],
    })
    expect(mayUse(app, { userId: alice.id, groups: all })).to.equal(false)
  })

  it('nor by naming the id of a group that was deleted, which apps and assignments may still hold', async () => {
    const { directory } = memoryStorage({ principalNameKey })
    await directory.writeUsers([{ kind: 'create', user: alice }])
    const act = { at: 0, who: 'admin', door: 'commandLine' } as const
    await directory.transaction(async (tx) => {
      const context = { ...act, newId: () => sales }
      const group = await createGroup(tx, { displayName: 'app-Sales' }, context)
      await deleteGroup(tx, group, act)
    })
    const all = await groupsOfPerson(directory.groups, alice.id, [sales, sales.toUpperCase()])
    expect(all).to.deep.equal([])
  })
})

describe('groups of a real sign-in', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  it('are read from the attribute that the federation names, by a setting that counts at once', async () => {
    const app = await registerApp(deployment, { displayName: 'named', groupsClaim: 'all' })
    const { directory } = deployment.storage
    const federation = await directory.federationByIssuer(deployment.idp.issuer)
    if (federation === null) throw new Error('no federation')
    const groupsNow = async () =>
      decodeJwt((await tokensFor(deployment, app)).id_token).groups as string[] | undefined
    const usual = await groupsNow()
    await directory.putFederation({ ...federation, groupsAttribute: 'lastName' })
    expect(await groupsNow()).to.deep.equal(['Archer'])
    await directory.putFederation({ ...federation, groupsAttribute: 'no such attribute' })
    expect(await groupsNow()).to.equal(undefined)
    await directory.putFederation(federation)
    expect(await groupsNow()).to.deep.equal(usual)
  })

  it('of the directory come and go with the membership: at a new sign-in, at a refresh, and at userinfo', async () => {
    const { directory } = deployment.storage
    const user = await directory.userByPrincipalName('alice@customer.com')
    if (user === null) throw new Error('no alice')
    const act = { at: deployment.clock.at, who: 'test', door: 'scim' } as const
    const context = { ...act, newId: () => '0f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11' }
    const group = await directory.transaction((tx) =>
      createGroup(tx, { displayName: 'Sellers' }, context),
    )
    const change = (membership: { add: string[]; remove: string[] }) =>
      directory.transaction(async (tx) => {
        const before = await tx.groups.group(group.id)
        if (before !== null) await changeMembers(tx, before, membership, act)
      })
    const assignments = [{ kind: 'group', id: group.id, role: 'Seller' }] as const
    const app = await registerApp(deployment, {
      displayName: 'sellers',
      groupsClaim: 'all',
      groupsPrefix: 'Sell',
      assignmentRequired: true,
      assignments,
    })
    const outside = await browse(
      deployment.visitor(),
      authorizeUrl(deployment, app, { ...pkce().params, login_hint: 'alice@customer.com' }),
    )
    expect(outside.body).to.contain('AADSTS50105')
    await change({ add: [user.id], remove: [] })
    const tokens = await tokensFor(deployment, app, { scope: 'openid offline_access' })
    expect(decodeJwt(tokens.id_token)).to.deep.include({ groups: [group.id], roles: ['Seller'] })
    await change({ add: [], remove: [user.id] })
    const { body } = await askTokens(deployment, {
      grant_type: 'refresh_token',
      client_id: app.id,
      refresh_token: tokens.refresh_token,
    })
    expect(body.error_codes).to.deep.equal([50105])
  })

  it('come into the token up to two hundred, and at userinfo beyond', async () => {
    const app = await registerApp(deployment, { groupsClaim: 'all' })
    for (const count of [200, 201]) {
      const visitor = deployment.visitor()
      const { params, verifier } = pkce()
      const hint = { login_hint: 'alice@customer.com' }
      const url = authorizeUrl(deployment, app, { ...params, ...hint })
      const page = await followed(visitor, url)
      const xml = Buffer.from(fieldOf(page.body, 'SAMLRequest') ?? '', 'base64').toString()
      const id = / ID="([^"]+)"/.exec(xml)?.[1] ?? ''
      const carried = deployment.idp.respond(
        deployment.person('alice@customer.com'),
        id,
        eachAssertion(() => ({ attributes: [{ name: 'groups', values: many(count) }] })),
      )
      const code = answered(await browse(visitor, await visitor.deliver(carried))).get('code') ?? ''
      const { body } = await redeem(deployment, app, { code, verifier })
      const claims = decodeJwt(body.id_token)
      const userinfo = `${deployment.publicUrl}/${deployment.tenant.id}/oidc/userinfo`
      if (count === 200) {
        expect(claims.groups).to.have.length(200)
        expect(claims).not.to.have.property('_claim_names')
      } else {
        expect(claims).not.to.have.property('groups')
        expect(claims._claim_names).to.deep.equal({ groups: 'src1' })
        expect(claims._claim_sources).to.deep.equal({ src1: { endpoint: userinfo } })
      }
      const answer = await fetch(userinfo, {
        headers: { authorization: `Bearer ${body.access_token}` },
      })
      expect((await answer.json()).groups).to.have.length(count)
    }
  })
})
