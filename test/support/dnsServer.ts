import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** How a server answers for one name: its records by type, or an RCODE (RFC 1035 section 4.1.1), or not at all. */
export type DnsAnswer =
  | {
      readonly TXT?: readonly (readonly string[])[]
      readonly NS?: readonly string[]
      readonly A?: readonly string[]
    }
  | 'NXDOMAIN'
  | 'SERVFAIL'
  | 'REFUSED'
  | 'silence'

const types = { A: 1, NS: 2, TXT: 16, AAAA: 28 } as const
const rcodes = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const

/** A DNS server over UDP that knows what it was told (RFC 1035 section 4). */
export interface DnsServer {
  readonly address: string
  readonly port: number
  /** What it was asked, in order: `TXT customer.com`. */
  readonly asked: string[]
  zone: Readonly<Record<string, DnsAnswer>>
  close(): Promise<void>
}

/** Port 0 takes a free one. A name that the zone has not is NXDOMAIN. */
export async function startDnsServer(
  zone: DnsServer['zone'],
  { address = '127.0.0.1', port = 0 } = {},
): Promise<DnsServer> {
  const socket: Socket = createSocket('udp4')
  const asked: string[] = []
  const server: DnsServer = {
    address,
    get port() {
      return socket.address().port
    },
    asked,
    zone,
    async close() {
      socket.close()
      await once(socket, 'close')
    },
  }
  socket.on('message', (query, from) => {
    const { name, type, end } = questionOf(query)
    const typeName = Object.entries(types).find(([, code]) => code === type)?.[0] ?? String(type)
    asked.push(`${typeName} ${name}`)
    const answer = server.zone[name] ?? 'NXDOMAIN'
    if (answer === 'silence') return
    socket.send(reply(query.subarray(0, end), typeName, answer), from.port, from.address)
  })
  socket.bind(port, address)
  await once(socket, 'listening')
  return server
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function reply(question: Buffer, type: string, answer: Exclude<DnsAnswer, 'silence'>): Buffer {
  const records = typeof answer === 'string' ? [] : recordsOf(answer, type)
  const header = Buffer.from(question.subarray(0, 12))
  // A response, authoritative, recursion available; one question, and no records after the answers.
  header.writeUInt16BE(0x8580 | (typeof answer === 'string' ? rcodes[answer] : 0), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(records.length, 6)
  header.writeUInt32BE(0, 8)
  return Buffer.concat([header, question.subarray(12), ...records])
}

function recordsOf(answer: Exclude<DnsAnswer, string>, type: string): readonly Buffer[] {
  switch (type) {
    case 'TXT':
      return (answer.TXT ?? []).map((strings) =>
        record(types.TXT, Buffer.concat(strings.map((text) => lengthAnd(text)))),
      )
    case 'NS':
      return (answer.NS ?? []).map((name) => record(types.NS, nameBytes(name)))
    case 'A':
      return (answer.A ?? []).map((ip) => record(types.A, Buffer.from(ip.split('.').map(Number))))
    default:
      return []
  }
}

/** The name is a pointer to the question's (RFC 1035 section 4.1.4); class IN, TTL 60. */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(60, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

function lengthAnd(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}

function nameBytes(name: string): Buffer {
  return Buffer.concat([...name.split('.').map(lengthAnd), Buffer.from([0])])
}
