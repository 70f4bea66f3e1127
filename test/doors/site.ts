import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { urns } from '../../src/admin/scim/names.ts'
import { keptAttributes } from '../../src/admin/scim/userAttributes.ts'
import { DirectoryError } from '../../src/directory/directoryError.ts'
import { domainCommands, type Said } from '../cli/domainCommands.ts'
import { errorOf } from '../graph/errors.ts'
import { provisioner, type ScimAnswer } from '../scim/support.ts'
import { startDeployment } from '../support/deployment.ts'
import { callerName, type GraphReply, graphSiteOf } from '../support/graphSite.ts'

/** How a door answered: whether anything was kept, and the reasons for what was not (`property rule`), sorted. */
export interface Answered {
  readonly kept: boolean
  readonly reasons: readonly string[]
}

export type DoorSite = Awaited<ReturnType<typeof startDoors>>

/** All doors of one running server with a database, and a folder for files. */
export async function startDoors() {
  const deployment = await startDeployment()
  const folder = mkdtempSync(join(tmpdir(), 'homerealm-doors-'))
  const refusals: unknown[] = []
  const { command } = domainCommands({
    storage: deployment.storage,
    onError: (error) => void refusals.push(error),
  })
  const scim = await provisioner(deployment, { displayName: 'Entra' })
  const scimExternal = await provisioner(deployment, {
    displayName: 'Okta',
    scim: { immutableIdFrom: 'externalId' },
  })
  const graph = graphSiteOf(deployment)

  return {
    deployment,
    directory: deployment.storage.directory,
    graph: async (...call: Parameters<typeof graph.call>) =>
      graphAnswered(await graph.call(...call)),
    graphReply: graph.call,
    scim: async (...sent: Parameters<typeof scim.send>) => scimAnswered(await scim.send(...sent)),
    scimExternal: async (...sent: Parameters<typeof scim.send>) =>
      scimAnswered(await scimExternal.send(...sent)),
    scimClient: scim.app.id,
    /** Begins as the audit names who came by the door. */
    names: {
      graph: callerName,
      scim: scim.app.displayName,
      scimExternal: scimExternal.app.displayName,
    },
    async command(...args: string[]): Promise<Answered & Said> {
      refusals.length = 0
      const said = await command(...args)
      return { ...said, ...commandAnswered(said, refusals[0]) }
    },
    /** The path of a new file. */
    file(name: string, content: string | Buffer): string {
      const path = join(folder, name)
      writeFileSync(path, content)
      return path
    },
    path: (name: string) => join(folder, name),
    async close(): Promise<void> {
      rmSync(folder, { recursive: true, force: true })
      await deployment.close()
    },
  }
}

const kept: Answered = { kept: true, reasons: [] }

function graphAnswered(reply: GraphReply): Answered {
  if (reply.status < 300) return kept
  const { targets, rules } = errorOf(reply)
  if (/added object references already exist/.test(reply.body?.error?.message)) {
    return { kept: false, reasons: ['alreadyMember'] }
  }
  if (reply.status === 404 && rules.length === 0) return { kept: false, reasons: ['notFound'] }
  // Of a conflict there are two details, the second for newer clients.
  const fields = targets
    .filter((each) => !each.endsWith(' ConflictingObjects'))
    .map((each) => each.split(' ')[0])
  const reasons = rules.map((rule, index) => `${fields[index]} ${rule}`)
  return refusal(reasons, reply.body)
}

const propertyOf = new Map<string, string>(
  keptAttributes.map(({ path, property }) => [path, property]),
)

function scimAnswered({ status, body }: ScimAnswer): Answered {
  if (status < 300) return kept
  if (status === 404) return { kept: false, reasons: ['notFound'] }
  const problems: { attribute: string; rule: string }[] = body?.[`${errorUrn}`]?.problems ?? []
  const reasons = problems.map(
    ({ attribute, rule }) => `${propertyOf.get(attribute) ?? attribute} ${rule}`,
  )
  return refusal(reasons, body)
}
const errorUrn = `${urns.homerealm.replace(/User$/, 'Error')}`

/** A command says sentences; the rules are those of the error behind them. A certificate comes in a file, which has errors of its own. */
function commandAnswered({ status, stderr }: Said, error: unknown): Answered {
  if (status === 0) return kept
  if (/expected one X\.509 certificate/.test(stderr)) {
    return { kept: false, reasons: ['signingCertificate certificateMalformed'] }
  }
  if (error instanceof DirectoryError) {
    return refusal(
      error.problems.map(({ field, rule }) => `${field} ${rule}`),
      stderr,
    )
  }
  if (/^There is no (?:user|group)/.test(stderr)) return { kept: false, reasons: ['notFound'] }
  return refusal([], stderr)
}

/** A refusal by the form of a request has no rule, and none is expected in the tests: what was said stands for it. */
function refusal(reasons: readonly string[], said: unknown): Answered {
  if (reasons.length > 0) return { kept: false, reasons: reasons.toSorted() }
  return { kept: false, reasons: [typeof said === 'string' ? said : JSON.stringify(said)] }
}
