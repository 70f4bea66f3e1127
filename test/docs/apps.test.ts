import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { shownPrograms, withPrograms } from '../../scripts/docs-programs.ts'

const text = readFileSync('docs/apps.md', 'utf8')

describe('docs/apps.md', () => {
  it('shows the programs that the tests run, as their files have them (npm run docs)', () => {
    expect(text).to.equal(withPrograms(text))
  })

  it('shows every program of docs/apps/ once', () => {
    const files = globSync('apps/*.*', { cwd: 'docs' })
    expect(files).to.include('apps/passport.ts')
    expect([...shownPrograms(text)].sort()).to.deep.equal(files.sort())
  })

  it('names only sections and files that are there', () => {
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    )
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link)
    expect(links.length).to.be.greaterThan(8)
    for (const link of links) {
      if (link.startsWith('#')) expect(headings, link).to.include(link.slice(1))
      else expect(existsSync(`docs/${link}`), link).to.equal(true)
    }
  })
})
