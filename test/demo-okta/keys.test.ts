import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { idpKeyFile, loadOrMakeIdpKey } from '../../src/demo-okta/keys.ts'
import { foreignKey, key } from './scene.ts'

const now = Date.parse('2026-01-15T09:30:00Z')

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('nothing was refused')
}

describe("the demo Okta's key", () => {
  let folder: string
  let file: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'demo-okta-'))
    file = join(folder, idpKeyFile)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('is RSA with 2048 bits, and its certificate is self-signed for ten years from now', async () => {
    const made = await loadOrMakeIdpKey(folder, { now })
    const certificate = new X509Certificate(made.certificatePem)
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).to.equal(2048)
    expect(certificate.checkPrivateKey(createPrivateKey(made.privateKeyPem))).to.equal(true)
    expect(certificate.verify(certificate.publicKey)).to.equal(true)
    expect(certificate.subject).to.contain('CN=demo-okta').and.to.contain('O=Okta demo')
    expect(certificate.validFromDate.toISOString()).to.equal('2026-01-15T09:30:00.000Z')
    expect(certificate.validToDate.toISOString()).to.equal('2036-01-15T09:30:00.000Z')
    expect(made.certificateBase64).to.equal(certificate.raw.toString('base64'))
  })

  it('lies in a file that only its owner can read, and nothing else is left in the folder', async () => {
    await loadOrMakeIdpKey(join(folder, 'new', 'data'), { now })
    const made = join(folder, 'new', 'data', idpKeyFile)
    expect((await stat(made)).mode & 0o777).to.equal(0o600)
    expect(await readdir(join(folder, 'new', 'data'))).to.deep.equal([idpKeyFile])
  })

  it('is the same after a restart', async () => {
    const made = await loadOrMakeIdpKey(folder, { now })
    expect(await loadOrMakeIdpKey(folder, { now: now + 1000 })).to.deep.equal(made)
  })

  it('is one key, even when several processes start at once', async () => {
    const made = await Promise.all([1, 2, 3].map(() => loadOrMakeIdpKey(folder, { now })))
    expect(new Set(made.map(({ certificateBase64 }) => certificateBase64)).size).to.equal(1)
    expect(await readdir(folder)).to.deep.equal([idpKeyFile])
  })

  const damages: [string, (whole: string) => string, string][] = [
    ['is empty', () => '', 'no private key'],
    [
      'lacks its certificate',
      (whole) => whole.slice(0, whole.indexOf('-----BEGIN CERTIFICATE')),
      'no certificate',
    ],
    ['is cut short', (whole) => whole.slice(0, -200), 'no certificate'],
    [
      'has a damaged certificate',
      (whole) => whole.replace(/(BEGIN CERTIFICATE-----\n.{10}).{20}/, '$1AAAAAAAAAAAAAAAAAAAA'),
      'damaged',
    ],
    [
      'has the certificate of another key',
      () => key.privateKeyPem + foreignKey.certificatePem,
      'another key',
    ],
  ]
  for (const [how, damage, what] of damages) {
    it(`is refused by the name of its file, and kept, when the file ${how}`, async () => {
      await loadOrMakeIdpKey(folder, { now })
      const damaged = damage(await readFile(file, 'utf8'))
      await writeFile(file, damaged)
      const message = await failure(loadOrMakeIdpKey(folder, { now }))
      expect(message).to.contain(file).and.to.contain(what).and.to.contain('delete it')
      expect(await readFile(file, 'utf8')).to.equal(damaged)
    })
  }

  it('is refused once its certificate has ended', async () => {
    await loadOrMakeIdpKey(folder, { now })
    const message = await failure(
      loadOrMakeIdpKey(folder, { now: Date.parse('2036-01-15T09:30:00Z') }),
    )
    expect(message).to.contain(file).and.to.contain('ended at 2036-01-15T09:30:00.000Z')
  })

  it('is refused by the name of its file when the folder is none', async () => {
    await writeFile(join(folder, 'data'), 'a file')
    await chmod(join(folder, 'data'), 0o600)
    const message = await failure(loadOrMakeIdpKey(join(folder, 'data'), { now }))
    expect(message).to.contain(join(folder, 'data'))
  })
})
