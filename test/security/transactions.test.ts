import { join } from 'node:path'
import { expect } from 'chai'
import { newFolder, openAt, removeFolders } from '../storage/folders.ts'

describe('transactions on the event loop', () => {
  after(removeFolders)

  /** How many transactions began in the busiest turn of the event loop. */
  async function busiestTurn(work: (run: () => Promise<void>) => Promise<unknown>) {
    const storage = openAt(join(newFolder(), 'homerealm.db'))
    let inTurn = 0
    let most = 0
    const nextTurn = () => {
      inTurn = 0
      watch = setImmediate(nextTurn)
    }
    let watch = setImmediate(nextTurn)
    await work(() =>
      storage.directory.transaction(async () => {
        inTurn += 1
        most = Math.max(most, inTurn)
      }),
    )
    clearImmediate(watch)
    await storage.close()
    return most
  }

  it('leave turns to others, one after the other as in a bulk request', async () => {
    const most = await busiestTurn(async (run) => {
      for (let n = 0; n < 30; n += 1) await run()
    })
    expect(most).to.be.at.most(2)
  })

  it('and side by side', async () => {
    const most = await busiestTurn((run) => Promise.all(Array.from({ length: 30 }, run)))
    expect(most).to.be.at.most(2)
  })
})
