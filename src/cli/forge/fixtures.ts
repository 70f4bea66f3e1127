import type { IdpKey } from '../../demo-okta/keys.ts'
import { type CasePlan, filesOf, forgeCase } from './forgeCase.ts'
import { notStored } from './notStored.ts'
import { allPlans } from './plans.ts'
import { type Setting, seededRandom, usualSetting } from './setting.ts'
import { nameOfTestKey } from './testKeys.ts'

/** The setting of fixtures/cases: keys by path, ids from the case's name, so that a case depends on nothing but itself. */
export function fixtureSetting(): Setting {
  return {
    ...usualSetting(),
    certificateText: pathOfTestKey,
    decryptionKeyText: () => '../../certs/decryption.key.pem',
    randomFor: (caseName) => seededRandom(`fixtures/${caseName}`),
  }
}

function pathOfTestKey(key: IdpKey): string {
  const name = nameOfTestKey(key)
  if (name === null) throw new Error('fixtures are signed with the keys of certs/ only')
  return `../../certs/${name}.pem`
}

/** The plans that stand in fixtures/cases. */
export function storedPlans(): readonly CasePlan[] {
  return allPlans().filter(({ name }) => !notStored.has(name))
}

/** All files of fixtures/cases by name, byte for byte the same at every run. */
export async function fixtureFiles(): Promise<ReadonlyMap<string, string>> {
  const setting = fixtureSetting()
  const files = new Map<string, string>()
  for (const plan of storedPlans()) {
    for (const [name, content] of filesOf(await forgeCase(plan, setting))) {
      files.set(name, content)
    }
  }
  return files
}
