/** The process that `bench import` starts for the bare loop: every row of a CSV into the table `users`, unchecked, in one transaction. */
import '../runtime.js'
import Database from 'better-sqlite3'
import { csvFile } from '../../src/admin/csv/lines.ts'
import { readTable } from '../../src/admin/csv/read.ts'
import { columnNames } from './importScene.ts'

const [file = '', csv = ''] = process.argv.slice(2)
const db = new Database(file)
const insert = db.prepare(
  `INSERT INTO users (${columnNames.join(', ')}) VALUES (${columnNames.map(() => '?').join(', ')})`,
)
db.exec('BEGIN')
const { batches } = await readTable(csvFile(csv))
for await (const rows of batches) for (const { cells } of rows) insert.run(cells)
db.exec('COMMIT')
db.close()
