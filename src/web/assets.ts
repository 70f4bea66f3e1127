import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

/** A file that pages load from this server. */
export interface Asset {
  readonly contentType: string
  readonly body: Buffer
  /** The first 16 characters of the SHA-256 of the body, base64url. */
  readonly hash: string
  /** Strong entity tag, quoted (RFC 9110 section 8.8.3). */
  readonly etag: string
  /** Path with the hash as its version: what pages link to. */
  readonly url: string
}

const folder = new URL('./assets/', import.meta.url)

const contentTypes = new Map([
  ['css', 'text/css; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['svg', 'image/svg+xml'],
])

/** The parts of style.css in the order of their weight: a later one overrides an earlier one. */
const styleParts = ['base', 'controls', 'content', 'adapt']

/** Name (`style.css`) to asset, for `GET /assets/{name}`. Read once, when the module is loaded. */
export const assets: ReadonlyMap<string, Asset> = new Map([
  ['style.css', assetFrom('style.css', Buffer.concat(styleParts.map(readStylePart)))],
  ...readdirSync(folder).map((name): [string, Asset] => [
    name,
    assetFrom(name, readFileSync(new URL(name, folder))),
  ]),
])

/** The asset of that name; throws an Error for one that is not there. */
export function asset(name: string): Asset {
  const found = assets.get(name)
  if (!found) throw new Error(`web/assets/${name} is missing`)
  return found
}

/**
 * `Cache-Control` for an asset asked for with `?v=version`. For ever only if the version is the one at hand: while two versions
 * of the server run side by side, the other's link must not pin our file in a cache.
 */
export function assetCacheControl({ hash }: Asset, version: unknown): string {
  return version === hash ? 'public, max-age=31536000, immutable' : 'no-cache'
}

function readStylePart(name: string): Buffer {
  return readFileSync(new URL(`./styles/${name}.css`, import.meta.url))
}

function assetFrom(name: string, body: Buffer): Asset {
  const contentType = contentTypes.get(name.slice(name.lastIndexOf('.') + 1))
  if (contentType === undefined)
    throw new Error(`web/assets/${name}: no content type is known for it`)
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16)
  return { contentType, body, hash, etag: `"${hash}"`, url: `/assets/${name}?v=${hash}` }
}
