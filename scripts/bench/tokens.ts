import { type Measured, ratio, sideBySide } from './measure.ts'
import type { Report } from './report.ts'
import { type Cell, markdownTable } from './table.ts'
import { type ContenderId, contenderIds, contenderTitles } from './tokens/contender.ts'
import { type Remote, startRemote, type TimedRequest } from './tokens/remote.ts'

const rounds = 8
const works = {
  exchanges: 'Code exchanges: authorize with a session, code, tokens',
  signIns: 'Whole sign-ins: authorize, sign-in, code, tokens, each in a new browser',
} as const
type Work = keyof typeof works

type Figures = Readonly<Record<ContenderId, Measured>>

/** Exchanges codes and signs people in at homerealm, with memory and with SQLite, and at oidc-provider alone. */
export async function tokensBench(seconds: number): Promise<Report> {
  const servers = new Map<ContenderId, Remote>()
  try {
    for (const id of contenderIds) servers.set(id, await startRemote(id))
    const exchanges = await figuresOf('exchanges', servers, seconds * 0.45)
    const signIns = await figuresOf('signIns', servers, seconds * 0.45)
    const requests = new Map<ContenderId, readonly TimedRequest[]>()
    for (const [id, server] of servers) requests.set(id, await server.requests(seconds * 33))
    return {
      text: [
        'By the time of each server’s thread, which another process asks; the identity provider signs in that process too.',
        tableOf('exchanges', exchanges),
        tableOf('signIns', signIns),
        requestsTable(requests),
      ].join('\n\n'),
      json: {
        exchanges: jsonOf(exchanges),
        signIns: jsonOf(signIns),
        requests: Object.fromEntries(requests),
      },
    }
  } finally {
    for (const server of servers.values()) await server.close()
  }
}

async function figuresOf(
  work: Work,
  servers: ReadonlyMap<ContenderId, Remote>,
  seconds: number,
): Promise<Figures> {
  const contenders = new Map(Array.from(servers, ([id, server]) => [id, server[work]]))
  const plan = { warmUp: seconds * 300, budget: seconds * 700, rounds }
  const measured = await sideBySide(contenders, plan)
  const of = (id: ContenderId): Measured => {
    const own = measured.get(id)
    if (!own) throw new Error(`bench: ${id} was not measured`)
    return own
  }
  return { bare: of('bare'), memory: of('memory'), sqlite: of('sqlite') }
}

function tableOf(work: Work, figures: Figures): string {
  const rows = contenderIds.map((id): Cell[] => [
    contenderTitles[id],
    figures[id].responsesPerSecond,
    figures[id].cpu,
    ratio(figures[id], figures.bare),
  ])
  const heads = ['server', 'per second', 'CPU us', 'x oidc-provider']
  return `### ${works[work]}\n\n${markdownTable(heads, rows)}`
}

function requestsTable(requests: ReadonlyMap<ContenderId, readonly TimedRequest[]>): string {
  const of = (id: ContenderId) => requests.get(id) ?? []
  const ours = of('memory').map(({ name, time }, at): Cell[] => [
    `homerealm: ${name}`,
    time,
    of('sqlite')[at]?.time ?? null,
  ])
  const bare = of('bare').map(({ name, time }): Cell[] => [`oidc-provider: ${name}`, time, null])
  const heads = ['request', 'us, memory', 'us, SQLite']
  return `### One sign-in, request by request, with nothing else asked meanwhile\n\n${markdownTable(heads, [...bare, ...ours])}`
}

function jsonOf(figures: Figures) {
  const entries = contenderIds.map((id) => [
    id,
    {
      perSecond: figures[id].responsesPerSecond,
      cpuMicroseconds: figures[id].cpu,
      ratio: ratio(figures[id], figures.bare),
    },
  ])
  return Object.fromEntries(entries)
}
