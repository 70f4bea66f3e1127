import { signingTrust } from '../../../src/saml/certificates.ts'
import { decodeResponse } from '../../../src/saml/decode.ts'
import { defaultLimits, type VerifiedResponse } from '../../../src/saml/types.ts'
import { verifyResponse } from '../../../src/saml/verify.ts'
import type { Circumstances, Verdict } from '../../../src/signin/circumstances.ts'
import { checks, judge } from '../../../src/signin/judge.ts'
import { type Contender, succeeds } from '../contender.ts'
import { inProcess } from '../measure.ts'
import { circumstances, decryptionKey, federation, startedAt } from '../scene.ts'

const context = { now: startedAt, limits: defaultLimits, decryptionKeys: [decryptionKey] }

/** From the form field to the verified assertion, everything in it read: the work that the libraries do too. */
export const core: Contender = {
  id: 'core',
  title: 'homerealm, core',
  includes: 'decodeResponse and verifyResponse: base64, UTF-8, parse, shape, signatures, reading',
  async open(_kind, documents) {
    const trust = signingTrust(federation)
    const verify = (body: string): VerifiedResponse =>
      verifyResponse(decodeResponse({ encoding: 'base64', body }, defaultLimits), trust, context)
    return {
      ...inProcess(documents, ({ base64 }) => verify(base64)),
      accepts: (_document, base64) => succeeds(() => verify(base64)),
    }
  },
}

/** The whole judgement as on the live path, over stores in memory; a request waits for every response. */
export const whole: Contender = {
  id: 'judge',
  title: 'homerealm, judge()',
  includes: `all of a sign-in but HTTP: the core, ${checks.length} checks, directory and fresh requests in memory, trace`,
  async open(_kind, documents) {
    const requestIds = documents.map(({ requestId }) => requestId)
    let now: Circumstances = await circumstances(requestIds)
    const judged = async (body: string): Promise<Verdict> => {
      const verdict = await judge({ encoding: 'base64', body }, now)
      if (verdict.outcome === 'refused') throw new Error(`homerealm: ${verdict.reason}`)
      return verdict
    }
    return {
      ...inProcess(
        documents,
        ({ base64 }) => judged(base64),
        async () => {
          now = await circumstances(requestIds)
        },
      ),
      accepts: async (document, base64) => {
        now = await circumstances([document.requestId])
        return succeeds(() => judged(base64))
      },
    }
  },
}
