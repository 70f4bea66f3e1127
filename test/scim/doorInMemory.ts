import type { Passwords } from '../../src/admin/passwords.ts'
import type { ScimContext, ScimRequest } from '../../src/admin/scim/context.ts'
import { readScimJson } from '../../src/admin/scim/json.ts'
import { noQuery } from '../../src/admin/scim/list.ts'
import { operate, type ResourceTypeName } from '../../src/admin/scim/service.ts'
import { addDomain } from '../../src/directory/domains.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { now } from '../storage/samples.ts'

/** For tests without passwords. */
export const noPasswords: Passwords = {
  prepare: () => Promise.reject(new Error('no passwords here')),
  setMustChange: () => Promise.reject(new Error('no passwords here')),
  isBreakGlass: async () => false,
  breakGlassUsers: async () => [],
}

/** The SCIM door over an empty store in memory with the domain managed.example; answers with resources without `meta`. */
export async function doorInMemory() {
  const storage = memoryStorage({ principalNameKey })
  await addDomain(storage.directory, 'managed.example')
  let made = 0
  const context: ScimContext = {
    store: storage.directory,
    passwords: noPasswords,
    baseUrl: 'https://login.example.test/scim/v2',
    clock: () => now,
    newId: () => {
      made += 1
      return `5d0c0000-0000-4000-8000-${String(made).padStart(12, '0')}`
    },
    client: { id: 'client', name: 'Client', anchorPlace: 'extension' },
  }
  return async (type: ResourceTypeName, method: string, id: string | null, body: object = {}) => {
    const request = {
      method: method as ScimRequest['method'],
      id,
      query: { ...noQuery, excludedAttributes: ['meta'] },
      ifMatch: null,
      ifNoneMatch: null,
    }
    const text = JSON.stringify(body)
    const reply = await operate(type, request, () => readScimJson(text), context)
    return reply.body as {
      readonly id: string
      readonly members?: readonly { readonly value: string }[]
    }
  }
}
