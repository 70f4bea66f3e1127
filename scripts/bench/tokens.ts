import { type Measured, ratio, sideBySide } from './measure.ts'
import type { Report } from './report.ts'
import { type Cell, markdownTable } from './table.ts'
import { type ContenderId, contenderIds, contenderTitles } from './tokens/contender.ts'
import { type Remote, startRemote } from './tokens/remote.ts'

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
    const exchanges = await figuresOf('exchanges', servers, seconds / 2)
    const signIns = await figuresOf('signIns', servers, seconds / 2)
    return {
      text: [
        'By the time of each server’s thread, which another process asks; the identity provider signs in that process too.',
        tableOf('exchanges', exchanges),
        tableOf('signIns', signIns),
      ].join('\n\n'),
      json: { exchanges: jsonOf(exchanges), signIns: jsonOf(signIns) },
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
