import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import Papa from 'papaparse'
import { importUsers } from '../../src/admin/csv/importUsers.ts'
import { csvFile } from '../../src/admin/csv/lines.ts'
import { explainDifference } from '../../src/directory/anchorDifference.ts'
import { anchorOfGuid } from '../../src/directory/anchorForms.ts'
import { newGuid } from '../../src/lib/ids.ts'
import { furnishedDirectory, now, seededRandom } from './directoryForTests.ts'

/** How the demo's ImmutableIds are made: the base64 of a GUID from the SHA-256 of the UPN. */
function demoAnchor(upn: string): string {
  const digest = createHash('sha256').update(upn).digest()
  return anchorOfGuid(newGuid(() => digest.subarray(0, 16)))
}

function oktaAnchors(): Map<string, string> {
  const text = readFileSync('fixtures/csv/demo-okta-users.csv', 'utf8')
  const { data } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true })
  return new Map(data.map((row) => [row['login'] ?? '', row['immutableId'] ?? '']))
}

async function demoDirectory() {
  const store = await furnishedDirectory()
  const source = csvFile('fixtures/csv/demo-users.csv')
  const report = await importUsers(store, source, { now, random: seededRandom() })
  return { store, report }
}

describe('the demo’s users', () => {
  it('are imported without a warning', async () => {
    const { report } = await demoDirectory()
    expect(report.rejected).to.deep.equal([])
    expect(report.warnings).to.deep.equal([])
    expect(report.created).to.have.length(23)
  })

  it('have in Okta the ImmutableIds that are made from their UPNs', () => {
    for (const [upn, anchor] of oktaAnchors()) expect(anchor, upn).to.equal(demoAnchor(upn))
  })

  it('are the same on both sides but for Bob, who differs in case, Carol, who is missing, and Dave, who is disabled', async () => {
    const { store } = await demoDirectory()
    const okta = oktaAnchors()
    expect(okta.size).to.equal(24)
    for (const [upn, anchor] of okta) {
      const user = await store.userByPrincipalName(upn)
      if (upn === 'carol@customer.com') {
        expect(user).to.equal(null)
        continue
      }
      const difference = explainDifference(anchor, user?.onPremisesImmutableId ?? '')
      if (upn === 'bob@customer.com') expect(difference).to.contain('differs in case')
      else expect(difference, upn).to.equal(null)
      expect(user?.accountEnabled, upn).to.equal(upn !== 'dave@customer.com')
    }
    expect(await store.countUsers()).to.equal(23)
    expect(await store.countUsers({ domain: 'customer.co.uk' })).to.equal(4)
  })
})
