/**
 * Another process on the same database, for processes.test.ts: `child.ts TASK FILE`. It prints `ready`, does its task when a line comes
 * on standard input, and prints what came of it as JSON.
 */
import { once } from 'node:events'
import Database from 'better-sqlite3'
import { hours } from '../../../src/lib/clock.ts'
import { keyRingOf, openAt } from '../folders.ts'
import { now, userOf } from '../samples.ts'

const [, , task, file = ''] = process.argv

const tasks: Record<string, () => Promise<void>> = {
  /** Opens a database that is not there yet, together with others. */
  async migrate() {
    await goAhead()
    await openAt(file).close()
    const raw = new Database(file, { readonly: true })
    print(raw.prepare('SELECT version FROM migrations').pluck().all())
  },

  /** Posts one and the same response many times. */
  async consume() {
    const { signin } = openAt(file)
    await goAhead()
    const outcomes = Array.from({ length: 50 }, () =>
      signin.consume({
        requestId: '_1',
        browser: 'browser-1',
        federationId: 'fed-1',
        assertionId: 'id1',
        rememberUntil: now,
        now,
      }),
    )
    print(await Promise.all(outcomes))
  },

  /** Uses up one code, and answers the device that it saw waiting, many times each. */
  async records() {
    const { providerRecords } = openAt(file)
    const device = await providerRecords.find('DeviceCode', '1', now)
    if (device === null) throw new Error('no device waits')
    await goAhead()
    const times = Array.from({ length: 50 }, (_, n) => `{"by":"${process.pid} ${n}"}`)
    print({
      codes: await Promise.all(times.map(() => providerRecords.consume('Code', '1', now))),
      answers: await Promise.all(
        times.map((payload) => providerRecords.replace(device, { payload, grantId: null }, now)),
      ),
    })
  },

  /** Rotates what is due, then once more by hand. */
  async rotate() {
    const ring = keyRingOf(openAt(file))
    await goAhead()
    const algs = await ring.rotateWhenDue(hours(24))
    print({ algs, made: (await ring.rotate('ES256')).kid })
  },

  /** Stops in the middle of an import, and waits to be killed. */
  async import() {
    const { directory } = openAt(file)
    await goAhead()
    await directory.transaction(async (store) => {
      const users = Array.from({ length: 5000 }, (_, n) => userOf(`new${n}@customer.com`))
      await store.writeUsers(users.map((user) => ({ kind: 'create', user })))
      print(await store.countUsers())
      await new Promise(() => setInterval(() => undefined, 1000))
    })
  },

  /** Adds users one transaction at a time, counting on what it reads. */
  async count() {
    const { directory } = openAt(file)
    await goAhead()
    for (let turn = 0; turn < 25; turn += 1) {
      await directory.transaction(async (store) => {
        const user = userOf(`user${await store.countUsers()}@customer.com`)
        await store.writeUsers([{ kind: 'create', user }])
      })
    }
    print('done')
  },
}

async function goAhead(): Promise<void> {
  process.stdout.write('ready\n')
  await once(process.stdin, 'data')
  process.stdin.destroy()
}

function print(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

await tasks[task ?? '']?.()
