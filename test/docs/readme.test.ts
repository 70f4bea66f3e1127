import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { pages, withTables } from '../../scripts/readme-tables.ts'

const readme = readFileSync('README.md', 'utf8')

describe('README', () => {
  for (const page of ['README.md', 'docs/reasons.md'] as const) {
    it(`has the tables ${pages[page].join(' and ')} in ${page} as the code has them (npm run docs)`, () => {
      const text = readFileSync(page, 'utf8')
      expect(text).to.equal(withTables(page, text))
    })
  }

  it('names only files that exist', () => {
    const links = [...readme.matchAll(/\]\((docs\/[^)#]+)\)/g)].map((match) => match[1] ?? '')
    expect(links).to.not.be.empty
    for (const link of links) expect(existsSync(link), link).to.equal(true)
  })

  it('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
    const named = [...readme.matchAll(/(?:`|&& |^)npm (?:run )?([a-z:-]+)/gm)]
      .map((match) => match[1] ?? '')
      .filter((name) => name !== 'ci')
    expect(named).to.include('start')
    for (const name of named) expect(scripts, name).to.have.property(name)
  })
})
