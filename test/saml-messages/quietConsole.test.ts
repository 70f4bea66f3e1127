import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { SignedXml } from 'xml-crypto'
import { withQuietConsole } from '../../src/saml/quietConsole.ts'

const { console } = globalThis

describe('a quiet console', () => {
  let written: unknown[][]
  let originals: Pick<Console, 'error' | 'warn'>

  beforeEach(() => {
    written = []
    originals = { error: console.error, warn: console.warn }
    console.error = (...values: unknown[]) => void written.push(values)
    console.warn = (...values: unknown[]) => void written.push(values)
  })
  afterEach(() => {
    Object.assign(console, originals)
  })

  /** Makes the parser inside xml-crypto complain, with text of the document. */
  function provoke(): void {
    const signature = new SignedXml({ publicCert: '' })
    try {
      signature.checkSignature('<a>&attacker;<b</a>')
    } catch {
      // It also throws; what it wrote before is what counts.
    }
  }

  it('drops what an XML library writes about a message', async () => {
    provoke()
    expect(written, 'the library does write').not.to.deep.equal([])
    written = []
    await withQuietConsole(async () => provoke())
    expect(written).to.deep.equal([])
  })

  it('stays quiet after a pause in the work', async () => {
    await withQuietConsole(async () => {
      await setImmediate()
      console.error('quiet')
    })
    expect(written).to.deep.equal([])
  })

  it('lets through what others write meanwhile', async () => {
    const work = withQuietConsole(async () => {
      await setImmediate()
      console.warn('quiet')
      await setImmediate()
    })
    console.error('heard', 1)
    await setImmediate()
    console.warn('heard', 2)
    await work
    expect(written).to.deep.equal([
      ['heard', 1],
      ['heard', 2],
    ])
  })

  it('is the console as it was when the last of several is done, failed ones included', async () => {
    const before = { error: console.error, warn: console.warn }
    const failed = withQuietConsole(async () => {
      await setImmediate()
      throw new Error('failed')
    }).catch((error: Error) => error.message)
    const longer = withQuietConsole(async () => {
      for (let turn = 0; turn < 4; turn += 1) await setImmediate()
      console.error('quiet')
      return 7
    })
    expect(await failed).to.equal('failed')
    expect(console.error).not.to.equal(before.error)
    expect(await longer).to.equal(7)
    expect({ error: console.error, warn: console.warn }).to.deep.equal(before)
    expect(written).to.deep.equal([])
  })

  it('leaves a wrapper alone that somebody else put on top', async () => {
    let heard = 0
    const theirs = () => {
      heard += 1
    }
    await withQuietConsole(async () => {
      console.error = theirs
    })
    console.error('x')
    expect(console.error).to.equal(theirs)
    expect(heard).to.equal(1)
  })
})
