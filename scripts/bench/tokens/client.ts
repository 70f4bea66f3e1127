import { Agent, type IncomingHttpHeaders, request } from 'node:http'

/** An answer, read to its end. */
export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sees a request through, known by its method and path. */
export type Watch = (name: string, work: () => Promise<Answered>) => Promise<Answered>

/** A path without what is another one each time: `/signin/app/{id}`. */
function nameOf(url: string): string {
  return new URL(url).pathname
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, '{tenant}')
    .replace(/[\w-]{21,}$/, '{id}')
}

/** A browser, or an app, as far as it costs a server anything: it keeps connections and cookies. It follows no redirect by itself. */
export class Client {
  readonly cookies = new Map<string, { readonly value: string; readonly path: string }>()
  readonly #agent: Agent
  readonly #watch: Watch

  constructor(agent: Agent, watch: Watch = (_name, work) => work()) {
    this.#agent = agent
    this.#watch = watch
  }

  /** Another one over the same connections, without the cookies: the app. */
  alone(): Client {
    return new Client(this.#agent, this.#watch)
  }

  get(url: string): Promise<Answered> {
    return this.#watched('GET', url, null)
  }

  post(url: string, fields: Record<string, string>): Promise<Answered> {
    return this.#watched('POST', url, new URLSearchParams(fields).toString())
  }

  #watched(method: string, url: string, form: string | null): Promise<Answered> {
    return this.#watch(`${method} ${nameOf(url)}`, () => this.#send(method, url, form))
  }

  #send(method: string, url: string, form: string | null): Promise<Answered> {
    const { host, port, pathname, search } = new URL(url)
    const cookie = this.#cookiesFor(pathname)
    const headers = {
      host,
      ...(cookie !== '' && { cookie }),
      ...(form !== null && {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(form),
      }),
    }
    // By address: a name is looked up in another thread, which takes turns with everything else.
    const options = { agent: this.#agent, host: '127.0.0.1', port, path: pathname + search }
    return new Promise((resolve, reject) => {
      const sent = request({ ...options, method, headers }, (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('error', reject)
        res.on('end', () => {
          this.#keep(res.headers['set-cookie'] ?? [], pathname)
          const body = Buffer.concat(chunks).toString('utf8')
          resolve({ status: res.statusCode ?? 0, headers: res.headers, body })
        })
      })
      sent.on('error', reject)
      sent.end(form ?? undefined)
    })
  }

  #cookiesFor(pathname: string): string {
    return [...this.cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
  }

  #keep(lines: readonly string[], pathname: string): void {
    for (const line of lines) {
      const [pair = ''] = line.split(';', 1)
      const mark = pair.indexOf('=')
      const [name, value] = [pair.slice(0, mark), pair.slice(mark + 1)]
      const path = /; *path=([^;]+)/i.exec(line)?.[1] ?? pathname
      if (value === '' || /; *max-age=0/i.test(line)) this.cookies.delete(name)
      else this.cookies.set(name, { value, path })
    }
  }
}

export const keptAlive = (connections: number): Agent =>
  new Agent({ keepAlive: true, maxSockets: connections })
