// The first thing that runs, in plain JavaScript that every Node since 16 can read: is this Node new enough? The rest of
// the project is TypeScript that Node 22.18 and newer run directly, and better-sqlite3 13 crashes a Node 20 process.
// `npm ci` brings a Node 24 along in node_modules/.bin, which npm scripts and npx pick up by themselves.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18) || (major === 23 && minor < 6)) {
  process.stderr.write(
    `homerealm needs Node.js 22.18 or newer, and this is ${process.version} (${process.execPath}).\n` +
      'A fitting Node.js 24 is part of the project: run `npm ci` (without --ignore-scripts and with\n' +
      'devDependencies), then start it by `npm start`, `npm test` or `npx homerealm ...`, which use it.\n' +
      'Or install Node.js 24 yourself and run the same command again.\n',
  )
  process.exit(2)
}
