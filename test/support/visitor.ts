import { unescaped } from '../web/html.ts'
import { CookieJar } from './cookieJar.ts'

/** An answer over a socket, read to its end. */
export interface Answer {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** The AADSTS number of its `Message`; null when it is no page of a refusal. */
  readonly aadsts: number | null
}

/** A sign-in that has begun: what the hand-over page carries to the identity provider. */
export interface Begun {
  /** ID of the AuthnRequest. */
  readonly requestId: string
  readonly action: string
  readonly samlRequest: string
}

/** What the demo Okta gives the browser to post. */
export interface Carried {
  /** Where its form goes. */
  readonly acs: string
  /** base64, as the form field has it. */
  readonly samlResponse: string
}

/** A person's client over sockets: it keeps cookies, follows no redirect, and knows the steps of a sign-in. */
export class Visitor {
  readonly jar = new CookieJar()
  readonly publicUrl: string

  constructor(publicUrl: string) {
    this.publicUrl = publicUrl
  }

  /** `path` is a path of homerealm, or an absolute URL. */
  async fetch(path: string, init: RequestInit = {}): Promise<Answer> {
    const url = new URL(path, this.publicUrl)
    const headers = new Headers(init.headers)
    const cookie = this.jar.header(url)
    if (cookie !== '') headers.set('cookie', cookie)
    const response = await fetch(url, { redirect: 'manual', ...init, headers })
    this.jar.take(url, response.headers.getSetCookie())
    const body = await response.text()
    const message = detailsOf(body).get('Message')
    const aadsts = Number(message?.match(/^AADSTS(\d+): /)?.[1] ?? Number.NaN)
    const { status, headers: answered } = response
    return {
      url: url.href,
      status,
      headers: answered,
      body,
      aadsts: Number.isNaN(aadsts) ? null : aadsts,
    }
  }

  post(
    path: string,
    fields: Record<string, string> | [string, string][],
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.fetch(path, { method: 'POST', body: new URLSearchParams(fields), headers })
  }

  /** Types the e-mail (as a login_hint): gives the request that the hand-over page carries. */
  async begin(email: string): Promise<Begun> {
    const page = await this.fetch(`/signin?${new URLSearchParams({ login_hint: email })}`)
    const samlRequest = fieldOf(page.body, 'SAMLRequest')
    const action = actionOf(page.body)
    if (samlRequest === null || action === null) {
      throw new Error(`no hand-over page for ${email}: status ${page.status}\n${page.body}`)
    }
    const xml = Buffer.from(samlRequest, 'base64').toString('utf8')
    return { requestId: / ID="([^"]+)"/.exec(xml)?.[1] ?? '', action, samlRequest }
  }

  /** Signs in at the demo Okta, as `login` and with a fault of its menu if need be. */
  async atOkta(begun: Begun, login: string, fault = ''): Promise<Carried> {
    const asked = await this.post(begun.action, { SAMLRequest: begun.samlRequest })
    const form = {
      state: fieldOf(asked.body, 'state') ?? '',
      username: login,
      password: 'any',
      fault,
    }
    const done = await this.post(new URL('/login', begun.action).href, form)
    const samlResponse = fieldOf(done.body, 'SAMLResponse')
    const acs = actionOf(done.body)
    if (samlResponse === null || acs === null) {
      throw new Error(`the demo Okta gave no response: status ${done.status}\n${done.body}`)
    }
    return { acs, samlResponse }
  }

  /** Posts a response to the ACS. */
  deliver({ acs, samlResponse }: Carried): Promise<Answer> {
    return this.post(acs, { SAMLResponse: samlResponse })
  }

  /** All steps: the answer of the ACS. */
  async signIn(email: string, fault = ''): Promise<Answer> {
    return this.deliver(await this.atOkta(await this.begin(email), email, fault))
  }

  /** Whether the browser's session holds: who `/me` says that one is, null when it sends to the sign-in. */
  async signedInAs(): Promise<string | null> {
    const me = await this.fetch('/me')
    if (me.status === 303 && me.headers.get('location') === '/signin') return null
    const title = /<title>Signed in as ([^ ]+) /.exec(me.body)?.[1]
    if (me.status !== 200 || title === undefined) throw new Error(`/me: ${me.status}\n${me.body}`)
    return title
  }
}

/** The value of a form field as a browser would read it; null when the page has no such field. */
export function fieldOf(html: string, name: string): string | null {
  const value = new RegExp(`<input[^>]* name="${name}"[^>]* value="([^"]*)"`).exec(html)?.[1]
  return value === undefined ? null : unescaped(value)
}

/** Where the page's form goes; null when it has none. */
export function actionOf(html: string): string | null {
  const action = /<form[^>]* action="([^"]*)"/.exec(html)?.[1]
  return action === undefined ? null : unescaped(action)
}

/** The named lines of a page (`dt`, `dd`), in their order. */
export function detailsOf(html: string): ReadonlyMap<string, string> {
  const pairs = html.matchAll(/<dt>([^<]*)<\/dt>\s*<dd>(.*?)<\/dd>/gs)
  return new Map(
    [...pairs].map(([, name = '', value = '']) => [
      unescaped(name),
      unescaped(value.replaceAll(/<[^>]*>/g, '')),
    ]),
  )
}
