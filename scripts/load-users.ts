#!/usr/bin/env node
// `homerealm users import` under a name of its own: node scripts/load-users.ts FILE.csv
import './runtime.js'
import { main } from '../src/main.ts'

process.exitCode = await main(['users', 'import', ...process.argv.slice(2)])
