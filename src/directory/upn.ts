import { domainToASCII, domainToUnicode } from 'node:url'
import { refuse } from '../aadsts/reasons.ts'
import { asciiLowerCase, describeCharacter } from './characters.ts'

/** An e-mail address that passed `parseEmail`. */
export interface EmailAddress {
  /** As it was typed; ASCII. */
  readonly local: string
  /** Lower case, A-labels. */
  readonly domain: string
}

/** RFC 5321 section 4.5.3.1.1, and Graph's limit for a UPN. */
const maxLocalLength = 64
/** RFC 5321 section 4.5.3.1.3: a path of 256 less its angle brackets. */
const maxEmailLength = 254
/** Graph's `user` resource: 64 before the `@`, and with it and the domain no more than 113. */
const maxPrincipalNameLength = 113
/** RFC 1035 section 2.3.4. */
const maxLabelLength = 63
const maxDomainLength = 253
/** What is looked at at all: hostile input is cut off before any work. */
const maxInputLength = 1024

/** RFC 5322 section 3.2.3, dot-atom of ASCII `atext`: no quotes, comments, white space, encoded-words or empty atoms. */
const emailLocalPattern = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
/** The characters Graph allows before the `@` of a userPrincipalName; dots as in a dot-atom. */
const principalNameLocalPattern = /^[A-Za-z0-9'_!#^~-]+(\.[A-Za-z0-9'_!#^~-]+)*$/

const asciiLabelPattern = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/
/** Before IDNA: letters, marks and digits of any script. The dot stands between the labels, as U+002E only. */
const unicodeLabelPattern = /^[\p{L}\p{M}\p{Nd}]([\p{L}\p{M}\p{Nd}-]*[\p{L}\p{M}\p{Nd}])?$/u
/** A last label of digits, or of hexadecimal in the manner of URLs, would be an address and no name. */
const numericLabelPattern = /^(\d+|0x[0-9a-f]*)$/

/**
 * Reads an e-mail address strictly (RFC 5322 addr-spec reduced to dot-atom @ domain; saml-security R22): exactly one `@`, an
 * ASCII local part of 64 characters at most, a DNS domain, 254 characters in all. White space around it is not forgiven: a
 * form trims what a person typed, and what an identity provider sent has none. Refuses with `emailMalformed`.
 */
export function parseEmail(text: string): EmailAddress {
  const reading = readEmail(text)
  if (!('problem' in reading)) return reading
  return refuse('emailMalformed', {
    expected: 'an address such as name@domain',
    actual: text.length > maxEmailLength ? `${text.slice(0, maxEmailLength)}...` : text,
    hint: `The address cannot be used: ${reading.problem}.`,
  })
}

/** As `parseEmail`, for callers that collect problems: the address, or what is wrong with it. */
export function readEmail(text: string): EmailAddress | { readonly problem: string } {
  const address = readAddress(text, emailLocalPattern, maxEmailLength)
  if (!('problem' in address) && address.local.includes('=?')) {
    return { problem: 'the part before the @ is an encoded-word (RFC 2047)' }
  }
  return address
}

/**
 * What is wrong with a text as userPrincipalName of a user, or null: Graph's characters before the `@` (A-Z a-z 0-9 ' . - _ !
 * # ^ ~), 64 of them at most, a DNS domain, 113 characters in all. Narrower than `parseEmail`: the e-mail `a+b@customer.com`
 * may be typed, but no user here has it.
 */
export function principalNameProblem(text: string): string | null {
  const address = readAddress(text, principalNameLocalPattern, maxPrincipalNameLength)
  return 'problem' in address ? address.problem : null
}

/**
 * The key under which UPNs are compared: ASCII lower case before the `@` and the domain as `normalizeDomain` gives it. Total:
 * a text that is no UPN gets a key that no UPN has.
 */
export function principalNameKey(upn: string): string {
  const at = upn.indexOf('@')
  if (at <= 0 || at !== upn.lastIndexOf('@')) return asciiLowerCase(upn)
  const domain = normalizeDomain(upn.slice(at + 1))
  return `${asciiLowerCase(upn.slice(0, at))}@${domain ?? asciiLowerCase(upn.slice(at + 1))}`
}

/** The domain of a UPN in lower case A-labels, or null when it has none. */
export function principalNameDomain(upn: string): string | null {
  return normalizeDomain(upn.slice(upn.indexOf('@') + 1))
}

/** A domain name in lower case A-labels (IDNA, UTS #46), or null when the text is none. */
export function normalizeDomain(text: string): string | null {
  const reading = readDomain(text)
  return 'domain' in reading ? reading.domain : null
}

type DomainReading = { readonly domain: string } | { readonly problem: string }

/** What was read last: a list of a million people names the same few domains again and again. */
let last: { readonly text: string; readonly reading: DomainReading } | null = null

/**
 * Reads a DNS name of at least two labels: its normal form (lower case A-labels), or what is wrong with it. Characters that
 * only look like others (full-width letters, ligatures) are refused instead of mapped, since nobody types them honestly.
 */
export function readDomain(text: string): DomainReading {
  if (last?.text !== text) last = { text, reading: readOtherDomain(text) }
  return last.reading
}

function readOtherDomain(text: string): DomainReading {
  if (text.length > maxDomainLength) {
    return { problem: `the domain is longer than ${maxDomainLength} characters` }
  }
  const typed = asciiLowerCase(text)
  if (/^[a-z0-9.-]*$/.test(typed) && !typed.includes('xn--')) return checkLabels(typed)

  const composed = typed.normalize('NFC')
  const misfit = composed.split('.').find((label) => !unicodeLabelPattern.test(label))
  if (misfit !== undefined) return { problem: labelProblem(misfit) }
  // The Kelvin and Angstrom signs compose to plain letters, so that they would get past the comparison.
  if (composed.normalize('NFKC') !== composed || /[\u212A\u212B]/.test(text)) {
    return { problem: 'the domain has characters that only look like letters or digits' }
  }
  const encoded = domainToASCII(composed)
  // Node lets an A-label that decodes to nothing sensible stand as it is, in both directions.
  const decoded = domainToUnicode(encoded).split('.')
  if (encoded === '' || decoded.some((label) => label.startsWith('xn--'))) {
    return { problem: 'the domain is no valid internationalized name (IDNA)' }
  }
  return checkLabels(encoded)
}

/**
 * A domain and the domains above it, nearest first, without the bare top-level domain: `a.b.example` gives `a.b.example`,
 * `b.example`. Home-realm discovery takes the first that is known here. Takes a name in its normal form.
 */
export function domainAndAncestors(domain: string): readonly string[] {
  const labels = domain.split('.')
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))
}

function readAddress(
  text: string,
  localPattern: RegExp,
  maxLength: number,
): EmailAddress | { readonly problem: string } {
  if (text.length > maxInputLength) return { problem: 'it is far too long' }
  const at = text.indexOf('@')
  if (at === -1) return { problem: 'it has no @' }
  if (at !== text.lastIndexOf('@')) return { problem: 'it has more than one @' }
  if (at === 0) return { problem: 'nothing stands before the @' }
  if (at === text.length - 1) return { problem: 'nothing stands after the @' }

  const local = text.slice(0, at)
  if (local.length > maxLocalLength) {
    return { problem: `the part before the @ is longer than ${maxLocalLength} characters` }
  }
  if (!localPattern.test(local)) return { problem: localPartProblem(local, localPattern) }
  const reading = readDomain(text.slice(at + 1))
  if ('problem' in reading) return reading
  if (local.length + 1 + reading.domain.length > maxLength) {
    return { problem: `it is longer than ${maxLength} characters` }
  }
  return { local, domain: reading.domain }
}

function localPartProblem(local: string, pattern: RegExp): string {
  const outsider = [...local].find((character) => character !== '.' && !pattern.test(character))
  if (outsider !== undefined) {
    return `the part before the @ has the character ${describeCharacter(outsider)}, which is not allowed`
  }
  return 'a dot stands at the start or end of the part before the @, or next to another'
}

function checkLabels(domain: string): DomainReading {
  if (domain.length > maxDomainLength) {
    return { problem: `the domain is longer than ${maxDomainLength} characters` }
  }
  const labels = domain.split('.')
  const misfit = labels.find(
    (label) => label.length > maxLabelLength || !asciiLabelPattern.test(label),
  )
  if (misfit !== undefined) return { problem: labelProblem(misfit) }
  if (labels.length < 2) return { problem: 'the domain has no dot' }
  if (numericLabelPattern.test(labels.at(-1) ?? '')) {
    return { problem: 'the domain is a network address, not a name' }
  }
  return { domain }
}

function labelProblem(label: string): string {
  if (label === '') {
    return 'a dot stands at the start or end of the domain, or next to another'
  }
  if (label.length > maxLabelLength) {
    return `a part of the domain between dots is longer than ${maxLabelLength} characters`
  }
  if (label.startsWith('-') || label.endsWith('-')) {
    return 'a part of the domain begins or ends with a hyphen'
  }
  const outsider = [...label].find((character) => !/[\p{L}\p{M}\p{Nd}-]/u.test(character))
  if (outsider !== undefined) {
    return `the domain has the character ${describeCharacter(outsider)}, which is not allowed`
  }
  return 'a part of the domain is no valid label'
}
