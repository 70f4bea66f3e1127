import { setImmediate as nextTurn } from 'node:timers/promises'

let last: Promise<unknown> = Promise.resolve()

/**
 * A turn of the event loop that no other long piece of work has. SQLite answers on the event loop: many long readings or transactions, side
 * by side or one after the other, would else be done in one turn, in which nobody else is served.
 */
export function turnOfItsOwn(): Promise<unknown> {
  last = last.then(() => nextTurn())
  return last
}
