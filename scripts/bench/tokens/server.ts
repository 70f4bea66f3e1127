/** The process of one server of `bench tokens`: starts it, and tells how much time its thread and its process have used. */
import '../../runtime.js'
import { threadTime } from '../measure.ts'
import { startBare } from './bare.ts'
import type { ContenderId, Deployed, Running } from './contender.ts'
import { startOurs } from './ours.ts'

/** What this process says: where it listens, and then the times that it is asked for, in microseconds. */
export type Said =
  | { readonly deployed: Deployed }
  | { readonly time: number; readonly cpu: number }
  | { readonly closed: true }

const id = process.argv[2] as ContenderId
const running: Running = id === 'bare' ? await startBare() : await startOurs(id)
const say = (said: Said): void => void process.send?.(said)

process.on('message', async (question: 'time' | 'close') => {
  if (question === 'time') {
    const { user, system } = process.cpuUsage()
    say({ time: threadTime(), cpu: user + system })
    return
  }
  await running.close()
  say({ closed: true })
  process.disconnect()
})

const { close: _close, ...deployed } = running
say({ deployed })
