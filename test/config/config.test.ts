import { resolve } from 'node:path'
import { expect } from 'chai'
import { ConfigError, parseConfig } from '../../src/config.ts'
import { options } from '../../src/configOptions.ts'
import { hours, seconds } from '../../src/lib/clock.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { problems } from './problems.ts'

describe('parseConfig', () => {
  it('has a default for everything that has one', () => {
    expect(parseConfig({}, 'demo')).to.deep.equal({
      host: '127.0.0.1',
      port: 3000,
      demoOktaPort: 3001,
      demoAppPort: 3002,
      dataFolder: resolve('data'),
      publicUrl: null,
      entityId: 'urn:federation:MicrosoftOnline',
      tenantName: 'homerealm',
      telemetryPort: null,
      tenantId: null,
      clockSkew: seconds(120),
      maxLifetime: hours(24),
      longestSession: hours(12),
      limits: defaultLimits,
      ratePerMinute: 1200,
      trustProxy: 0,
      signingKey: null,
      signingCertificate: null,
      decryptionKey: null,
      decryptionCertificate: null,
      diagnose: false,
      dnsServers: [],
      metadataEvery: 86_400_000,
      secondOpinion: false,
      tls: null,
      keyEncryptionKey: null,
      keyRotation: hours(24 * 90),
      logLevel: 'info',
    })
  })

  it('takes an empty variable for one that is not set', () => {
    const empty = Object.fromEntries(Object.keys(options).map((name) => [name, '']))
    expect(parseConfig(empty, 'demo')).to.deep.equal(parseConfig({}, 'demo'))
  })

  const numbers: readonly (readonly [name: string, min: number, max: number])[] = [
    ['HOMEREALM_PORT', 0, 65_535],
    ['HOMEREALM_DEMO_OKTA_PORT', 0, 65_535],
    ['HOMEREALM_DEMO_APP_PORT', 0, 65_535],
    ['HOMEREALM_CLOCK_SKEW_SECONDS', 0, 120],
    ['HOMEREALM_MAX_LIFETIME_HOURS', 1, 24],
    ['HOMEREALM_SESSION_HOURS', 1, 12],
    ['HOMEREALM_MAX_RESPONSE_BYTES', 16_384, 1_048_576],
    ['HOMEREALM_MAX_RESPONSE_ELEMENTS', 100, 20_000],
    ['HOMEREALM_MAX_RESPONSE_DEPTH', 12, 128],
    ['HOMEREALM_MAX_ATTRIBUTES_PER_ELEMENT', 8, 128],
    ['HOMEREALM_MAX_NAMESPACES_PER_ELEMENT', 8, 256],
    ['HOMEREALM_RATE_PER_MINUTE', 10, 100_000],
    ['HOMEREALM_TRUST_PROXY', 0, 5],
    ['HOMEREALM_METADATA_HOURS', 0, 168],
  ]
  for (const [name, min, max] of numbers) {
    it(`${name} is a whole number from ${min} to ${max}`, () => {
      for (const good of [min, max]) expect(problems({ [name]: String(good) })).to.deep.equal([])
      for (const bad of [
        max + 1,
        min - 1,
        '1e1',
        '0x10',
        '12.5',
        ' ',
        '12 ',
        '+12',
        'NaN',
        'many',
        '1'.repeat(40),
      ]) {
        const found = problems({ [name]: String(bad) })
        expect(found, String(bad)).to.have.lengthOf(1)
        expect(found[0]).to.contain(`${name} must be a whole number from ${min} to ${max}. `)
      }
    })
  }

  it('has bounds for every number, and no number without', () => {
    const named = Object.entries(options).filter(([, { fallback }]) => /^\d+$/.test(fallback))
    expect([...numbers.map(([name]) => name), 'HOMEREALM_KEY_ROTATION_DAYS']).to.have.members(
      named.map(([name]) => name),
    )
  })

  it('HOMEREALM_KEY_ROTATION_DAYS is 0, or a whole number from 7 to 3650', () => {
    const name = 'HOMEREALM_KEY_ROTATION_DAYS'
    for (const good of ['0', '7', '3650']) expect(problems({ [name]: good })).to.deep.equal([])
    for (const bad of ['1', '6', '3651', '-1', '7.5', '1e2', '0x10', ' ', 'never']) {
      expect(problems({ [name]: bad }).join(), bad).to.contain(
        '0, or a whole number from 7 to 3650',
      )
    }
  })

  it('turns units into milliseconds, and elements into nodes', () => {
    const config = parseConfig(
      {
        HOMEREALM_CLOCK_SKEW_SECONDS: '30',
        HOMEREALM_MAX_LIFETIME_HOURS: '2',
        HOMEREALM_SESSION_HOURS: '3',
        HOMEREALM_MAX_RESPONSE_ELEMENTS: '400',
        HOMEREALM_MAX_RESPONSE_DEPTH: '20',
        HOMEREALM_MAX_RESPONSE_BYTES: '20000',
      },
      'demo',
    )
    expect(config).to.include({
      clockSkew: 30_000,
      maxLifetime: hours(2),
      longestSession: hours(3),
    })
    expect(config.limits).to.include({
      maxElements: 400,
      maxNodes: 800,
      maxDepth: 20,
      maxBytes: 20_000,
    })
  })

  it('switches are on or off and nothing else', () => {
    for (const name of ['HOMEREALM_DIAGNOSE', 'HOMEREALM_SECOND_OPINION']) {
      expect(problems({ [name]: 'on' })).to.deep.equal([])
      for (const bad of ['ON', 'true', '1', 'yes']) {
        expect(problems({ [name]: bad })[0], bad).to.contain(`${name} must be on or off. `)
      }
    }
    expect(parseConfig({ HOMEREALM_DIAGNOSE: 'on' }, 'demo').diagnose).to.equal(true)
    expect(parseConfig({ HOMEREALM_SECOND_OPINION: 'on' }, 'demo').secondOpinion).to.equal(true)
  })

  it('texts have their form', () => {
    const guid = '9F3C1F9E-7A51-4F0C-9A52-0C6F3F6F2B11'
    expect(parseConfig({ HOMEREALM_TENANT_ID: guid }, 'demo').tenantId).to.equal(guid.toLowerCase())
    for (const [name, bad, words] of [
      ['HOMEREALM_TENANT_ID', 'customer', 'must be a GUID'],
      ['HOMEREALM_TENANT_NAME', 'x'.repeat(121), 'must have 120 characters at most'],
      ['HOMEREALM_ENTITY_ID', 'urn: x', 'must be a URI without white space'],
      ['HOMEREALM_LOG_LEVEL', 'loud', 'must be debug, info, warn, error or silent'],
    ] as const) {
      expect(problems({ [name]: bad })[0]).to.contain(`${name} ${words}`)
    }
    expect(problems({ HOMEREALM_TENANT_NAME: 'x'.repeat(120) })).to.deep.equal([])
  })

  it('tells all problems at once, each with its variable and what it is for', () => {
    const found = problems({
      HOMEREALM_PORT: 'x',
      HOMEREALM_DIAGNOSE: 'maybe',
      HOMEREALM_PUBLIC_URL: 'http://login.example.com',
      HOMEREALM_COLOUR: 'blue',
    })
    expect(found).to.have.lengthOf(4)
    for (const name of ['PORT', 'DIAGNOSE', 'PUBLIC_URL', 'COLOUR']) {
      expect(found.filter((line) => line.startsWith(`HOMEREALM_${name} `))).to.have.lengthOf(1)
    }
    expect(found.join('\n')).to.contain(options.HOMEREALM_PORT.doc)
    const { message } = new ConfigError(found)
    for (const line of found) expect(message).to.contain(`  - ${line}`)
  })

  it('refuses names that it does not know, and says which one was meant', () => {
    expect(problems({ HOMEREALM_CLOCK_SKEW_SECOND: '1' })).to.deep.equal([
      'HOMEREALM_CLOCK_SKEW_SECOND is not a setting of homerealm. Did you mean HOMEREALM_CLOCK_SKEW_SECONDS?',
    ])
    expect(problems({ HOMEREALM_PASSWORD: 'hunter2' })).to.deep.equal([
      'HOMEREALM_PASSWORD is not a setting of homerealm. The README has the table of all.',
    ])
    expect(
      problems({ HOMEREALM_toString: 'x', PATH: '/bin', homerealm_port: 'x' }),
    ).to.have.lengthOf(1)
  })

  it('never repeats a value', () => {
    for (const name of Object.keys(options)) {
      const told = problems({ [name]: 'hunter2 \u0000 xyzzy' }).join('\n')
      expect(told, name).to.not.contain('hunter2').and.not.contain('xyzzy')
    }
  })
})
