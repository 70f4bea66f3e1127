import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { refuse } from '../../aadsts/reasons.ts'
import type { RandomSource } from '../../lib/ids.ts'

/** Cost of scrypt (RFC 7914 section 2): 128 * r * 2^logN bytes of memory, p times over. */
export interface ScryptCost {
  readonly logN: number
  readonly r: number
  readonly p: number
}

/** OWASP Password Storage Cheat Sheet: N = 2^17, r = 8, p = 1, which takes 128 MiB. */
export const defaultCost: ScryptCost = { logN: 17, r: 8, p: 1 }

/** What a stored hash may ask for at most, so that a forged row cannot take the machine's memory. */
const MOST_MEMORY = 512 * 1024 * 1024
const SALT_BYTES = 16
const HASH_BYTES = 32

/** How many run at once (each has 128 MiB), how many wait before the next is turned away, and how many of them for one address. */
const AT_ONCE = 2
const MOST_WAITING = 50
const MOST_WAITING_OF_ONE = 10

/** Who waits in line. Without one, whoever runs the machine. */
export interface Place {
  readonly address: string
  /** A browser that the user signed in with before goes first, so that a flood of guesses keeps no owner out. */
  readonly isFamiliar: boolean
}

export interface PasswordHasher {
  /** The PHC string `$scrypt$ln=17,r=8,p=1$salt$hash`. */
  hash(password: string): Promise<string>
  /** Against a stored hash, or against one that nothing matches, with the same work. */
  verify(password: string, stored: string | null, place?: Place): Promise<boolean>
  /** Whether a hash was made with another cost than new ones are. */
  isOutdated(stored: string): boolean
}

/**
 * Hashes passwords off the event loop, two at a time. Refuses with `tooManyRequests` when too many wait. Passwords are taken
 * in NFKC, so that one typed on another keyboard is the same (RFC 8265 section 4).
 */
export function passwordHasher(
  random: RandomSource,
  cost: ScryptCost = defaultCost,
): PasswordHasher {
  const turn = turnstile(AT_ONCE)
  // Nobody's hash: its password would have to be found first.
  const nobodys = phc(cost, random(SALT_BYTES), random(HASH_BYTES))

  return {
    async hash(password) {
      const salt = random(SALT_BYTES)
      return phc(cost, salt, await turn(() => derive(password, salt, cost)))
    },
    async verify(password, stored, place) {
      const parsed = parsePhc(stored ?? nobodys)
      const derived = await turn(() => derive(password, parsed.salt, parsed.cost), place)
      const isEqual = timingSafeEqual(derived, parsed.hash)
      return isEqual && stored !== null
    },
    isOutdated: (stored) => !stored.startsWith(phcStart(cost)),
  }
}

/**
 * The same hasher for programs: their passwords are hashed one at a time among themselves, so that people who sign in keep half of the
 * work and the whole line, however many passwords a program sends at once.
 */
export function hasherForApps(hasher: PasswordHasher): PasswordHasher {
  const turn = turnstile(1)
  return { ...hasher, hash: (password) => turn(() => hasher.hash(password)) }
}

function derive(password: string, salt: Buffer, { logN, r, p }: ScryptCost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: MOST_MEMORY }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}

const phcStart = ({ logN, r, p }: ScryptCost): string => `$scrypt$ln=${logN},r=${r},p=${p}$`

function phc(cost: ScryptCost, salt: Buffer, hash: Buffer): string {
  return `${phcStart(cost)}${base64(salt)}$${base64(hash)}`
}

/** PHC strings have base64 without padding. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}

const phcPattern =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/

function parsePhc(text: string): { cost: ScryptCost; salt: Buffer; hash: Buffer } {
  const [, logN, r, p, salt = '', hash = ''] = phcPattern.exec(text) ?? []
  if (logN === undefined) throw new Error('a stored password hash is none of ours')
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  }
}

/**
 * Lets `atOnce` through; the others wait, the familiar ones before the rest. Whoever finds their line full, or too many of their own
 * address in it, is refused. A client that hangs up keeps its place: the work of a flood is bounded, not its connections.
 */
function turnstile(atOnce: number) {
  let inside = 0
  const lines = { familiar: [] as Waiting[], others: [] as Waiting[] }
  return async <T>(work: () => Promise<T>, place: Place | null = null): Promise<T> => {
    if (inside >= atOnce) {
      const line = place?.isFamiliar ? lines.familiar : lines.others
      const own =
        place === null ? 0 : line.filter(({ address }) => address === place.address).length
      if (line.length >= MOST_WAITING || own >= MOST_WAITING_OF_ONE) {
        refuse('tooManyRequests', {
          expected: `at most ${MOST_WAITING} sign-ins in line, ${MOST_WAITING_OF_ONE} of one address`,
        })
      }
      // Whoever leaves hands the place over, so that nobody slips in between.
      await new Promise<void>((go) => line.push({ address: place?.address ?? null, go }))
    } else inside++
    try {
      return await work()
    } finally {
      const next = lines.familiar.shift() ?? lines.others.shift()
      if (next === undefined) inside--
      else next.go()
    }
  }
}

interface Waiting {
  readonly address: string | null
  readonly go: () => void
}
