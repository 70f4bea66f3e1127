/** The responses in fixtures/xmlsec1, which the program xmlsec1 signed (record.ts), and what they say. */
import { readFileSync } from 'node:fs'
import type { Template } from './xmlsec1.ts'

export const recordings = new URL('../../fixtures/xmlsec1/', import.meta.url)

/** A recorded response: what `meant.json` tells of it. */
export type Recorded = Omit<Template, 'xml'> & { readonly file: string }

export function recordedResponses(): readonly (Recorded & { readonly xml: string })[] {
  const read = (file: string) => readFileSync(new URL(file, recordings), 'utf8')
  const meant: readonly Recorded[] = JSON.parse(read('meant.json'))
  return meant.map((it) => ({ ...it, xml: read(it.file) }))
}
