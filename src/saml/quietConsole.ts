import { AsyncLocalStorage } from 'node:async_hooks'

type ConsoleMethod = typeof globalThis.console.error
const methods = ['error', 'warn'] as const

/** Set in the asynchronous context of work that must not write. */
const quiet = new AsyncLocalStorage<true>()
/** How much of such work is under way; the console is wrapped while it is more than none. */
let underWay = 0
let unwrap: () => void = () => {}

/**
 * Runs `work` with what it writes by console.error and console.warn dropped: XML libraries print text of the message there
 * (saml-security R30). What others write meanwhile passes, since only the asynchronous context of `work` is quiet; and outside
 * of such work the console is as it was.
 */
export async function withQuietConsole<T>(work: () => Promise<T>): Promise<T> {
  if (underWay === 0) unwrap = wrapConsole(globalThis.console)
  underWay += 1
  try {
    return await quiet.run(true, work)
  } finally {
    underWay -= 1
    if (underWay === 0) unwrap()
  }
}

function wrapConsole(console: Console): () => void {
  const wrapped = methods.map((name) => {
    const original: ConsoleMethod = console[name]
    const wrapper: ConsoleMethod = (...values) => {
      if (quiet.getStore() === undefined) original.apply(console, values)
    }
    console[name] = wrapper
    return { name, original, wrapper }
  })
  return () => {
    for (const { name, original, wrapper } of wrapped) {
      // Somebody else may have put a wrapper of their own on top meanwhile; theirs stays, and ours then lets all pass.
      if (console[name] === wrapper) console[name] = original
    }
  }
}
