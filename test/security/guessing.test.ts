import { rmSync } from 'node:fs'
import { expect } from 'chai'
import { minutes, seconds } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { passwordHasher } from '../../src/signin/password/hash.ts'
import { setPassword as adminSets } from '../../src/signin/password/service.ts'
import { codeAt } from '../support/authenticator.ts'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { addManaged, enrol, locationOf, problemOf, rightPassword } from '../support/managed.ts'
import type { Answer, Visitor } from '../support/visitor.ts'

const thief = '192.0.2.66'
const home = '198.51.100.7'

/** A guess whose X-Forwarded-For is the client's own word up to the last address, which a proxy of ours would add. */
const from = (
  visitor: Visitor,
  address: string,
  username: string,
  password = rightPassword,
): Promise<Answer> =>
  visitor.post('/signin/password', { username, password }, { 'x-forwarded-for': address })

describe('an attacker who guesses', () => {
  describe('behind a proxy that is trusted', () => {
    let deployment: Deployment
    before(async () => {
      deployment = await startDeployment({ environment: { HOMEREALM_TRUST_PROXY: '1' } })
    })
    after(() => deployment?.close())

    it('locks their own address out, and not the owner who comes from another for the first time', async () => {
      const { userPrincipalName } = await addManaged(deployment)
      for (let n = 0; n < 30; n++) {
        await from(deployment.visitor(), thief, userPrincipalName, 'guess')
      }
      const guessed = await from(deployment.visitor(), thief, userPrincipalName)
      expect(problemOf(guessed)).to.equal('50053')
      const owner = await from(deployment.visitor(), home, userPrincipalName)
      expect(locationOf(owner)).to.equal('/me')
    })

    it('gains nothing by inventing addresses in front of their own, nor by moving within an IPv6 prefix', async () => {
      const [one, two] = [await addManaged(deployment), await addManaged(deployment)]
      for (let n = 0; n < 10; n++) {
        await from(deployment.visitor(), `10.0.0.${n}, ${thief}`, one.userPrincipalName, 'guess')
        await from(deployment.visitor(), `2001:db8:1:2::${n}`, two.userPrincipalName, 'guess')
      }
      const again = await from(deployment.visitor(), `10.9.9.9, ${thief}`, one.userPrincipalName)
      expect(problemOf(again)).to.equal('50053')
      const moved = '2001:db8:1:2:ffff:ffff:ffff:ffff'
      const inPrefix = await from(deployment.visitor(), moved, two.userPrincipalName)
      expect(problemOf(inPrefix)).to.equal('50053')
      const next = await from(deployment.visitor(), '2001:db8:1:3::1', two.userPrincipalName)
      expect(locationOf(next)).to.equal('/me')
    })

    it('may try one password on a hundred names in an hour, also across a restart, and no owner is locked out', async () => {
      const dataFolder = newDataFolder()
      const environment = { HOMEREALM_TRUST_PROXY: '1' }
      try {
        const first = await startDeployment({ dataFolder, environment })
        const { userPrincipalName } = await addManaged(first)
        const spray = (n: number, at: Deployment) =>
          from(at.visitor(), thief, `name${n}@managed.example`, 'Summer2026!')
        for (let n = 0; n < 100; n++) expect(problemOf(await spray(n, first))).to.equal('50126')
        expect((await spray(100, first)).status).to.equal(429)
        await first.close()

        const second = await startDeployment({ dataFolder, environment, at: first.clock.at })
        const refused = await from(second.visitor(), thief, userPrincipalName)
        expect([refused.status, refused.aadsts]).to.deep.equal([429, 90023])
        expect(await second.reason(refused)).to.equal('tooManyRequests')
        const owner = second.visitor()
        expect(locationOf(await from(owner, home, userPrincipalName))).to.equal('/me')
        // A colleague at the same address, in the browser that was there before.
        await owner.post('/signout', {})
        expect(locationOf(await from(owner, thief, userPrincipalName))).to.equal('/me')
        second.clock.at += minutes(60)
        expect(problemOf(await spray(101, second))).to.equal('50126')
        await second.close()
      } finally {
        rmSync(dataFolder, { recursive: true, force: true })
      }
    })

    it('who knows the password locks the second factor for strangers, and not for the owner’s browser', async () => {
      const { userPrincipalName } = await addManaged(deployment, {
        credentials: { requireMfa: true },
      })
      const owner = deployment.visitor()
      await from(owner, home, userPrincipalName)
      const { secret } = await enrol(owner, deployment.clock.at)
      await owner.post('/signout', {})
      deployment.clock.at += seconds(60)
      const stranger = deployment.visitor()
      await from(stranger, thief, userPrincipalName)
      const code = codeAt(secret, deployment.clock.at)
      const guess = (typed: string) =>
        stranger.post('/signin/code', { code: typed }, { 'x-forwarded-for': thief })
      for (let n = 0; n < 10; n++) expect(problemOf(await guess('12345x'))).to.equal('500121')
      expect(problemOf(await guess(code))).to.equal('50053')
      // A new step and another browser at the same place are no new start.
      const another = deployment.visitor()
      await from(another, thief, userPrincipalName)
      const tried = await another.post('/signin/code', { code }, { 'x-forwarded-for': thief })
      expect(problemOf(tried)).to.equal('50053')

      expect(locationOf(await from(owner, thief, userPrincipalName))).to.equal('/signin/code')
      const done = await owner.post('/signin/code', { code }, { 'x-forwarded-for': thief })
      expect(locationOf(done)).to.equal('/me')
    })

    it('cannot keep guesses in store by making many browsers familiar before the password is reset', async () => {
      const user = await addManaged(deployment)
      const visitors = Array.from({ length: 5 }, () => deployment.visitor())
      for (const visitor of visitors) {
        expect(locationOf(await from(visitor, thief, user.userPrincipalName))).to.equal('/me')
      }
      await setPassword(deployment, user)
      const guess = (visitor: Visitor) => from(visitor, thief, user.userPrincipalName, 'guess')
      for (let n = 0; n < 10; n++) await guess(deployment.visitor())
      for (const visitor of visitors) expect(problemOf(await guess(visitor))).to.equal('50053')
    })
  })

  it('cannot choose an address where no proxy is trusted', async () => {
    const deployment = await startDeployment()
    try {
      const { userPrincipalName } = await addManaged(deployment)
      for (let n = 0; n < 10; n++) {
        await from(deployment.visitor(), `192.0.2.${n}`, userPrincipalName, 'guess')
      }
      const answer = await from(deployment.visitor(), home, userPrincipalName)
      expect(problemOf(answer)).to.equal('50053')
    } finally {
      await deployment.close()
    }
  })

  describe('as fast as the network lets them', () => {
    let deployment: Deployment
    before(async () => {
      deployment = await startDeployment({ environment: { HOMEREALM_RATE_PER_MINUTE: '10' } })
    })
    after(() => deployment?.close())

    it('is stopped by the limit of the address on every page of a sign-in and on single logout', async () => {
      const stopped = new Map<string, number>()
      const paths = [
        '/signin/password',
        '/signin/code',
        '/signin/enrol',
        '/signin/new-password',
        `/${deployment.tenant.id}/saml2/logout`,
      ]
      for (let n = 0; n < 10; n++) await deployment.visitor().fetch('/signin')
      for (const path of paths) {
        const answer = await deployment.visitor().post(path, { code: '123456', username: 'x' })
        stopped.set(path, answer.status)
      }
      expect([...stopped]).to.deep.equal(paths.map((path) => [path, 429]))
    })
  })

  it('cannot tell a user from nobody by any answer, before a lock or after it', async () => {
    const deployment = await startDeployment({ environment: { HOMEREALM_TRUST_PROXY: '1' } })
    try {
      const known = await addManaged(deployment)
      const disabled = await addManaged(deployment, { user: { accountEnabled: false } })
      const enrolled = await addManaged(deployment, { credentials: { requireMfa: true } })
      const passwordless = await addManaged(deployment, { credentials: { passwordHash: null } })
      const seen = await Promise.all(
        [known, disabled, enrolled, passwordless, { userPrincipalName: 'no@managed.example' }].map(
          async ({ userPrincipalName: upn }, n) => {
            const answers = []
            for (let guess = 0; guess < 12; guess++) {
              const answer = await from(deployment.visitor(), `192.0.2.${n}`, upn, 'guess')
              const kept = [...answer.headers.keys()].filter((name) => name !== 'date')
              answers.push([answer.status, locationOf(answer).split('problem=')[1], kept.join()])
            }
            return answers
          },
        ),
      )
      for (const each of seen) expect(each).to.deep.equal(seen[0])
      expect(seen[0]?.at(-1)?.[1]).to.equal('50053')
    } finally {
      await deployment.close()
    }
  })
})

/** As `homerealm users set-password` does. */
async function setPassword(
  deployment: Deployment,
  user: { readonly id: string; readonly userPrincipalName: string },
): Promise<void> {
  const hasher = passwordHasher(systemRandom, { logN: 10, r: 8, p: 1 })
  const set = { mustChange: false, now: deployment.clock.at }
  const parts = { ...deployment.storage, hasher }
  expect(await adminSets(user, 'what the admin has set', set, parts)).to.equal(null)
}
