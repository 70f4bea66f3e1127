import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseConfig } from '../../src/config.ts'
import { foreignKey, key } from '../support/signedMessage.ts'
import { problems } from './problems.ts'

describe('the public URL', () => {
  const of = (url: string) => problems({ HOMEREALM_PUBLIC_URL: url })
  const parsed = (url: string) => parseConfig({ HOMEREALM_PUBLIC_URL: url }, 'serve').publicUrl

  it('is an https origin, or http on this machine; its form is made plain', () => {
    for (const [given, origin] of [
      ['https://login.example.com', 'https://login.example.com'],
      ['https://LOGIN.example.com:443/', 'https://login.example.com'],
      ['https://login.example.com:8443', 'https://login.example.com:8443'],
      ['http://localhost:3000', 'http://localhost:3000'],
      ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
      ['http://[::1]:3000', 'http://[::1]:3000'],
    ] as const) {
      expect(parsed(given)).to.equal(origin)
    }
  })

  it('is refused without https elsewhere', () => {
    for (const url of [
      'http://login.example.com',
      'http://localhost.example.com',
      'http://127.0.0.2',
      'ftp://login.example.com',
      'javascript:alert(1)',
    ]) {
      expect(of(url)[0], url).to.contain('must be https')
    }
  })

  it('is refused with path, query, fragment, user or password', () => {
    for (const rest of ['/app', '/?a=b', '/#a']) {
      expect(of(`https://login.example.com${rest}`)[0], rest).to.contain('must be an origin')
    }
    for (const user of ['me@', ':secret@', 'me:secret@']) {
      expect(of(`https://${user}login.example.com`)[0], user).to.contain('must be an origin')
    }
  })

  it('is refused when it is no URL', () => {
    for (const url of ['login.example.com', 'https://', '/']) {
      expect(of(url)[0], url).to.match(/is not a URL|must be https/)
    }
  })

  it('is needed to serve, and only then', () => {
    for (const environment of [{}, { HOMEREALM_PUBLIC_URL: '' }]) {
      const found = problems(environment, 'serve')
      expect(found).to.have.lengthOf(1)
      expect(found[0]).to.match(/^HOMEREALM_PUBLIC_URL is missing\. /)
      expect(problems(environment, 'demo')).to.deep.equal([])
      expect(problems(environment, 'command')).to.deep.equal([])
    }
  })
})

describe('keys and certificates', () => {
  let folder = ''
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'homerealm-config-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('are read from their files', () => {
    const config = parseConfig(
      {
        HOMEREALM_SIGNING_KEY: file('k.pem', key.privateKeyPem),
        HOMEREALM_SIGNING_CERTIFICATE: file('c.pem', key.certificatePem),
        HOMEREALM_DECRYPTION_KEY: file('d.pem', foreignKey.privateKeyPem),
        HOMEREALM_DECRYPTION_CERTIFICATE: file('e.pem', foreignKey.certificatePem),
      },
      'demo',
    )
    expect(config).to.include({
      signingKey: key.privateKeyPem,
      signingCertificate: key.certificatePem,
      decryptionKey: foreignKey.privateKeyPem,
      decryptionCertificate: foreignKey.certificatePem,
    })
  })

  it('are refused when the file is missing, a folder, or holds something else', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const locked = privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString()
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    for (const [name, value, words] of [
      ['SIGNING_KEY', join(folder, 'missing.pem'), 'names a file that cannot be read (ENOENT)'],
      ['SIGNING_KEY', folder, 'names a file that cannot be read (EISDIR)'],
      ['SIGNING_KEY', file('a.pem', 'nothing'), 'holds no RSA private key'],
      ['SIGNING_KEY', file('b.pem', key.certificatePem), 'holds no RSA private key'],
      ['DECRYPTION_KEY', file('f.pem', locked), 'without passphrase'],
      [
        'DECRYPTION_KEY',
        file('g.pem', elliptic.export({ type: 'pkcs8', format: 'pem' }).toString()),
        'holds no RSA private key',
      ],
      ['SIGNING_CERTIFICATE', file('h.pem', key.privateKeyPem), 'holds no certificate in PEM'],
      [
        'SIGNING_CERTIFICATE',
        file('i.pem', '-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----'),
        'holds no certificate in PEM',
      ],
    ] as const) {
      const told = problems({ [`HOMEREALM_${name}`]: value }).join('\n')
      expect(told).to.contain(`HOMEREALM_${name} `).and.contain(words)
    }
  })

  it('never stand in a message: neither what is in the file, nor a key set in place of its path', () => {
    const oneLine = key.privateKeyPem.replaceAll('\n', '')
    const inside = key.privateKeyPem.split('\n')[1] ?? 'none'
    for (const value of [key.privateKeyPem, oneLine, inside, file('j.pem', `${inside}\n`)]) {
      for (const name of ['HOMEREALM_SIGNING_KEY', 'HOMEREALM_DECRYPTION_KEY']) {
        const told = problems({ [name]: value }).join('\n')
        expect(told).to.contain(name)
        expect(told).to.not.contain(inside.slice(0, 20))
      }
    }
    const told = problems({ HOMEREALM_SIGNING_KEY: key.privateKeyPem })[0]
    expect(told).to.contain('must be the path of a PEM file, not its content')
  })

  it('belong together: a certificate needs its key', () => {
    const certificate = file('l.pem', key.certificatePem)
    expect(problems({ HOMEREALM_SIGNING_CERTIFICATE: certificate })).to.deep.equal([
      'HOMEREALM_SIGNING_CERTIFICATE is set and HOMEREALM_SIGNING_KEY is not.',
    ])
    const other = {
      HOMEREALM_DECRYPTION_CERTIFICATE: certificate,
      HOMEREALM_DECRYPTION_KEY: file('m.pem', foreignKey.privateKeyPem),
    }
    expect(problems(other)).to.deep.equal([
      'HOMEREALM_DECRYPTION_CERTIFICATE is not the certificate of HOMEREALM_DECRYPTION_KEY.',
    ])
    const unreadable = { ...other, HOMEREALM_DECRYPTION_KEY: join(folder, 'missing.pem') }
    expect(problems(unreadable)).to.have.lengthOf(1)
  })
})
