import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { changeCredentials } from '../../src/signin/password/credentials.ts'
import { key } from '../support/signedMessage.ts'
import { type Mistake, noDomains, noGroups, type TableDoor, tableDoors } from './mistake.ts'
import { mistakes } from './mistakes.ts'
import { type DoorSite, startDoors } from './site.ts'

/** The table has a row for each mistake and a column for each door; where a column says something else, it says why. */
describe('the same mistake has the same reason by every door', () => {
  let site: DoorSite
  before(async () => {
    site = await startDoors()
    await furnish(site)
  })
  after(() => site?.close())

  for (const mistake of mistakes) {
    it(titleOf(mistake), async () => {
      for (const door of tableDoors) {
        const act = mistake.by[door]
        if (typeof act !== 'function') continue

        const before = await everything(site)
        const { kept, reasons } = await act(site)
        expect([door, kept, ...reasons]).to.deep.equal([door, false, mistake.reason])
        expect(await everything(site), door).to.deep.equal(before)
      }
    })
  }

  it('docs/administration-api.md names the rules in which doors differ', () => {
    const text = readFileSync('docs/administration-api.md', 'utf8')
    const [, section = ''] = /^## One set of rules[^\n]*\n(.*?)^## /ms.exec(text) ?? []
    for (const { name, reason, by } of mistakes) {
      const differs = tableDoors.some((door) => typeof by[door] === 'string' && !hasNone(by[door]))
      if (differs) expect(section, name).to.include(`\`${reason.split(' ')[1]}\``)
    }
  })

  it('every rule that the table names is made by two doors at least, or says why not', () => {
    for (const { name, by } of mistakes) {
      const able = tableDoors.filter((door) => typeof by[door] === 'function')
      const silent = tableDoors.filter((door) => by[door] === undefined)
      expect(silent, name).to.deep.equal([])
      if (able.length < 2) {
        const reasons = tableDoors
          .map((door) => by[door])
          .filter((each) => typeof each === 'string')
        expect(reasons, name).to.have.length(tableDoors.length - able.length)
      }
    }
  })
})

/** The door has nothing of the kind. */
function hasNone(why: unknown): boolean {
  return why === noGroups || why === noDomains
}

function titleOf({ name, reason, by }: Mistake): string {
  const able = tableDoors.filter((door: TableDoor) => typeof by[door] === 'function')
  return `${name}: ${reason} (${able.join(', ')})`
}

/** People, groups and domains to make mistakes about. */
async function furnish({ command, graph, directory, deployment }: DoorSite): Promise<void> {
  const done = [
    await command('groups', 'add', 'Staff'),
    await command('users', 'add', 'rescue@managed.example'),
    await command(
      'domains',
      'add',
      'above.example',
      'twin.example',
      't.onmicrosoft.com',
      '--trust',
    ),
    await command('domains', 'add', 'below.above.example'),
    await graph('POST', '/domains', { body: { id: 'unproven.example' } }),
    await graph('POST', '/domains/twin.example/federationConfiguration', {
      body: {
        issuerUri: 'urn:twin:idp',
        passiveSignInUri: 'https://okta.example/twin',
        signingCertificate: key.certificateBase64,
      },
    }),
  ]
  for (const { kept, reasons } of done) expect([kept, ...reasons]).to.deep.equal([true])
  const rescue = await directory.userByPrincipalName('rescue@managed.example')
  await changeCredentials(deployment.storage.credentials, rescue?.id ?? '', (before) => ({
    ...before,
    isBreakGlass: true,
  }))
}

/** What a refusal must leave as it is. */
async function everything({ directory }: DoorSite): Promise<unknown> {
  const query = { where: null, orderBy: 'displayName', limit: 500, after: null } as const
  return {
    users: await Array.fromAsync(directory.users()),
    groups: await directory.groups.found.page(query),
    domains: await directory.domains(),
    federations: await directory.federations(),
    audit: (await directory.audit.latest(1))[0]?.id,
  }
}
