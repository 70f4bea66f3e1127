import { Readable } from 'node:stream'
import { expect } from 'chai'
import fc from 'fast-check'
import { Refusal } from '../../src/aadsts/reasons.ts'
import { formLimit, readForm, singleField } from '../../src/http/formBody.ts'

type Incoming = Parameters<typeof readForm>[0]

const formType = 'application/x-www-form-urlencoded'

/** A request whose body arrives in these chunks. */
function request(
  chunks: readonly (string | Buffer)[],
  headers: Readonly<Record<string, string>> = {},
  body?: unknown,
): Incoming {
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)))
  return Object.assign(stream, {
    headers: { 'content-type': formType, ...headers },
    body,
  }) as unknown as Incoming
}

async function refusal(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Refusal) return `${error.reason}: ${error.evidence.actual}`
    throw error
  }
  throw new Error('nothing was refused')
}

const field = async (req: Incoming, name = 'SAMLResponse') =>
  singleField(await readForm(req, 1000), name)

describe('readForm', () => {
  it('reads a field across chunks, percent-encoded or not', async () => {
    expect(await field(request(['SAMLRes', 'ponse=PHNh', 'bWw%2B%3D&RelayState=x']))).to.equal(
      'PHNhbWw+=',
    )
  })

  it('takes the content type in any case and with parameters, and no other', async () => {
    for (const type of [formType.toUpperCase(), `${formType}; charset=utf-8`, ` ${formType} `]) {
      expect(await field(request(['SAMLResponse=x'], { 'content-type': type }))).to.equal('x')
    }
    for (const type of ['multipart/form-data; boundary=x', 'application/json', 'text/plain', '']) {
      const told = await refusal(() => field(request(['SAMLResponse=x'], { 'content-type': type })))
      expect(told).to.match(/^samlResponseMissing: /)
    }
    const without = request(['SAMLResponse=x'])
    delete without.headers['content-type']
    expect(await refusal(() => field(without))).to.equal('samlResponseMissing: no Content-Type')
  })

  it('takes a body of the limit and refuses one byte more, declared or not: messageTooLarge', async () => {
    const body = `SAMLResponse=${'x'.repeat(987)}`
    expect((await field(request([body]))).length).to.equal(987)
    expect(await field(request([body], { 'content-length': '1000' }))).to.have.lengthOf(987)
    expect(await refusal(() => field(request([body, 'x'])))).to.equal(
      'messageTooLarge: more than 1000 bytes',
    )
    expect(await refusal(() => field(request([body], { 'content-length': '1001' })))).to.equal(
      'messageTooLarge: 1001 bytes declared',
    )
  })

  it('stops reading at the limit', async () => {
    let read = 0
    const endless = Readable.from(
      (function* () {
        for (;;) {
          read += 1
          yield Buffer.alloc(100)
        }
      })(),
      { highWaterMark: 1 },
    )
    const req = Object.assign(endless, { headers: { 'content-type': formType } })
    expect(await refusal(() => field(req as unknown as Incoming))).to.match(/^messageTooLarge/)
    expect(read).to.be.below(20)
  })

  it('takes 32 fields and refuses one more, for each costs: samlResponseMissing', async () => {
    const others = '&a'.repeat(31)
    expect(await field(request([`SAMLResponse=x${others}`]))).to.equal('x')
    expect(await refusal(() => field(request([`SAMLResponse=x${others}&a`])))).to.equal(
      'samlResponseMissing: more',
    )
  })

  it('keeps names that objects have as plain names', async () => {
    const form = await readForm(request(['__proto__=a&constructor=b']), 100)
    expect([form.getAll('__proto__'), form.getAll('constructor')]).to.deep.equal([['a'], ['b']])
    expect(form.getAll('toString')).to.deep.equal([])
  })
})

describe('singleField', () => {
  it('refuses none, an empty one, and several: samlResponseMissing', async () => {
    expect(await refusal(() => field(request(['RelayState=x'])))).to.equal(
      'samlResponseMissing: none',
    )
    expect(await refusal(() => field(request([])))).to.equal('samlResponseMissing: none')
    expect(await refusal(() => field(request(['SAMLResponse='])))).to.equal(
      'samlResponseMissing: an empty one',
    )
    expect(await refusal(() => field(request(['SAMLResponse=a&SAMLResponse=b'])))).to.equal(
      'samlResponseMissing: 2',
    )
  })

  it('takes other spellings for other fields', async () => {
    for (const name of ['SAMLResponse[]', 'samlresponse', 'SAMLResponse[a]']) {
      const told = await refusal(() => field(request([`${encodeURIComponent(name)}=x`])))
      expect(told, name).to.equal('samlResponseMissing: none')
    }
  })
})

describe('a body that another parser has read', () => {
  const parsed = (body: unknown) => field(request([], {}, body))

  it('counts with its own text values', async () => {
    expect(await parsed({ SAMLResponse: 'x' })).to.equal('x')
    expect(await refusal(() => parsed({ SAMLResponse: ['x', 'y'] }))).to.equal(
      'samlResponseMissing: 2',
    )
  })

  it('that is none is read from the request', async () => {
    expect(await field(request(['SAMLResponse=x'], {}, null))).to.equal('x')
  })

  it('is refused where the field is no text: samlResponseMissing', async () => {
    const hostile = Object.create(null)
    for (const body of [
      {},
      { SAMLResponse: { type: 'Buffer', data: [1] } },
      { SAMLResponse: ['x'] },
      { SAMLResponse: ['x', 'y'] },
      { SAMLResponse: [hostile, hostile] },
      { SAMLResponse: 7 },
      { SAMLResponse: '' },
      Object.create({ SAMLResponse: 'inherited' }),
      'SAMLResponse=x',
      7,
    ]) {
      expect(await refusal(() => parsed(body))).to.match(/^samlResponseMissing: /)
    }
  })

  it('is refused or taken, and never an error of ours, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything({ withNullPrototype: true }), async (value) => {
        const body = { SAMLResponse: value }
        try {
          expect(await parsed(body)).to.equal(value)
        } catch (error) {
          expect(error).to.be.instanceOf(Refusal)
        }
      }),
    )
  })
})

describe('formLimit', () => {
  it('has room for a response of the largest size as browsers post it, in lines of 76 characters', () => {
    const size = 256 * 1024
    const base64 = Buffer.from(pseudoRandom(size)).toString('base64').replace(/.{76}/g, '$&\r\n')
    const posted = new URLSearchParams({ SAMLResponse: base64 }).toString()
    expect(posted.length).to.be.below(formLimit(size))
  })

  it('grows with the limit of the message', () => {
    expect(formLimit(0)).to.equal(4096)
    expect(formLimit(3000)).to.equal(5000 + 4096)
  })
})

/** Bytes of all values, the same each time. */
function pseudoRandom(length: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state >>> 16
  })
}
