import { expect } from 'chai'
import type { CookieOptions, Request, Response } from 'express'
import { cookiesFor } from '../../src/http/cookies.ts'
import { hours, minutes } from '../../src/lib/clock.ts'

const handle = 'h'.repeat(43)
const made = Buffer.alloc(32, 1).toString('base64url')

const sent = (cookie?: string) => ({ headers: { cookie } }) as Request

function response() {
  const set: [name: string, value: string | null, options: CookieOptions][] = []
  const res = {
    cookie: (name: string, value: string, options: CookieOptions) =>
      set.push([name, value, options]),
    clearCookie: (name: string, options: CookieOptions) => set.push([name, null, options]),
  } as unknown as Response
  return { set, res }
}

const on = (publicUrl: string) =>
  cookiesFor(publicUrl, (count) => Buffer.alloc(count, 1), minutes(15))

describe('the cookies under https', () => {
  const cookies = on('https://login.example.test')

  it('the browser’s survives the cross-site POST, is host-only and out of reach of scripts', () => {
    const { set, res } = response()
    expect(cookies.ensureBrowser(sent(), res)).to.equal(made)
    expect(set).to.deep.equal([
      [
        '__Host-homerealm-browser',
        made,
        { httpOnly: true, secure: true, sameSite: 'none', path: '/', maxAge: minutes(15) },
      ],
    ])
  })

  it('the browser’s keeps its value and starts its time anew', () => {
    const { set, res } = response()
    const req = sent(`__Host-homerealm-browser=${handle}`)
    expect(cookies.ensureBrowser(req, res)).to.equal(handle)
    expect(set[0]?.[1]).to.equal(handle)
    expect(cookies.browser(req)).to.equal(handle)
  })

  it('the session’s is no use to a POST from elsewhere, and lasts as long as the session', () => {
    const { set, res } = response()
    cookies.setSession(res, handle, hours(1))
    cookies.clearSession(res)
    const safe = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' }
    expect(set).to.deep.equal([
      ['__Host-homerealm-session', handle, { ...safe, maxAge: hours(1) }],
      ['__Host-homerealm-session', null, safe],
    ])
  })
})

describe('the cookies on this machine, without https', () => {
  const cookies = on('http://localhost:3000')

  it('have no prefix, which needs https; the browser’s is Secure still, as SameSite=None wants', () => {
    const { set, res } = response()
    cookies.ensureBrowser(sent(), res)
    cookies.setSession(res, handle, 1)
    expect(set.map(([name, , { secure, sameSite }]) => [name, secure, sameSite])).to.deep.equal([
      ['homerealm-browser', true, 'none'],
      ['homerealm-session', false, 'lax'],
    ])
  })
})

describe('a cookie that came', () => {
  const cookies = on('http://localhost:3000')

  it('is found among others, with or without spaces', () => {
    for (const header of [
      `homerealm-session=${handle}`,
      `a=b; homerealm-session=${handle}; c=d`,
      `a=b;homerealm-session=${handle};c`,
    ]) {
      expect(cookies.session(sent(header)), header).to.equal(handle)
    }
  })

  it('counts as none when it is not a handle, comes twice, or has another name', () => {
    for (const header of [
      undefined,
      '',
      `homerealm-session=${handle}x`,
      `homerealm-session=${handle.slice(1)}`,
      `homerealm-session="${handle}"`,
      `homerealm-session=${'%'.repeat(43)}`,
      `homerealm-session=${handle}; homerealm-session=${'i'.repeat(43)}`,
      `homerealm-session=${handle}; homerealm-session=${handle}`,
      `xhomerealm-session=${handle}`,
      `Homerealm-Session=${handle}`,
      `homerealm-browser=${handle}`,
      `__Host-homerealm-session=${handle}`,
    ]) {
      expect(cookies.session(sent(header)), header).to.equal(null)
    }
  })

  it('of a browser that sent two is answered with a new one', () => {
    const { res } = response()
    const twice = sent(`homerealm-browser=${handle}; homerealm-browser=${handle}`)
    expect(cookies.ensureBrowser(twice, res)).to.equal(made)
  })
})
