import { rmSync } from 'node:fs'
import { expect } from 'chai'
import type { User } from '../../src/directory/types.ts'
import { minutes, seconds } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { changeCredentials } from '../../src/signin/password/credentials.ts'
import { passwordHasher } from '../../src/signin/password/hash.ts'
import { codeAt } from '../support/authenticator.ts'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import {
  addManaged,
  enrol,
  locationOf,
  rightPassword as password,
  problemOf,
  sendPassword as send,
} from '../support/managed.ts'
import { fieldOf } from '../support/visitor.ts'

const hasher = passwordHasher(systemRandom, { logN: 10, r: 8, p: 1 })

describe('a managed user, over sockets', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  it('signs in with the password, and stays signed in as themselves with amr pwd', async () => {
    const { userPrincipalName } = await addManaged(deployment)
    const visitor = deployment.visitor()
    const page = await visitor.fetch(`/signin?login_hint=${encodeURIComponent(userPrincipalName)}`)
    expect(fieldOf(page.body, 'username')).to.equal(userPrincipalName)
    const answer = await send(visitor, userPrincipalName.toUpperCase())
    expect([answer.status, locationOf(answer)]).to.deep.equal([303, '/me'])
    expect(await visitor.signedInAs()).to.equal(userPrincipalName)
    const me = await visitor.fetch('/me')
    expect(me.body).to.include('<dd>pwd</dd>').and.include('<dd>password</dd>')
    expect(me.body).not.to.include('Claims of the assertion')
    expect(deployment.verdicts.at(-1)).to.include({ outcome: 'signedIn', federation: null })
  })

  it('goes on to where the sign-in came from, and nowhere outside', async () => {
    const { userPrincipalName } = await addManaged(deployment)
    const go = async (returnTo: string) =>
      locationOf(
        await send(deployment.visitor(), userPrincipalName, password, { return_to: returnTo }),
      )
    expect(await go('/error?code=50126')).to.equal('/error?code=50126')
    for (const bad of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/a\nb',
      'me',
    ]) {
      expect(await go(bad), bad).to.equal('/me')
    }
  })

  it('the way goes along from the e-mail page to the password page and its form', async () => {
    const visitor = deployment.visitor()
    const first = await visitor.fetch('/signin?return_to=%2Ferror')
    expect(fieldOf(first.body, 'return_to')).to.equal('/error')
    const posted = await visitor.post('/signin', {
      username: 'x@managed.example',
      return_to: '/error',
      mfa: 'required',
    })
    const second = await visitor.fetch(locationOf(posted))
    expect(fieldOf(second.body, 'return_to')).to.equal('/error')
    expect(fieldOf(second.body, 'mfa')).to.equal('required')
  })

  describe('who may not', () => {
    it('is answered alike: a wrong password, an unknown name, a user without password', async () => {
      const known = await addManaged(deployment)
      const without = await addManaged(deployment, { credentials: { passwordHash: null } })
      const answers = []
      for (const upn of [
        known.userPrincipalName,
        'nobody@managed.example',
        without.userPrincipalName,
      ]) {
        const visitor = deployment.visitor()
        const answer = await send(visitor, upn, 'wrong password')
        const page = await visitor.fetch(locationOf(answer))
        answers.push([
          answer.status,
          problemOf(answer),
          answer.headers.getSetCookie(),
          page.body.replaceAll(upn, 'NAME'),
        ])
        expect(page.body).to.include('AADSTS50126: ')
        expect(await deployment.reason(answer)).to.equal('passwordWrong')
      }
      expect(answers[1]).to.deep.equal(answers[0])
      expect(answers[2]).to.deep.equal(answers[0])
    })

    it('a disabled account is told so only with the right password', async () => {
      const { userPrincipalName } = await addManaged(deployment, {
        user: { accountEnabled: false },
      })
      const wrong = await send(deployment.visitor(), userPrincipalName, 'wrong password')
      expect(problemOf(wrong)).to.equal('50126')
      const right = await send(deployment.visitor(), userPrincipalName)
      expect([right.status, right.aadsts]).to.deep.equal([403, 50057])
    })

    it('a user of a federated domain has no password here, whatever is stored', async () => {
      const { directory, credentials } = deployment.storage
      const alice = (await directory.userByPrincipalName('alice@customer.com')) as User
      const passwordHash = await hasher.hash(password)
      await changeCredentials(credentials, alice.id, (before) => ({ ...before, passwordHash }))
      const visitor = deployment.visitor()
      const answer = await send(visitor, 'alice@customer.com')
      expect(locationOf(answer)).to.equal('/signin?login_hint=alice%40customer.com')
      expect(await visitor.signedInAs()).to.equal(null)
    })

    it('another site’s form signs nobody in', async () => {
      const { userPrincipalName } = await addManaged(deployment)
      const visitor = deployment.visitor()
      for (const origin of [
        'https://evil.example',
        'null',
        `${deployment.publicUrl}.evil.example`,
      ]) {
        const fields = { username: userPrincipalName, password }
        const answer = await visitor.post('/signin/password', fields, { origin })
        expect([answer.status, answer.aadsts], origin).to.deep.equal([400, 90023])
      }
      expect(await visitor.signedInAs()).to.equal(null)
      const own = { username: userPrincipalName, password }
      const answer = await visitor.post('/signin/password', own, { origin: deployment.publicUrl })
      expect(answer.status).to.equal(303)
    })
  })

  describe('the lock-out', () => {
    it('refuses the right password after ten wrong ones, for known and unknown names alike', async () => {
      const { userPrincipalName } = await addManaged(deployment)
      for (const upn of [userPrincipalName, `not-${userPrincipalName}`]) {
        for (let n = 0; n < 10; n++) {
          expect(problemOf(await send(deployment.visitor(), upn, 'wrong'))).to.equal('50126')
        }
        const locked = await send(deployment.visitor(), upn)
        expect(problemOf(locked)).to.equal('50053')
        expect(await deployment.reason(locked)).to.equal('accountLocked')
      }
      deployment.clock.at += minutes(1)
      expect(locationOf(await send(deployment.visitor(), userPrincipalName))).to.equal('/me')
    })

    it('of someone else does not touch the browser that signed in before', async () => {
      const { userPrincipalName } = await addManaged(deployment)
      const owner = deployment.visitor()
      await send(owner, userPrincipalName)
      await owner.post('/signout', {})
      for (let n = 0; n < 30; n++) await send(deployment.visitor(), userPrincipalName, 'guess')
      expect(problemOf(await send(deployment.visitor(), userPrincipalName))).to.equal('50053')
      expect(locationOf(await send(owner, userPrincipalName))).to.equal('/me')
    })

    it('another account’s familiar cookie helps nobody', async () => {
      const [owner, attacker] = [await addManaged(deployment), await addManaged(deployment)]
      const visitor = deployment.visitor()
      await send(visitor, attacker.userPrincipalName)
      for (let n = 0; n < 10; n++) await send(visitor, owner.userPrincipalName, 'guess')
      expect(problemOf(await send(visitor, owner.userPrincipalName))).to.equal('50053')
      expect(problemOf(await send(deployment.visitor(), owner.userPrincipalName))).to.equal('50053')
    })

    it('outlives the process', async () => {
      const dataFolder = newDataFolder()
      try {
        const first = await startDeployment({ dataFolder })
        const { userPrincipalName } = await addManaged(first)
        for (let n = 0; n < 10; n++) await send(first.visitor(), userPrincipalName, 'wrong')
        await first.close()
        const second = await startDeployment({ dataFolder, at: first.clock.at })
        expect(problemOf(await send(second.visitor(), userPrincipalName))).to.equal('50053')
        await second.close()
      } finally {
        rmSync(dataFolder, { recursive: true, force: true })
      }
    })
  })

  describe('a password that must be changed', () => {
    it('leads to the page that sets one, and no session before', async () => {
      const { id, userPrincipalName } = await addManaged(deployment, {
        credentials: { mustChangePassword: true },
      })
      const visitor = deployment.visitor()
      expect(locationOf(await send(visitor, userPrincipalName))).to.equal('/signin/new-password')
      expect(await visitor.signedInAs()).to.equal(null)
      expect((await visitor.fetch('/signin/new-password')).body).to.include(userPrincipalName)

      const set = (one: string, two = one) =>
        visitor.post('/signin/new-password', { password: one, repeated: two })
      expect(problemOf(await set('a brand new one', 'another new one'))).to.equal('differ')
      expect(problemOf(await set('short'))).to.equal('tooShort')
      expect(problemOf(await set(password))).to.equal('same')
      const shown = await visitor.fetch('/signin/new-password?problem=tooShort')
      expect(shown.body).to.include('Use 8 characters or more.')

      expect(locationOf(await set('a brand new one'))).to.equal('/me')
      expect(await visitor.signedInAs()).to.equal(userPrincipalName)
      const stored = await deployment.storage.credentials.credentials(id)
      expect(stored?.mustChangePassword).to.equal(false)
      expect(problemOf(await send(deployment.visitor(), userPrincipalName))).to.equal('50126')
    })

    it('the step ends after ten minutes, and with its cookie', async () => {
      const { userPrincipalName } = await addManaged(deployment, {
        credentials: { mustChangePassword: true },
      })
      const visitor = deployment.visitor()
      await send(visitor, userPrincipalName)
      deployment.clock.at += minutes(10)
      expect(locationOf(await visitor.fetch('/signin/new-password'))).to.equal('/signin')
      const fields = { password: 'a brand new one', repeated: 'a brand new one' }
      expect((await visitor.post('/signin/new-password', fields)).aadsts).to.equal(50089)
      const stranger = await deployment.visitor().post('/signin/new-password', fields)
      expect(stranger.aadsts).to.equal(50089)
    })
  })

  describe('the second factor', () => {
    const addWithFactor = async () => {
      const user = await addManaged(deployment, { credentials: { requireMfa: true } })
      const visitor = deployment.visitor()
      expect(locationOf(await send(visitor, user.userPrincipalName))).to.equal('/signin/enrol')
      return { user, visitor, ...(await enrol(visitor, deployment.clock.at)) }
    }

    it('is enrolled at the sign-in when it is required: QR code, proof, recovery codes, session', async () => {
      const { user, visitor, codes, done } = await addWithFactor()
      expect(done.status).to.equal(200)
      expect(codes).to.have.length(10)
      expect(await visitor.signedInAs()).to.equal(user.userPrincipalName)
      expect((await visitor.fetch('/me')).body).to.include('<dd>pwd, mfa</dd>')
    })

    it('its page draws under the strict policy, and a wrong first code enrols nothing', async () => {
      const user = await addManaged(deployment, { credentials: { requireMfa: true } })
      const visitor = deployment.visitor()
      await send(visitor, user.userPrincipalName)
      const page = await visitor.fetch('/signin/enrol')
      expect(page.headers.get('content-security-policy')).to.include("img-src 'self'")
      expect(page.body).to.match(/<svg class="qr"/)
      const wrong = await visitor.post('/signin/enrol', { code: '000000' })
      expect(problemOf(wrong)).to.equal('500121')
      const { credentials } = deployment.storage
      expect((await credentials.credentials(user.id))?.totpSecret).to.equal(null)
    })

    it('is asked for after the password, and each code is good once', async () => {
      const { user, secret } = await addWithFactor()
      deployment.clock.at += seconds(60)
      const code = codeAt(secret, deployment.clock.at)
      const [one, two] = [deployment.visitor(), deployment.visitor()]
      for (const visitor of [one, two]) {
        const answer = await send(visitor, user.userPrincipalName)
        expect(locationOf(answer)).to.equal('/signin/code')
        expect(await visitor.signedInAs()).to.equal(null)
      }
      expect(locationOf(await one.post('/signin/code', { code }))).to.equal('/me')
      expect(await one.signedInAs()).to.equal(user.userPrincipalName)
      const again = await two.post('/signin/code', { code })
      expect(problemOf(again)).to.equal('500121')
      expect((await two.fetch(locationOf(again))).body).to.include('AADSTS500121: ')
      expect(await two.signedInAs()).to.equal(null)
    })

    it('a recovery code stands in for it, once', async () => {
      const { user, codes } = await addWithFactor()
      const [code = ''] = codes
      const signInBy = async () => {
        const visitor = deployment.visitor()
        await send(visitor, user.userPrincipalName)
        return visitor.post('/signin/code', { code })
      }
      expect(locationOf(await signInBy())).to.equal('/me')
      expect(problemOf(await signInBy())).to.equal('500121')
    })

    it('is of no use without the password: the step belongs to one browser', async () => {
      const { secret } = await addWithFactor()
      const code = codeAt(secret, deployment.clock.at + seconds(30))
      const answer = await deployment.visitor().post('/signin/code', { code })
      expect(answer.aadsts).to.equal(50089)
    })

    it('can be set up by one who is signed in, and proven for a session that has none', async () => {
      const user = await addManaged(deployment)
      const visitor = deployment.visitor()
      await send(visitor, user.userPrincipalName)
      expect((await visitor.fetch('/me')).body).to.include('/me/second-factor')
      const begun = await visitor.post('/me/second-factor', {})
      expect(locationOf(begun)).to.equal('/signin/enrol')
      await enrol(visitor, deployment.clock.at)
      const me = await visitor.fetch('/me')
      expect(me.body).to.include('<dd>pwd, mfa</dd>').and.not.include('/me/second-factor')
    })
  })
})
