/**
 * Checks which room imports which (the table below is the law), that each room opens with a comment that says what it owns,
 * and that no source file outgrows its limit. Prints one line a fault and ends with status 1 when there is any.
 */
import './runtime.js'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

const everything = '*'
const mayImport: Record<string, readonly string[] | typeof everything> = {
  lib: [],
  aadsts: ['lib'],
  saml: ['aadsts', 'lib'],
  directory: ['saml', 'aadsts', 'lib'],
  realm: ['directory', 'aadsts', 'lib'],
  signin: ['realm', 'directory', 'saml', 'aadsts', 'lib'],
  oidc: ['signin', 'directory', 'aadsts', 'lib'],
  external: ['signin', 'realm', 'directory', 'aadsts', 'lib'],
  admin: ['directory', 'saml', 'aadsts', 'lib'],
  storage: ['directory', 'signin', 'oidc', 'aadsts', 'lib'],
  web: ['aadsts', 'directory', 'signin', 'realm', 'lib'],
  http: [
    'web',
    'observe',
    'admin',
    'external',
    'oidc',
    'signin',
    'realm',
    'directory',
    'saml',
    'aadsts',
    'lib',
  ],
  observe: ['signin', 'realm', 'directory', 'aadsts', 'lib'],
  cli: everything,
  'demo-okta': ['lib'],
  'demo-app': ['lib'],
}
/** From these rooms only types may come, so that the importer stays free of their code. */
const typesOnly: Record<string, readonly string[]> = {
  directory: ['saml'],
  storage: ['signin', 'oidc'],
  web: ['directory', 'signin', 'realm'],
  observe: ['signin', 'realm', 'directory'],
}
/** Packages that only these rooms (or top-level files) may know. */
const packageRooms: Record<string, readonly string[]> = {
  express: ['http', 'demo-okta', 'demo-app', 'app.ts'],
  'openid-client': ['demo-app'],
  helmet: ['http', 'app.ts'],
  'express-rate-limit': ['http', 'app.ts'],
  'better-sqlite3': ['storage'],
  'xml-crypto': ['demo-okta'],
  '@xmldom/xmldom': ['demo-okta'],
  '@node-saml/node-saml': ['saml'],
  '@node-saml/passport-saml': [],
  commander: ['cli', 'main.ts'],
  'prom-client': ['observe'],
}
const maxLines = 260
const topLevelFiles = [
  'config.ts',
  'configOptions.ts',
  'configValues.ts',
  'app.ts',
  'assembly.ts',
  'main.ts',
  'index.ts',
]

const faults: string[] = []
const importPattern =
  /^\s*(import|export)\s+(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|(?:await\s+)import\(\s*['"]([^'"]+)['"]\s*\)/gm

for (const file of globSync('src/**/*.ts').sort()) {
  const parts = relative('src', file).split(sep)
  const room = parts.length > 1 ? (parts[0] ?? '') : ''
  const text = readFileSync(file, 'utf8')
  const lineCount = text.split('\n').length - 1
  if (lineCount > maxLines) faults.push(`${file}: ${lineCount} lines; split it (limit ${maxLines})`)
  if (room === '' && !topLevelFiles.includes(parts[0] ?? '')) {
    faults.push(
      `${file}: stands in no room; only ${topLevelFiles.join(', ')} stand beside the rooms`,
    )
  }
  if (room !== '' && !(room in mayImport))
    faults.push(`${file}: the room ${room}/ is not in the table`)

  for (const match of text.matchAll(importPattern)) {
    const target = match[3] ?? match[4] ?? match[5] ?? ''
    const isType = match[2] !== undefined
    if (!target.startsWith('.')) {
      checkPackage(file, room === '' ? (parts[0] ?? '') : room, target)
      continue
    }
    const targetParts = relative('src', join(dirname(file), target)).split(sep)
    if (room === '') continue
    if (targetParts[0] === '..') {
      faults.push(`${file}: imports ${target}, which is outside src/`)
      continue
    }
    const targetRoom = targetParts.length > 1 ? (targetParts[0] ?? '') : ''
    if (targetRoom === room) continue
    const allowed = mayImport[room] ?? []
    if (allowed === everything) continue
    if (targetRoom === '' || !allowed.includes(targetRoom)) {
      faults.push(
        `${file}: ${room}/ must not import ${targetRoom === '' ? target : `${targetRoom}/`} (${target})`,
      )
    } else if (typesOnly[room]?.includes(targetRoom) && !isType) {
      faults.push(
        `${file}: ${room}/ may import types only from ${targetRoom}/; write import type (${target})`,
      )
    }
  }
}

function checkPackage(file: string, room: string, target: string): void {
  const name = target.startsWith('@')
    ? target.split('/').slice(0, 2).join('/')
    : (target.split('/')[0] ?? '')
  const rooms = packageRooms[name]
  if (rooms && !rooms.includes(room)) {
    faults.push(
      `${file}: ${room} must not know the package ${name} (only ${rooms.join(', ') || 'tests and benchmarks'})`,
    )
  }
}

for (const room of Object.keys(mayImport)) {
  const files = globSync(`src/${room}/**/*.ts`)
  if (
    files.length > 0 &&
    !files.some((f) => new RegExp(`^/\\*\\*\\n \\* ${room}/: `).test(readFileSync(f, 'utf8')))
  ) {
    faults.push(
      `src/${room}/: no file opens with a comment "${room}/: ..." that says what the room owns and must not know`,
    )
  }
}

for (const fault of faults) process.stderr.write(`${fault}\n`)
process.stdout.write(
  faults.length === 0
    ? 'imports: every room keeps to its own\n'
    : `imports: ${faults.length} faults\n`,
)
process.exitCode = faults.length === 0 ? 0 : 1
