import { expect } from 'chai'
import { certificateReport } from '../../src/admin/domains/certificates.ts'
import { expiryFindings, expiryWatch } from '../../src/admin/domains/expiry.ts'
import { addDomain } from '../../src/directory/domains.ts'
import { federate } from '../../src/directory/federations.ts'
import type { Federation } from '../../src/directory/types.ts'
import { type MadeCertificate, makeCertificate } from '../saml-messages/certificateMaker.ts'
import { federationOf } from '../storage/samples.ts'
import { domainCommands } from './domainCommands.ts'

const dayLength = 86_400_000
const now = Date.UTC(2026, 0, 15, 9, 30)

describe('the certificates of a federation', () => {
  let old: MadeCertificate
  let next: MadeCertificate
  before(async () => {
    const algorithm = 'P-256'
    old = await makeCertificate({ algorithm, notBefore: '2025-01-01', notAfter: '2026-02-01' })
    next = await makeCertificate({ algorithm, notBefore: '2026-01-01', notAfter: '2099-01-01' })
  })

  const federation = (more: Partial<Federation> = {}) =>
    federationOf('fed-1', {
      signingCertificate: old.base64,
      nextSigningCertificate: next.base64,
      ...more,
    })
  const counted = (by: MadeCertificate | string, lastAt: number, count = 1) => ({
    day: Math.floor(lastAt / dayLength),
    federationId: 'fed-1',
    thumbprint: typeof by === 'string' ? by : by.thumbprint,
    count,
    lastAt,
  })
  const hour = 3_600_000

  describe('the verdict', () => {
    const verdict = (...seen: Parameters<typeof certificateReport>[1]) =>
      certificateReport(federation(), seen, now).verdict

    it('is that the old one can go when it was silent for a day and the next one signed since', () => {
      const seen = [counted(old, now - 25 * hour), counted(next, now - hour)]
      const report = certificateReport(federation(), seen, now)
      expect(report.verdict).to.equal('safeToRetire')
      expect(report.message).to.match(/^safe to retire the old one/)
      expect(verdict(counted(next, now - hour))).to.equal('safeToRetire')
    })

    it('is that Okta still signs with the old one while it did within a day, or after the next one', () => {
      for (const seen of [
        [counted(old, now - hour)],
        [counted(old, now - 2 * hour), counted(next, now - hour)],
        [counted(old, now - 23 * hour), counted(next, now - hour)],
        [counted(old, now - 30 * hour), counted(next, now - 40 * hour)],
        [counted(old, now - 80 * 24 * hour)],
      ]) {
        expect(verdict(...seen)).to.equal('oldStillSigns')
      }
    })

    it('is nothing when nobody signed in, or only at another federation', () => {
      expect(verdict()).to.equal('nothingSeen')
      const elsewhere = { ...counted(next, now), federationId: 'fed-2' }
      expect(verdict(elsewhere)).to.equal('nothingSeen')
      const alone = federation({ nextSigningCertificate: null })
      expect(certificateReport(alone, [counted(old, now)], now).verdict).to.equal('onlyOne')
    })

    it('counts the share of seven days, former certificates included', () => {
      const former = 'ab'.repeat(32)
      const { certificates } = certificateReport(
        federation({ formerSigningCertificates: [former] }),
        [
          counted(old, now, 6),
          counted(next, now - 6 * dayLength, 3),
          counted(former, now, 1),
          counted(old, now - 7 * dayLength, 100),
        ],
        now,
      )
      expect(certificates.map(({ slot, signins, share }) => [slot, signins, share])).to.deep.equal([
        ['signingCertificate', 6, 0.6],
        ['nextSigningCertificate', 3, 0.3],
        ['former', 1, 0.1],
      ])
      expect(certificates[0]?.validity).to.include({ state: 'valid', daysLeft: 16 })
      expect(certificates[2]?.validity).to.equal(null)
    })
  })

  describe('warnings', () => {
    const end = Date.UTC(2026, 1, 1)
    const alone = () => federation({ nextSigningCertificate: null })
    const thresholdAt = (daysBefore: number) =>
      expiryFindings(alone(), end - daysBefore * dayLength)[0]?.threshold ?? null

    it('begin 60 days before the end, and count down', () => {
      expect([61.5, 60, 31, 30, 14.9, 14, 7, 2, 1.5, 0.5, 0, -1].map(thresholdAt)).to.deep.equal([
        ...[null, 60, 60, 30, 14, 14, 7, 7, 1, 1, 1, 0],
      ])
    })

    it('need attention unless the other certificate is good for longer', () => {
      expect(expiryFindings(alone(), now)[0]?.needsAttention).to.equal(true)
      const [finding, ...more] = expiryFindings(federation(), now)
      expect([finding?.slot, finding?.needsAttention, more]).to.deep.equal([
        'signingCertificate',
        false,
        [],
      ])
    })

    it('are told once at each threshold, and again for another certificate', () => {
      const watch = expiryWatch()
      const told = (daysBefore: number, of = alone()) =>
        watch([of], end - daysBefore * dayLength).map(({ threshold }) => threshold)
      expect([
        told(90),
        told(60),
        told(59),
        told(30),
        told(29.5),
        told(6),
        told(-1),
        told(-2),
      ]).to.deep.equal([[], [60], [], [30], [], [7], [0], []])
      const other = federation({ signingCertificate: next.base64, nextSigningCertificate: null })
      expect(watch([other], Date.UTC(2098, 11, 20)).length).to.equal(1)
    })
  })

  describe('homerealm domains certificates', () => {
    async function setting() {
      const commands = domainCommands()
      const { directory } = commands.storage
      await addDomain(directory, 'customer.com')
      await addDomain(directory, 'managed.example')
      const { after } = await federate(
        directory,
        {
          domains: ['customer.com'],
          issuerUri: 'http://www.okta.com/exk1',
          passiveSignInUri: 'https://okta.example/sso',
          signingCertificate: old.base64,
          nextSigningCertificate: next.base64,
        },
        () => 'fed-1',
      )
      const signin = async (by: MadeCertificate, lastAt: number) =>
        commands.storage.signinCounts.countSignin({
          ...{ day: Math.floor(lastAt / dayLength), domain: 'customer.com', lastAt },
          ...{ federationId: after.id, thumbprint: by.thumbprint },
        })
      return { ...commands, directory, signin }
    }

    it('shows both with thumbprint, validity, days left, share, and the verdict', async () => {
      const { run, signin } = await setting()
      await signin(old, Date.now())
      const { stdout, status } = await run('certificates', 'customer.com')
      expect(stdout).to.include(old.thumbprint).and.include(next.thumbprint)
      expect(stdout).to.match(
        /^nextSigningCertificate .* 2026-01-01 to 2099-01-01 +\d+ +0 \(0 %\) +-$/m,
      )
      expect(stdout).to.match(/^signingCertificate .* 1 \(100 %\) /m)
      expect(stdout).to.match(/^Okta still signs with the old one \(100 % of/m)
      const json = JSON.parse((await run('certificates', 'customer.com', '--json')).stdout)
      expect([status, json.verdict, json.certificates[1].thumbprint]).to.deep.equal([
        ...[0, 'oldStillSigns', next.thumbprint],
      ])
    })

    it('rotate promotes the next one, keeps the thumbprint of the old one, and can be undone', async () => {
      const { run, directory, signin } = await setting()
      await signin(next, Date.now())
      expect((await run('certificates', 'rotate', 'customer.com')).status).to.equal(2)
      const done = await run('certificates', 'rotate', 'customer.com', '--yes')
      expect([done.status, done.stderr]).to.deep.equal([0, ''])
      expect(await directory.federation('fed-1')).to.deep.include({
        signingCertificate: next.base64,
        nextSigningCertificate: null,
        formerSigningCertificates: [old.thumbprint],
      })
      const shown = await run('certificates', 'customer.com')
      expect(shown.stdout).to.match(/^former .* verifies nothing/m)
      await run('undo', '1', '--yes')
      expect((await directory.federation('fed-1'))?.signingCertificate).to.equal(old.base64)
    })

    it('rotate warns while Okta still signs with the old one', async () => {
      const { run, signin } = await setting()
      await signin(old, Date.now())
      const done = await run('certificates', 'rotate', 'customer.com', '--yes')
      expect(done.stderr).to.include('WARNING: Okta still signs with the old one')
    })

    it('refuses a managed domain, an unknown one, and a rotation to nothing', async () => {
      const { run, directory } = await setting()
      const refusal = async (...args: string[]) => {
        const { status, stderr } = await run('certificates', ...args)
        expect(status).to.equal(1)
        return stderr
      }
      expect(await refusal('managed.example')).to.include('is managed: no certificates')
      expect(await refusal('rotate', 'other.example', '--yes')).to.include('is not a domain here')
      await run('certificates', 'rotate', 'customer.com', '--yes')
      expect(await refusal('rotate', 'customer.com', '--yes')).to.include('has no next certificate')
      expect((await directory.domainRecords.changes()).length).to.equal(1)
    })
  })
})
