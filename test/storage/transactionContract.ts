import { expect } from 'chai'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import type { MakeStorage } from './contract.ts'
import { all, federationOf, now, rejection, requestOf, userOf } from './samples.ts'

export function transactionContract(fresh: MakeStorage): void {
  const alice = userOf('alice@customer.com')
  const create = (store: DirectoryStore, ...upns: string[]) =>
    store.writeUsers(upns.map((upn) => ({ kind: 'create', user: userOf(upn) })))

  describe('a transaction', () => {
    it('is kept as a whole, and gives what its work gives', async () => {
      const { directory } = fresh()
      const result = await directory.transaction(async (store) => {
        await store.putFederation(federationOf('a'))
        await create(store, 'alice@customer.com')
        return 'done'
      })
      expect(result).to.equal('done')
      expect(await directory.federation('a')).to.deep.equal(federationOf('a'))
      expect(await directory.user(alice.id)).to.deep.equal(alice)
    })

    it('is lost as a whole when its work rejects, with the same error', async () => {
      const { directory } = fresh()
      const changedMyMind = new Error('changed my mind')
      const error = await rejection(
        directory.transaction(async (store) => {
          await store.putFederation(federationOf('a'))
          await create(store, 'alice@customer.com')
          throw changedMyMind
        }),
      )
      expect(error).to.equal(changedMyMind)
      expect(await directory.federations()).to.deep.equal([])
      expect(await directory.countUsers()).to.equal(0)
      await create(directory, 'alice@customer.com')
    })

    it('sees its own writes, while others see the state before it until it is kept', async () => {
      const { directory } = fresh()
      await create(directory, 'bob@customer.com')
      await directory.transaction(async (store) => {
        await create(store, 'alice@customer.com')
        await new Promise((resolve) => setTimeout(resolve, 5))
        expect(await store.countUsers()).to.equal(2)
        expect(await store.userByImmutableId('anchor of alice@customer.com')).to.deep.equal(alice)
        expect(await directory.countUsers()).to.equal(1)
        expect(await directory.userByImmutableId('anchor of alice@customer.com')).to.equal(null)
        expect((await all(directory.users())).length).to.equal(1)
      })
      expect(await directory.countUsers()).to.equal(2)
    })

    it('a write inside it that is refused leaves the others, when the work goes on', async () => {
      const { directory } = fresh()
      await directory.transaction(async (store) => {
        await create(store, 'alice@customer.com')
        await rejection(create(store, 'bob@customer.com', 'alice@customer.com'))
        await create(store, 'carol@customer.com')
      })
      const upns = (await all(directory.users())).map((user) => user.userPrincipalName)
      expect(upns).to.deep.equal(['alice@customer.com', 'carol@customer.com'])
    })

    it('many at once follow one another: each sees all of those before it', async () => {
      const { directory } = fresh()
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          directory.transaction(async (store) => {
            const count = await store.countUsers()
            await new Promise((resolve) => setImmediate(resolve))
            await create(store, `user-of-turn-${count}@customer.com`, `extra-${n}@customer.com`)
          }),
        ),
      )
      expect(await directory.countUsers()).to.equal(40)
      const turns = (await all(directory.users()))
        .map((user) => /^user-of-turn-(\d+)@/.exec(user.userPrincipalName)?.[1])
        .filter((turn) => turn !== undefined)
      const expected = Array.from({ length: 20 }, (_, n) => 2 * n)
      expect(turns.map(Number).sort((a, b) => a - b)).to.deep.equal(expected)
    })

    it('lets sign-ins and other writes wait for it instead of failing or stopping the process', async () => {
      const { directory, signin } = fresh()
      let consumed: Promise<string> | undefined
      let written: Promise<void> | undefined
      await signin.rememberRequest(requestOf('_1'))
      await directory.transaction(async (store) => {
        await create(store, 'alice@customer.com')
        consumed = signin.consume({
          requestId: '_1',
          browser: 'browser-1',
          federationId: 'fed-1',
          assertionId: 'id1',
          rememberUntil: now,
          now,
        })
        written = directory.putFederation(federationOf('a'))
        await new Promise((resolve) => setTimeout(resolve, 60))
        await create(store, 'bob@customer.com')
      })
      await written
      expect(await consumed).to.equal('consumed')
      expect(await directory.countUsers()).to.equal(2)
      expect(await directory.federation('a')).not.to.equal(null)
    })

    it('does not nest', async () => {
      const { directory } = fresh()
      const error = await rejection(
        directory.transaction((store) => store.transaction((inner) => create(inner, 'a@x.com'))),
      )
      expect(String(error)).to.match(/a transaction is open already/)
      expect(await directory.countUsers()).to.equal(0)
    })

    it('its store is of no use once it has ended', async () => {
      const { directory } = fresh()
      const leaked = await directory.transaction(async (store) => ({ store }))
      await rejection(create(leaked.store, 'alice@customer.com'))
      await rejection(leaked.store.countUsers())
      expect(await directory.countUsers()).to.equal(0)
    })
  })
}
