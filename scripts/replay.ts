#!/usr/bin/env node
// `homerealm replay` under a name of its own: node scripts/replay.ts CASE...
import './runtime.js'
import { main } from '../src/main.ts'

process.exitCode = await main(['replay', ...process.argv.slice(2)])
