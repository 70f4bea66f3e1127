import { expect } from 'chai'
import type { Credentials, PendingStep } from '../../src/signin/password/ports.ts'
import type { MakeStorage } from './contract.ts'
import { now, rejection, sessionOf } from './samples.ts'

const credentialsOf = (userId: string, more: Partial<Credentials> = {}): Credentials => ({
  userId,
  passwordHash: '$scrypt$ln=17,r=8,p=1$salt$hash',
  passwordSetAt: now,
  mustChangePassword: true,
  totpSecret: '1.sealed',
  totpEnabledAt: now,
  totpLastStep: 56_789_012,
  recoveryCodes: ['a', 'b'],
  requireMfa: true,
  isBreakGlass: false,
  ...more,
})

const stepOf = (key: string, more: Partial<PendingStep> = {}): PendingStep => ({
  key,
  wants: 'totp',
  session: sessionOf('', { method: 'password', federationId: null, nameId: null }),
  provenBy: 'stamp',
  stepsUp: null,
  requiresMfa: false,
  totpSecret: null,
  returnTo: '/me',
  createdAt: now,
  expiresAt: now + 600_000,
  ...more,
})

export function credentialContract(fresh: MakeStorage): void {
  describe('credentials', () => {
    it('come back as they were written; there are none before', async () => {
      const { credentials } = fresh()
      expect(await credentials.credentials('user-1')).to.equal(null)
      await credentials.changeCredentials('user-1', (before) => {
        expect(before).to.equal(null)
        return credentialsOf('user-1')
      })
      expect(await credentials.credentials('user-1')).to.deep.equal(credentialsOf('user-1'))
      expect(await credentials.credentials('user-2')).to.equal(null)
    })

    it('stay as they are when a change gives null, and when it throws', async () => {
      const { credentials } = fresh()
      await credentials.changeCredentials('user-1', () => credentialsOf('user-1'))
      await credentials.changeCredentials('user-1', () => null)
      const thrown = new Error('no')
      const error = await rejection(
        credentials.changeCredentials('user-1', () => {
          throw thrown
        }),
      )
      expect(error).to.equal(thrown)
      expect(await credentials.credentials('user-1')).to.deep.equal(credentialsOf('user-1'))
    })

    it('are changed one after the other: of fifty that use up the same code, one does', async () => {
      const { credentials } = fresh()
      await credentials.changeCredentials('user-1', () => credentialsOf('user-1'))
      let used = 0
      await Promise.all(
        Array.from({ length: 50 }, () =>
          credentials.changeCredentials('user-1', (before) => {
            if (before === null || !before.recoveryCodes.includes('a')) return null
            used++
            return { ...before, recoveryCodes: ['b'] }
          }),
        ),
      )
      expect(used).to.equal(1)
    })

    it('are listed by mark, in the order of the ids', async () => {
      const { credentials } = fresh()
      const all = [
        credentialsOf('c', { isBreakGlass: true }),
        credentialsOf('a'),
        credentialsOf('b', { totpSecret: null, isBreakGlass: true }),
      ]
      for (const each of all) await credentials.changeCredentials(each.userId, () => each)
      const ids = async (mark: 'totp' | 'breakGlass') =>
        (await credentials.credentialsWith(mark)).map(({ userId }) => userId)
      expect(await ids('totp')).to.deep.equal(['a', 'c'])
      expect(await ids('breakGlass')).to.deep.equal(['b', 'c'])
    })
  })

  describe('attempts', () => {
    const one = { failures: 1, lockedUntil: now, expiresAt: now + 1000 }

    it('are counted one after the other, however many at once', async () => {
      const { attempts } = fresh()
      await Promise.all(
        Array.from({ length: 50 }, () =>
          attempts.changeAttempts('key', (before) => ({
            ...one,
            failures: (before?.failures ?? 0) + 1,
          })),
        ),
      )
      const after = await attempts.changeAttempts('key', (before) => before)
      expect(after).to.deep.equal({ ...one, failures: 50 })
    })

    it('are forgotten by null, and each key has its own', async () => {
      const { attempts } = fresh()
      await attempts.changeAttempts('key-1', () => one)
      await attempts.changeAttempts('key-2', () => one)
      expect(await attempts.changeAttempts('key-1', () => null)).to.equal(null)
      expect(await attempts.changeAttempts('key-1', (before) => before)).to.equal(null)
      expect(await attempts.changeAttempts('key-2', (before) => before)).to.deep.equal(one)
    })

    it('of one owner are forgotten together, and those of no other', async () => {
      const { attempts } = fresh()
      const keys = ['max:a', 'max:b:c', 'max', 'maxi:a', 'ma:x', 'max;a']
      for (const key of keys) await attempts.changeAttempts(key, () => one)
      await attempts.forgetAttempts('max')
      const left = []
      for (const key of keys) {
        if ((await attempts.changeAttempts(key, (before) => before)) !== null) left.push(key)
      }
      expect(left).to.deep.equal(['max', 'maxi:a', 'ma:x', 'max;a'])
    })

    it('are purged when their time is over', async () => {
      const { attempts, purge } = fresh()
      await attempts.changeAttempts('key', () => one)
      expect((await purge(one.expiresAt)).attempts).to.equal(0)
      expect((await purge(one.expiresAt + 1)).attempts).to.equal(1)
      expect(await attempts.changeAttempts('key', (before) => before)).to.equal(null)
    })
  })

  describe('familiar browsers', () => {
    it('are those of one user, until their time is over or longer when seen again', async () => {
      const { familiarBrowsers } = fresh()
      await familiarBrowsers.rememberBrowser('user-1', 'browser-1', now + 10)
      expect(await familiarBrowsers.isFamiliar('user-1', 'browser-1', now)).to.equal(true)
      expect(await familiarBrowsers.isFamiliar('user-2', 'browser-1', now)).to.equal(false)
      expect(await familiarBrowsers.isFamiliar('user-1', 'browser-2', now)).to.equal(false)
      expect(await familiarBrowsers.isFamiliar('user-1', 'browser-1', now + 10)).to.equal(false)
      await familiarBrowsers.rememberBrowser('user-1', 'browser-1', now + 20)
      expect(await familiarBrowsers.isFamiliar('user-1', 'browser-1', now + 10)).to.equal(true)
    })

    it('are forgotten for one user at once', async () => {
      const { familiarBrowsers } = fresh()
      for (const user of ['user-1', 'user-2']) {
        for (const browser of ['a', 'b']) {
          await familiarBrowsers.rememberBrowser(user, browser, now + 10)
        }
      }
      await familiarBrowsers.forgetBrowsers('user-1')
      const isFamiliar = (user: string, browser: string) =>
        familiarBrowsers.isFamiliar(user, browser, now)
      expect([await isFamiliar('user-1', 'a'), await isFamiliar('user-1', 'b')]).to.deep.equal([
        false,
        false,
      ])
      expect(await isFamiliar('user-2', 'a')).to.equal(true)
    })

    it('are purged when their time is over', async () => {
      const { familiarBrowsers, purge } = fresh()
      await familiarBrowsers.rememberBrowser('user-1', 'browser-1', now)
      expect((await purge(now + 1)).familiarBrowsers).to.equal(1)
    })
  })

  describe('a pending step', () => {
    it('comes back as it was put, until its time is over', async () => {
      const { steps } = fresh()
      const step = stepOf('key-1', { totpSecret: '1.sealed', requiresMfa: true })
      await steps.putStep(step)
      expect(await steps.step('key-1', step.expiresAt - 1)).to.deep.equal(step)
      expect(await steps.step('key-1', step.expiresAt)).to.equal(null)
      expect(await steps.takeStep('key-1', step.expiresAt)).to.equal(null)
    })

    it('is taken once, however many take it', async () => {
      const { steps } = fresh()
      await steps.putStep(stepOf('key-1'))
      const taken = await Promise.all(
        Array.from({ length: 50 }, () => steps.takeStep('key-1', now)),
      )
      expect(taken.filter((step) => step !== null)).to.deep.equal([stepOf('key-1')])
      expect(await steps.step('key-1', now)).to.equal(null)
    })

    it('is purged when its time is over', async () => {
      const { steps, purge } = fresh()
      await steps.putStep(stepOf('key-1'))
      expect((await purge(stepOf('').expiresAt + 1)).steps).to.equal(1)
    })
  })

  describe('a pending logout', () => {
    const logout = {
      id: '_1',
      federationId: 'fed-1',
      returnTo: '/signedout',
      createdAt: now,
      expiresAt: now + 900_000,
    }
    const own = { id: '_1', federationId: 'fed-1', now }

    it('is taken once, by its federation, while its time is not over', async () => {
      const { logouts } = fresh()
      await logouts.rememberLogout(logout)
      for (const other of [{ id: '_2' }, { federationId: 'fed-2' }, { now: logout.expiresAt }]) {
        expect(await logouts.takeLogout({ ...own, ...other })).to.equal(null)
      }
      const taken = await Promise.all(Array.from({ length: 20 }, () => logouts.takeLogout(own)))
      expect(taken.filter((each) => each !== null)).to.deep.equal([logout])
    })

    it('is purged when its time is over', async () => {
      const { logouts, purge } = fresh()
      await logouts.rememberLogout(logout)
      expect((await purge(logout.expiresAt + 1)).logouts).to.equal(1)
    })
  })

  describe('sessions of a NameID', () => {
    it('are those of one federation and one NameID, byte for byte', async () => {
      const { sessions } = fresh()
      const own = { federationId: 'fed-1', nameId: 'aB==' }
      await sessions.putSession(sessionOf('a', own))
      await sessions.putSession(sessionOf('b', { ...own, sessionIndex: 'other' }))
      await sessions.putSession(sessionOf('c', { ...own, nameId: 'ab==' }))
      await sessions.putSession(sessionOf('d', { ...own, federationId: 'fed-2' }))
      const found = await sessions.sessionsOfNameId('fed-1', 'aB==')
      expect(found.map(({ key }) => key)).to.deep.equal(['a', 'b'])
    })
  })

  describe('sessions of a user', () => {
    it('all end at once, but for the one that is named, and no one else’s', async () => {
      const { sessions } = fresh()
      for (const key of ['a', 'b', 'c']) await sessions.putSession(sessionOf(key))
      await sessions.putSession(sessionOf('other', { userId: 'user-2' }))
      await sessions.endSessionsOfUser('user-1', 'b')
      const left = async () => {
        const found = await Promise.all(
          ['a', 'b', 'c', 'other'].map((key) => sessions.session(key, now)),
        )
        return found.map((session) => session?.key ?? null)
      }
      expect(await left()).to.deep.equal([null, 'b', null, 'other'])
      await sessions.endSessionsOfUser('user-1', null)
      expect(await left()).to.deep.equal([null, null, null, 'other'])
    })

    it('that have no federation come back as they were put', async () => {
      const { sessions } = fresh()
      const session = sessionOf('key-1', {
        method: 'password',
        amr: ['pwd', 'mfa'],
        federationId: null,
        nameId: null,
      })
      await sessions.putSession(session)
      expect(await sessions.session('key-1', now)).to.deep.equal(session)
    })
  })
}
