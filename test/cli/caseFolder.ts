import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../src/cli/usageError.ts'
import { key, signedMessage } from '../support/signedMessage.ts'
import { acs, aliceAnchor, audience, issuer, requestId } from '../support/verified.ts'

export const certificatePem = key.certificatePem

/** A case of the sound response, as it stands in a file; `response.xml` and `okta.pem` are beside it. */
export const soundCase = {
  name: 'sound',
  at: '2026-01-15T09:30:00Z',
  response: 'response.xml',
  encoding: 'xml',
  acs,
  audience,
  request: { id: requestId, federation: issuer, loginHint: 'alice@customer.com' },
  federations: [{ issuerUri: issuer, domains: ['customer.com'], signingCertificate: 'okta.pem' }],
  users: [{ userPrincipalName: 'alice@customer.com', onPremisesImmutableId: aliceAnchor }],
}

/** A temporary folder with a case in it. */
export class CaseFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'homerealm-case-'))

  constructor() {
    this.write('response.xml', signedMessage().body)
    this.write('okta.pem', certificatePem)
  }

  write(name: string, content: string | Buffer): string {
    const file = join(this.path, name)
    writeFileSync(file, content)
    return file
  }

  /** The sound case with these keys instead; undefined takes a key out. */
  writeCase(more: Readonly<Record<string, unknown>> = {}): string {
    return this.write('case.json', JSON.stringify({ ...soundCase, ...more }))
  }

  remove(): void {
    rmSync(this.path, { recursive: true })
  }
}

/** The message of the UsageError that the work throws. */
export async function usageError(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  throw new Error('no UsageError was thrown')
}
