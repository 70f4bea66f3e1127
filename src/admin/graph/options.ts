import { closestWord } from '../../directory/closest.ts'
import { badRequest, quoted, unsupportedQuery } from './error.ts'

/** The query options that this server has, as Graph spells them. */
export type OptionName = '$select' | '$filter' | '$top' | '$orderby' | '$count' | '$skipToken'

/** Those that Graph has beside them, so that the message can say so. */
const unsupported = ['$expand', '$search', '$skip', '$apply', '$compute', '$format', '$levels']
const known: readonly OptionName[] = [
  '$select',
  '$filter',
  '$top',
  '$orderby',
  '$count',
  '$skipToken',
]
/** Not an option: Graph's clients may put the correlation id here. */
const passedOver = new Set(['client-request-id'])

const byFoldedName = new Map<string, OptionName>(known.map((name) => [name.toLowerCase(), name]))

export type Options = ReadonlyMap<OptionName, string>

/**
 * The options of a query, each at most once, those alone that the resource has (`allowed`). The `$` may be left out and letters may be
 * in any case, as in Graph (OData URL conventions 4.01 section 5.1). Throws 400, by name, for anything else: an option that is passed
 * over in silence would answer another question than the one that was asked.
 */
export function readOptions(query: string, allowed: readonly OptionName[]): Options {
  const options = new Map<OptionName, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const folded = name.toLowerCase()
    if (passedOver.has(folded)) continue
    const option = byFoldedName.get(folded.startsWith('$') ? folded : `$${folded}`)
    if (option === undefined) return unknownOption(name)
    if (!allowed.includes(option)) {
      const there = allowed.length === 0 ? 'It has none.' : `It has ${allowed.join(', ')}.`
      unsupportedQuery(
        option,
        `The query option ${option} is not supported for this resource. ${there}`,
      )
    }
    if (options.has(option))
      badRequest(option, `The query option ${option} is there more than once.`)
    options.set(option, value)
  }
  return options
}

function unknownOption(name: string): never {
  const shown = quoted(name)
  if (unsupported.includes(name.toLowerCase())) {
    return unsupportedQuery(name, `The query option ${shown} is not supported.`)
  }
  const near = closestWord(name, known)
  const advice = near === null ? `There are ${known.join(', ')}.` : `Is ${near} meant?`
  return unsupportedQuery(shown, `${shown} is no query option here. ${advice}`)
}

/** The properties in `$select`, each once; null when it is not there. Throws 400 for one that the resource has not. */
export function readSelect(
  options: Options,
  resource: string,
  properties: readonly string[],
): readonly string[] | null {
  const text = options.get('$select')
  if (text === undefined) return null
  if (text.length > 4096) badRequest('$select', 'The $select has more than 4096 characters.')
  const names: string[] = []
  for (const name of text.split(',').map((each) => each.trim())) {
    const property = sameName(name, properties)
    if (property !== undefined) {
      names.push(property)
      continue
    }
    if (name === '') badRequest('$select', 'The $select has an empty name.')
    const near = closestWord(name, properties)
    const advice = near === null ? '' : ` Is ${near} meant?`
    const message = `Could not find a property named '${quoted(name)}' on type 'microsoft.graph.${resource}'.${advice}`
    badRequest('$select', message)
  }
  return [...new Set(names)]
}

/** The property of that name, in whatever case it is written: PowerShell sends names as its user typed them. */
export function sameName<P extends string>(name: string, properties: Iterable<P>): P | undefined {
  const folded = name.toLowerCase()
  for (const property of properties) if (property.toLowerCase() === folded) return property
  return undefined
}

export const largestPage = 999

/** `$top`: how many records a page has, 1 to 999 as in Graph. */
export function readTop(options: Options, usual: number): number {
  const text = options.get('$top')
  if (text === undefined) return usual
  const top = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (top >= 1 && top <= largestPage) return top
  return badRequest(
    '$top',
    `Invalid page size specified: '${quoted(text)}'. Must be between 1 and ${largestPage} inclusive.`,
  )
}

/** `$count=true`: whether the number of all records is wanted beside the page. */
export function readCount(options: Options): boolean {
  const text = options.get('$count') ?? 'false'
  if (text === 'true' || text === 'false') return text === 'true'
  return badRequest('$count', `$count must be true or false, and is '${quoted(text)}'.`)
}

export interface Order<P extends string> {
  readonly property: P
  readonly descending: boolean
}

/** `$orderby`: one property, `asc` or `desc`; null when it is not there. */
export function readOrder<P extends string>(
  options: Options,
  properties: readonly P[],
): Order<P> | null {
  const text = options.get('$orderby')
  if (text === undefined) return null
  const [name = '', direction = 'asc', ...more] = text.trim().split(/ +/)
  const property = sameName(name, properties)
  const folded = direction.toLowerCase()
  if (property === undefined || more.length > 0 || (folded !== 'asc' && folded !== 'desc')) {
    const message = `Unsupported sort: '${quoted(text)}'. Sort by ${properties.join(' or ')}, one property, with asc or desc.`
    return unsupportedQuery('$orderby', message)
  }
  return { property, descending: folded === 'desc' }
}
