import { expect } from 'chai'
import { Refusal } from '../../src/aadsts/reasons.ts'
import { hours, seconds } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { credentialsOf, passwordStamp } from '../../src/signin/password/credentials.ts'
import { newPasswordSession } from '../../src/signin/session.ts'
import { proceed } from '../../src/signin/steps.ts'
import { codeAt } from '../support/authenticator.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import {
  addManaged,
  enrol,
  locationOf,
  resetPassword,
  sendPassword,
  shownSecret,
} from '../support/managed.ts'

/** Attacks on what lies between a first factor and the session: a step is worth what it was proven by, for as long as that holds. */
describe('an attacker with a sign-in between its steps', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  const newPassword = { password: 'chosen by the thief', repeated: 'chosen by the thief' }

  it('cannot set a new password by a step that was begun with one that an admin has replaced', async () => {
    const user = await addManaged(deployment, { credentials: { mustChangePassword: true } })
    const thief = deployment.visitor()
    expect(locationOf(await sendPassword(thief, user.userPrincipalName))).to.equal(
      '/signin/new-password',
    )
    await resetPassword(deployment, user, 'what the admin has set')

    expect((await thief.post('/signin/new-password', newPassword)).aadsts).to.equal(50089)
    expect(locationOf(await thief.fetch('/signin/new-password'))).to.equal('/signin')
    expect(await thief.signedInAs()).to.equal(null)
    const owner = deployment.visitor()
    const answer = await sendPassword(owner, user.userPrincipalName, 'what the admin has set')
    expect(locationOf(answer)).to.equal('/signin/new-password')
  })

  it('cannot undo the password that the owner has just chosen', async () => {
    const user = await addManaged(deployment, { credentials: { mustChangePassword: true } })
    const [thief, owner] = [deployment.visitor(), deployment.visitor()]
    for (const visitor of [thief, owner]) await sendPassword(visitor, user.userPrincipalName)
    const chosen = { password: 'chosen by the owner', repeated: 'chosen by the owner' }
    expect(locationOf(await owner.post('/signin/new-password', chosen))).to.equal('/me')

    expect((await thief.post('/signin/new-password', newPassword)).aadsts).to.equal(50089)
    expect(await owner.signedInAs()).to.equal(user.userPrincipalName)
    const again = await sendPassword(
      deployment.visitor(),
      user.userPrincipalName,
      'chosen by the owner',
    )
    expect(locationOf(again)).to.equal('/me')
  })

  it('of twenty that set a password by one step at once, one does, and only that one signs in', async () => {
    const user = await addManaged(deployment, { credentials: { mustChangePassword: true } })
    const visitor = deployment.visitor()
    await sendPassword(visitor, user.userPrincipalName)
    const candidates = Array.from({ length: 20 }, (_, n) => `a new password, number ${n}`)
    const answers = await Promise.all(
      candidates.map((each) =>
        visitor.post('/signin/new-password', { password: each, repeated: each }),
      ),
    )
    const done = candidates.filter((_, n) => answers[n] && locationOf(answers[n]) === '/me')
    expect(done).to.have.length(1)
    const works = []
    for (const each of candidates) {
      const answer = await sendPassword(visitor, user.userPrincipalName, each)
      if (locationOf(answer) === '/me') works.push(each)
      // A success in between forgives the failures, so that no lock decides this.
      await sendPassword(visitor, user.userPrincipalName, done[0])
    }
    expect(works).to.deep.equal(done)
  })

  it('cannot finish a second factor’s step with a password that was replaced meanwhile', async () => {
    const user = await addManaged(deployment, { credentials: { requireMfa: true } })
    const owner = deployment.visitor()
    await sendPassword(owner, user.userPrincipalName)
    const { secret } = await enrol(owner, deployment.clock.at)
    deployment.clock.at += seconds(60)
    const thief = deployment.visitor()
    expect(locationOf(await sendPassword(thief, user.userPrincipalName))).to.equal('/signin/code')
    await resetPassword(deployment, user, 'what the admin has set')
    const code = codeAt(secret, deployment.clock.at)
    expect((await thief.post('/signin/code', { code })).aadsts).to.equal(50089)
    expect(await thief.signedInAs()).to.equal(null)
  })

  it('cannot put their authenticator in place of the one that the owner has enrolled meanwhile', async () => {
    const user = await addManaged(deployment)
    const [thief, owner] = [deployment.visitor(), deployment.visitor()]
    // Whoever knows the password can have the enrolment offered.
    const begun = await sendPassword(thief, user.userPrincipalName, undefined, { mfa: 'required' })
    expect(locationOf(begun)).to.equal('/signin/enrol')
    const thiefs = await shownSecret(thief)
    await sendPassword(owner, user.userPrincipalName)
    await owner.post('/me/second-factor', {})
    const { secret } = await enrol(owner, deployment.clock.at)
    const { credentials } = deployment.storage
    const enrolled = await credentials.credentials(user.id)

    const tried = await thief.post('/signin/enrol', { code: codeAt(thiefs, deployment.clock.at) })
    expect(tried.aadsts).to.equal(50089)
    expect(await thief.signedInAs()).to.equal(null)
    expect(await credentials.credentials(user.id)).to.deep.equal(enrolled)
    deployment.clock.at += seconds(60)
    const next = deployment.visitor()
    await sendPassword(next, user.userPrincipalName)
    const answer = await next.post('/signin/code', { code: codeAt(secret, deployment.clock.at) })
    expect(locationOf(answer)).to.equal('/me')
  })

  it('an enrolment that is sent twice at once leaves the recovery codes that were shown', async () => {
    const user = await addManaged(deployment, { credentials: { requireMfa: true } })
    const visitor = deployment.visitor()
    await sendPassword(visitor, user.userPrincipalName)
    const code = codeAt(await shownSecret(visitor), deployment.clock.at)
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => visitor.post('/signin/enrol', { code })),
    )
    const shown = answers.filter(({ status }) => status === 200)
    expect(shown).to.have.length(1)
    const recovery = /<li><code>([^<]+)</.exec(shown[0]?.body ?? '')?.[1] ?? ''
    const next = deployment.visitor()
    await sendPassword(next, user.userPrincipalName)
    expect(locationOf(await next.post('/signin/code', { code: recovery }))).to.equal('/me')
  })

  it('at a browser whose person has signed out cannot go on with the step that the person had begun', async () => {
    const user = await addManaged(deployment)
    const shared = deployment.visitor()
    await sendPassword(shared, user.userPrincipalName)
    expect(locationOf(await shared.post('/me/second-factor', {}))).to.equal('/signin/enrol')
    const secret = await shownSecret(shared)
    await shared.post('/signout', {})

    expect(locationOf(await shared.fetch('/signin/enrol'))).to.equal('/signin')
    const code = codeAt(secret, deployment.clock.at)
    expect((await shared.post('/signin/enrol', { code })).aadsts).to.equal(50089)
    expect(await shared.signedInAs()).to.equal(null)
    const stored = await deployment.storage.credentials.credentials(user.id)
    expect(stored?.totpSecret).to.equal(null)
  })

  it('cannot open a session with a password that was replaced while it was looked at', async () => {
    const user = await addManaged(deployment)
    const { credentials, sessions, steps } = deployment.storage
    const stored = await credentialsOf(credentials, user.id)
    const now = deployment.clock.at
    const at = { now, longest: hours(1), requestId: 'request' }
    const proven = {
      session: newPasswordSession(user.id, at),
      returnTo: '/me',
      requiresMfa: false,
      provenBy: passwordStamp(stored),
      stepsUp: null,
    }
    const surroundings = { now, random: systemRandom, sessions, steps, proposeTotp: () => '' }
    expect((await proceed(proven, stored, surroundings)).kind).to.equal('opened')
    await resetPassword(deployment, user, 'what the admin has set')
    const late = await proceed(
      proven,
      await credentialsOf(credentials, user.id),
      surroundings,
    ).catch((error: unknown) => error)
    expect(late).to.be.instanceOf(Refusal).with.property('reason', 'passwordWrong')
  })

  it('of a domain that was federated meanwhile opens no session that holds', async () => {
    const { directory } = deployment.storage
    const user = await addManaged(deployment, { credentials: { mustChangePassword: true } })
    const visitor = deployment.visitor()
    await sendPassword(visitor, user.userPrincipalName)
    const [federation] = await directory.federations()
    const domain = await directory.domain('managed.example')
    if (federation === undefined || domain === null) throw new Error('no federation')
    await directory.putDomain({ ...domain, federationId: federation.id })
    try {
      await visitor.post('/signin/new-password', newPassword)
      expect(await visitor.signedInAs()).to.equal(null)
      const direct = await sendPassword(visitor, user.userPrincipalName, newPassword.password)
      expect(locationOf(direct)).to.match(/^\/signin\?login_hint=/)
    } finally {
      await directory.putDomain(domain)
    }
  })
})
