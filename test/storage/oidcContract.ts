import { expect } from 'chai'
import { UniqueViolation } from '../../src/directory/errors.ts'
import { appDefaults } from '../../src/oidc/appDefaults.ts'
import type { ProviderRecord, SealedKey } from '../../src/oidc/ports.ts'
import type { App } from '../../src/oidc/types.ts'
import type { MakeStorage } from './contract.ts'
import { now, rejection } from './samples.ts'

export function appOf(id: string, more: Partial<App> = {}): App {
  return {
    ...appDefaults,
    id,
    displayName: `App ${id}`,
    isPublic: true,
    redirectUris: [{ uri: 'https://app.example/cb', platform: 'spa' }],
    createdAt: now,
    ...more,
  }
}

const apiOf = (identifierUri: string) => ({ identifierUri, scopes: [], roles: [] })

export function recordOf(
  kind: string,
  id: string,
  more: Partial<ProviderRecord> = {},
): ProviderRecord {
  return {
    kind,
    id,
    payload: '{"a":1}',
    grantId: null,
    userCode: null,
    clientId: null,
    expiresAt: now + 600_000,
    consumedAt: null,
    ...more,
  }
}

export function keyOf(kid: string): SealedKey {
  return {
    kid,
    alg: 'RS256',
    publicJwk: '{}',
    sealedPrivateJwk: '1.abc',
    createdAt: now,
    signsFrom: now,
    retiresAt: null,
  }
}

/** What every storage must do for the OpenID provider. */
export function oidcContract(fresh: MakeStorage): void {
  describe('apps', () => {
    it('are found by id and by identifier, and listed by name', async () => {
      const { apps } = fresh()
      const orders = appOf('2', { displayName: 'Orders', api: apiOf('api://orders') })
      const crm = appOf('1', { displayName: 'CRM' })
      await apps.putApp(orders)
      await apps.putApp(crm)
      expect(await apps.app('2')).to.deep.equal(orders)
      expect(await apps.appByIdentifierUri('api://orders')).to.deep.equal(orders)
      expect(await apps.apps()).to.deep.equal([crm, orders])
      expect(await apps.app('3')).to.equal(null)
      expect(await apps.appByIdentifierUri('API://orders')).to.equal(null)
    })

    it('keep one identifier each, and may keep or change their own', async () => {
      const { apps } = fresh()
      await apps.putApp(appOf('1', { api: apiOf('api://orders') }))
      const second = appOf('2', { api: apiOf('api://orders') })
      const error = await rejection(apps.putApp(second))
      expect(error).to.be.instanceOf(UniqueViolation).with.property('property', 'identifierUri')
      expect(await apps.app('2')).to.equal(null)
      await apps.putApp(appOf('1', { api: apiOf('api://orders'), displayName: 'Renamed' }))
      await apps.putApp(appOf('1', { api: apiOf('api://other') }))
      await apps.putApp(second)
      expect(await apps.appByIdentifierUri('api://orders')).to.deep.equal(second)
    })

    it('take their records with them', async () => {
      const { apps, providerRecords } = fresh()
      await apps.putApp(appOf('1'))
      await providerRecords.put(recordOf('Grant', 'g1', { clientId: '1' }))
      await providerRecords.put(recordOf('Grant', 'g2', { clientId: '2' }))
      await apps.deleteApp('1')
      expect(await apps.app('1')).to.equal(null)
      expect(await providerRecords.find('Grant', 'g1', now)).to.equal(null)
      expect(await providerRecords.find('Grant', 'g2', now)).not.to.equal(null)
    })
  })

  describe('keys', () => {
    it('change in one step, and only for who has seen the latest ones', async () => {
      const { keys } = fresh()
      expect(await keys.changeKeys({ seen: [], put: [keyOf('a')], remove: [] })).to.equal(true)
      expect(await keys.changeKeys({ seen: [], put: [keyOf('b')], remove: [] })).to.equal(false)
      expect(await keys.changeKeys({ seen: ['b'], put: [], remove: ['a'] })).to.equal(false)
      const retired = { ...keyOf('a'), retiresAt: now + 1 }
      const change = { seen: ['a'], put: [retired, keyOf('b')], remove: [] }
      expect(await keys.changeKeys(change)).to.equal(true)
      expect(await keys.keys()).to.deep.equal([retired, keyOf('b')])
      expect(await keys.changeKeys({ seen: ['b', 'a'], put: [], remove: ['a'] })).to.equal(true)
      expect(await keys.keys()).to.deep.equal([keyOf('b')])
    })

    it('of twenty changes at once one is kept', async () => {
      const { keys } = fresh()
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          keys.changeKeys({ seen: [], put: [keyOf(`k${n}`)], remove: [] }),
        ),
      )
      expect(outcomes.filter(Boolean)).to.have.length(1)
      expect(await keys.keys()).to.have.length(1)
    })
  })

  describe('records of the provider', () => {
    it('are found by kind and id, and a device code by what the person types', async () => {
      const { providerRecords } = fresh()
      const code = recordOf('DeviceCode', '1', { userCode: 'ABCD', clientId: 'app' })
      await providerRecords.put(code)
      expect(await providerRecords.find('DeviceCode', '1', now)).to.deep.equal(code)
      expect(await providerRecords.find('Grant', '1', now)).to.equal(null)
      expect(await providerRecords.findByUserCode('ABCD', now)).to.deep.equal(code)
      expect(await providerRecords.findByUserCode('abcd', now)).to.equal(null)
    })

    it('end at their time', async () => {
      const { providerRecords, purge } = fresh()
      const code = recordOf('DeviceCode', '1', { userCode: 'ABCD' })
      await providerRecords.put(code)
      expect(await providerRecords.find('DeviceCode', '1', code.expiresAt - 1)).not.to.equal(null)
      expect(await providerRecords.find('DeviceCode', '1', code.expiresAt)).to.equal(null)
      expect(await providerRecords.findByUserCode('ABCD', code.expiresAt)).to.equal(null)
      expect(await providerRecords.consume('DeviceCode', '1', code.expiresAt)).to.equal(false)
      expect((await purge(code.expiresAt)).providerRecords).to.equal(0)
      expect((await purge(code.expiresAt + 1)).providerRecords).to.equal(1)
    })

    it('of fifty that use up one record, one does', async () => {
      const { providerRecords } = fresh()
      await providerRecords.put(recordOf('AuthorizationCode', '1'))
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, () => providerRecords.consume('AuthorizationCode', '1', now)),
      )
      expect(outcomes.filter(Boolean)).to.have.length(1)
      const found = await providerRecords.find('AuthorizationCode', '1', now)
      expect(found?.consumedAt).to.equal(now)
      expect(await providerRecords.consume('AuthorizationCode', 'unknown', now)).to.equal(false)
    })

    it('of fifty that write in place of what they saw, one does, and none of what is over or used up', async () => {
      const { providerRecords } = fresh()
      const seen = recordOf('DeviceCode', '1', { clientId: 'app' })
      await providerRecords.put(seen)
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          providerRecords.replace(seen, { payload: `{"n":${n}}`, grantId: `g${n}` }, now),
        ),
      )
      expect(outcomes.filter(Boolean)).to.have.length(1)
      const winner = outcomes.indexOf(true)
      const kept = { ...seen, payload: `{"n":${winner}}`, grantId: `g${winner}` }
      expect(await providerRecords.find('DeviceCode', '1', now)).to.deep.equal(kept)
      const next = { payload: '{}', grantId: null }
      expect(await providerRecords.replace(kept, next, kept.expiresAt)).to.equal(false)
      await providerRecords.consume('DeviceCode', '1', now)
      expect(await providerRecords.replace(kept, next, now)).to.equal(false)
      const unknown = recordOf('DeviceCode', '2')
      expect(await providerRecords.replace(unknown, next, now)).to.equal(false)
      expect(await providerRecords.find('DeviceCode', '2', now)).to.equal(null)
    })

    it('are bounded where strangers make them: their own oldest go, others stay, and there is an end', async () => {
      const { providerRecords } = fresh()
      const put = (id: string, owner: string, after = Number(id), kind = 'Interaction') =>
        providerRecords.putBounded(recordOf(kind, id, { expiresAt: now + 1000 + after }), {
          owner,
          ofOwner: 2,
          ofAll: 4,
        })
      const there = async () => {
        const ids = ['1', '2', '3', '4', '5', '6', '7']
        const found = await Promise.all(
          ids.map((id) => providerRecords.find('Interaction', id, now)),
        )
        return found.flatMap((record) => (record === null ? [] : [record.id]))
      }
      await put('1', 'a')
      for (const id of ['2', '3', '4']) expect(await put(id, 'b')).to.equal(true)
      expect(await there()).to.deep.equal(['1', '3', '4'])
      // Written again, a record is no new one, and stays its maker's.
      expect(await put('3', 'c', 3)).to.equal(true)
      expect(await put('5', 'c')).to.equal(true)
      expect(await put('6', 'c')).to.equal(false)
      expect(await there()).to.deep.equal(['1', '3', '4', '5'])
      expect(await put('7', 'b')).to.equal(true)
      expect(await there()).to.deep.equal(['1', '4', '5', '7'])
      expect(await put('1', 'c', 1, 'DeviceCode')).to.equal(true)
      await providerRecords.put(recordOf('Interaction', '2'))
      await providerRecords.remove('Interaction', '1')
      expect(await put('6', 'c')).to.equal(true)
    })

    it('stay used up when they are written again', async () => {
      const { providerRecords } = fresh()
      await providerRecords.put(recordOf('DeviceCode', '1'))
      await providerRecords.consume('DeviceCode', '1', now)
      await providerRecords.put(recordOf('DeviceCode', '1', { payload: '{"a":2}' }))
      const found = await providerRecords.find('DeviceCode', '1', now)
      expect(found).to.include({ payload: '{"a":2}', consumedAt: now })
    })

    it('go one by one, or with all that was made under their grant', async () => {
      const { providerRecords } = fresh()
      await providerRecords.put(recordOf('RefreshToken', '1', { grantId: 'g' }))
      await providerRecords.put(recordOf('AuthorizationCode', '2', { grantId: 'g' }))
      await providerRecords.put(recordOf('RefreshToken', '3', { grantId: 'other' }))
      await providerRecords.put(recordOf('Grant', 'g'))
      await providerRecords.removeByGrant('g')
      await providerRecords.remove('Grant', 'g')
      expect(await providerRecords.find('RefreshToken', '1', now)).to.equal(null)
      expect(await providerRecords.find('AuthorizationCode', '2', now)).to.equal(null)
      expect(await providerRecords.find('Grant', 'g', now)).to.equal(null)
      expect(await providerRecords.find('RefreshToken', '3', now)).not.to.equal(null)
    })
  })
}
