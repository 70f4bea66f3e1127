/** What one DNS server said when it was asked for a domain's TXT records. */
export interface TxtAnswer {
  /** As the admin knows it: `ns1.example.com (192.0.2.1)`. */
  readonly server: string
  /** The records, the strings of each joined (RFC 7208 section 3.3 reads them so); or the error code of node:dns. */
  readonly said: { readonly records: readonly string[] } | { readonly error: string }
}

/** Why a domain is not verified by its TXT record. */
export type TxtProblem =
  | 'noSuchDomain'
  | 'noTxtRecord'
  | 'otherCode'
  | 'noCode'
  | 'serversDisagree'
  | 'timeout'
  | 'serverFailure'
  | 'refused'

export interface TxtFinding {
  /** Null when the record is there. */
  readonly problem: TxtProblem | null
  /** Whole sentences for the admin: what was found, and what to do. */
  readonly message: string
  readonly answers: readonly TxtAnswer[]
}

/** An answer in one word. A server that did not answer says nothing about the record. */
type Kind = 'present' | Exclude<TxtProblem, 'serversDisagree'>

/** c-ares' codes, as node:dns has them; everything else is a failure of the server. */
const problemOfCode: ReadonlyMap<string, Kind> = new Map([
  ['ENOTFOUND', 'noSuchDomain'],
  ['ENODATA', 'noTxtRecord'],
  ['ETIMEOUT', 'timeout'],
  ['ECONNREFUSED', 'timeout'],
  ['EREFUSED', 'refused'],
])

const verificationCode = /^MS=/i

/**
 * Whether the servers agree that the record `code` is there. All that answered must have it: a server without it may be the one that
 * was never changed, or the one that tells the truth. Those that did not answer are passed over as long as another did.
 */
export function judgeTxtAnswers(
  domain: string,
  code: string,
  answers: readonly TxtAnswer[],
): TxtFinding {
  const kinds = answers.map((answer) => ({ ...answer, kind: kindOf(answer, code) }))
  const answered = kinds.filter(({ kind }) => isAnswer(kind))
  const [first] = answered.length > 0 ? answered : kinds
  const kind = first?.kind ?? 'timeout'
  const differ = answered.some((each) => each.kind !== kind)
  const silent = kinds.filter((each) => !isAnswer(each.kind)).map(({ server }) => server)
  if (answered.length === 0 || !differ) {
    const problem = kind === 'present' ? null : kind
    return { problem, answers, message: sentence(kind, { domain, code, answers, silent }) }
  }
  const named = answered.map((each) => `${each.server} ${inWords[each.kind]}`)
  return {
    problem: 'serversDisagree',
    answers,
    message: `The name servers of ${domain} disagree: ${named.join('; ')}. A change takes a while to reach all of them, up to the TTL of the old answer: try again later, or mend the server that lags behind.`,
  }
}

function isAnswer(kind: Kind): boolean {
  return kind !== 'timeout' && kind !== 'serverFailure' && kind !== 'refused'
}

function kindOf({ said }: TxtAnswer, code: string): Kind {
  if ('error' in said) return problemOfCode.get(said.error) ?? 'serverFailure'
  if (said.records.some((record) => record.trim() === code)) return 'present'
  if (said.records.length === 0) return 'noTxtRecord'
  return said.records.some((record) => verificationCode.test(record.trim()))
    ? 'otherCode'
    : 'noCode'
}

const inWords: Record<Kind, string> = {
  present: 'has the record',
  noSuchDomain: 'says that there is no such domain (NXDOMAIN)',
  noTxtRecord: 'has no TXT record',
  otherCode: 'has another MS= value',
  noCode: 'has TXT records, and none of ours',
  timeout: 'did not answer',
  serverFailure: 'failed (SERVFAIL)',
  refused: 'refused to answer (REFUSED)',
}

function sentence(
  kind: Kind,
  about: {
    readonly domain: string
    readonly code: string
    readonly answers: readonly TxtAnswer[]
    readonly silent: readonly string[]
  },
): string {
  const { domain, code, answers, silent } = about
  const record = `a TXT record at ${domain} with the text ${code}`
  const servers = answers.map(({ server }) => server).join(', ')
  switch (kind) {
    case 'present':
      return silent.length === 0
        ? `The TXT record of ${domain} is there.`
        : `The TXT record of ${domain} is there. No answer came from ${silent.join(', ')}.`
    case 'noSuchDomain':
      return `There is no domain ${domain} in the DNS (NXDOMAIN). Is it spelt right, registered, and delegated to name servers that know it?`
    case 'noTxtRecord':
      return `${domain} has no TXT record. Add ${record}.`
    case 'noCode':
      return `${domain} has TXT records, and none of them is ours. Add ${record} beside them.`
    case 'otherCode':
      return `${domain} has another MS= value: ${foundCodes(answers)}. That of another tenant may stay; add ${record} beside it.`
    case 'timeout':
      return `No answer came in time from ${servers}. Is DNS let out of this network? Otherwise name servers that can be reached in HOMEREALM_DNS_SERVERS and add --resolver-only; in a closed network say --trust.`
    case 'serverFailure':
      return `${servers} failed (SERVFAIL). The zone may be broken, or its DNSSEC signatures expired: ask whoever runs it.`
    case 'refused':
      return `${servers} refused to answer for ${domain} (REFUSED). Is the domain delegated to servers that do not know it?`
  }
}

function foundCodes(answers: readonly TxtAnswer[]): string {
  const records = answers.flatMap(({ said }) => ('records' in said ? said.records : []))
  const codes = new Set(records.filter((record) => verificationCode.test(record.trim())))
  return [...codes]
    .slice(0, 5)
    .map((text) => text.slice(0, 80))
    .join(', ')
}
