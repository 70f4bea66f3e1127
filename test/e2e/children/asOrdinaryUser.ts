// Runs `homerealm` as a user whom file permissions bind: root, as which tests may run, may do everything. What the program
// consists of is loaded before, for that user may have no access to the checkout.
import Database from 'better-sqlite3'
import { main } from '../../../src/main.ts'

const nobody = 65534
new Database(':memory:').close()
if (process.geteuid?.() === 0) {
  process.setegid?.(nobody)
  process.seteuid?.(nobody)
}
process.exitCode = await main(process.argv.slice(2))
