import { userInfo } from 'node:os'
import type { Act } from '../directory/audit.ts'
import { systemClock } from '../lib/clock.ts'
import { printableLine } from './printable.ts'

/** Who runs this command, and when, for the record: the user of the operating system. */
export function actor(): Act {
  return { at: systemClock(), who: printableLine(nameOfUser()), door: 'commandLine' }
}

/** A container may run under a number that has no name. */
function nameOfUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
