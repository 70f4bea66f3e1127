import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { UsageError } from '../../src/cli/usageError.ts'
import { writeWholeFiles } from '../../src/cli/wholeFiles.ts'

describe('writing whole files', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homerealm-files-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const path = (name: string) => join(folder, name)

  it('writes them all and leaves no draft', () => {
    writeWholeFiles(
      [
        [path('a'), '1'],
        [path('b'), '2'],
      ],
      { replace: false },
    )
    expect(readdirSync(folder)).to.deep.equal(['a', 'b'])
    expect(readFileSync(path('b'), 'utf8')).to.equal('2')
  })

  it('takes back the ones before when one is there already', () => {
    writeFileSync(path('b'), 'old')
    const write = () =>
      writeWholeFiles(
        [
          [path('a'), '1'],
          [path('b'), '2'],
        ],
        { replace: false },
      )
    expect(write).to.throw(UsageError, /b: cannot be written: it exists already/)
    expect(readdirSync(folder)).to.deep.equal(['b'])
    expect(readFileSync(path('b'), 'utf8')).to.equal('old')
  })

  it('replaces when it is told to', () => {
    writeFileSync(path('b'), 'old')
    writeWholeFiles([[path('b'), 'new']], { replace: true })
    expect(readFileSync(path('b'), 'utf8')).to.equal('new')
  })

  it('touches nothing when one of several has no folder', () => {
    writeFileSync(path('a'), 'old')
    const files = [
      [path('a'), 'new'],
      [path('no/b'), '2'],
    ] as const
    expect(() => writeWholeFiles(files, { replace: true })).to.throw(UsageError, /no\/b.*folder/)
    expect(readdirSync(folder)).to.deep.equal(['a'])
    expect(readFileSync(path('a'), 'utf8')).to.equal('old')
  })

  it('does not replace a folder by a file', () => {
    mkdirSync(path('a'))
    expect(() => writeWholeFiles([[path('a'), '1']], { replace: true })).to.throw(
      UsageError,
      /folder/,
    )
    expect(readdirSync(folder)).to.deep.equal(['a'])
  })
})
