import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Papa from 'papaparse'
import { importUsers } from '../../admin/csv/importUsers.ts'
import { csvFile } from '../../admin/csv/lines.ts'
import type { DemoOktaUser } from '../../demo-okta/honest.ts'
import type { Act } from '../../directory/audit.ts'
import { recorded } from '../../directory/domainHistory.ts'
import { addDomainWithin, setDefaultDomain } from '../../directory/domains.ts'
import { federateWithin } from '../../directory/federations.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import { systemClock } from '../../lib/clock.ts'
import { newGuid, systemRandom } from '../../lib/ids.ts'
import type { DemoPerson } from '../../web/models.ts'

export const demoIssuer = 'http://www.okta.com/exk1demo2homerealm3'
const federatedDomains = ['customer.com', 'customer.co.uk']
const managedDomain = 'managed.example'

/** Whom to sign in as, and what happens then; the first four are the story of the demo. */
export const demoPeople: readonly DemoPerson[] = [
  { email: 'alice@customer.com', note: 'signs in' },
  {
    email: 'bob@customer.com',
    note: 'is refused: his ImmutableId at Okta differs in upper and lower case (AADSTS51004)',
  },
  { email: 'carol@customer.com', note: 'is refused: she is known to Okta only (AADSTS50034)' },
  { email: 'dave@customer.com', note: 'is refused: his account is disabled (AADSTS50057)' },
]

/** Who made what the demo makes, for the audit. */
export function demoActor(): Act {
  return { at: systemClock(), who: 'homerealm demo', door: 'server' }
}

/**
 * The sample tenant. What is there already stays as it is (an admin may have tried things out); only the address and the
 * certificate of the demo Okta follow it, so that another port or key is no riddle.
 */
export async function prepareDemoTenant(
  store: DirectoryStore,
  okta: { readonly ssoUrl: string; readonly certificateBase64: string },
): Promise<void> {
  const act = demoActor()
  const isNew = (await store.domains()).length === 0
  if (isNew) {
    for (const name of [managedDomain, ...federatedDomains]) {
      await recorded(store, 'add', act, (tx) => addDomainWithin(tx, name))
    }
    await setDefaultDomain(store, managedDomain, act)
  }
  const served = await store.federationByIssuer(demoIssuer)
  const domains = served
    ? (await store.domainsOf(served.id)).map((domain) => domain.id)
    : isNew
      ? federatedDomains
      : []
  if (domains.length > 0) {
    const input = {
      domains,
      issuerUri: demoIssuer,
      passiveSignInUri: okta.ssoUrl,
      signingCertificate: okta.certificateBase64,
      ...(served === null && { displayName: 'Demo Okta' }),
    }
    const newId = () => newGuid(systemRandom)
    await recorded(store, 'federate', act, (tx) => federateWithin(tx, input, newId))
  }
  if (!isNew) return
  const report = await importUsers(store, csvFile(fixture('demo-users.csv')), {
    now: act.at,
    random: systemRandom,
    who: act.who,
  })
  if (!report.isWritten) throw new Error('fixtures/csv/demo-users.csv was refused by the import')
}

/** The people of the demo Okta, from a file in Okta's own import format. */
export function readDemoOktaUsers(): readonly DemoOktaUser[] {
  const text = readFileSync(fixture('demo-okta-users.csv'), 'utf8')
  const { data } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true })
  return data.map((row) => ({
    login: row.login ?? '',
    nameId: row.immutableId ?? '',
    firstName: row.firstName ?? '',
    lastName: row.lastName ?? '',
    email: row.email ?? '',
    groups: ['Everyone at customer.com'],
  }))
}

function fixture(name: string): string {
  return fileURLToPath(new URL(`../../../fixtures/csv/${name}`, import.meta.url))
}
