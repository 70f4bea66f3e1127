import { refuse } from '../../aadsts/reasons.ts'
import { check } from './check.ts'

/** NameIDs longer than this belong to nobody (an ImmutableId has 64 characters at most; R3). */
const NAME_ID_LIMIT = 256

/** The authentication itself must be stated, once (SAML profiles 4.1.4.2; R15). */
export const authnStatement = check('authnStatement', ['verified'], ({ verified }) => {
  const [statement, ...more] = verified.assertion.authnStatements
  if (statement === undefined || more.length > 0) {
    refuse('authnStatementMissing', {
      expected: 'one AuthnStatement',
      actual: statement === undefined ? 'none' : String(more.length + 1),
    })
  }
  if (statement.authnInstant === null) {
    refuse('authnStatementMissing', { expected: 'AuthnInstant', actual: 'none' })
  }
  return {
    expected: 'one AuthnStatement',
    actual: statement.classRef ?? 'one, without AuthnContextClassRef',
  }
})

/** Each attribute once and with a name, so that no reader can take the other one (R17). */
export const attributes = check('attributes', ['verified'], ({ verified }) => {
  const names = new Set<string>()
  for (const { name } of verified.assertion.attributes) {
    if (name === '' || names.has(name)) {
      refuse('attributeMalformed', {
        expected: 'each attribute once, with a Name',
        actual: name === '' ? 'an attribute without Name' : `'${name}' twice`,
      })
    }
    names.add(name)
  }
  return { actual: names.size === 0 ? 'none' : [...names].join(', ') }
})

/**
 * The NameID as one plain text of an accepted format (R16). White space around it, format characters and look-alike
 * compositions are refused here by name, though the byte-exact look-up would not match them either.
 */
export const nameId = check('nameId', ['verified', 'federation'], ({ verified, federation }) => {
  const { assertion } = verified
  const found = assertion.nameId
  if (found === null || assertion.identifierCount !== 1 || found.value === '') {
    refuse('nameIdMissing', {
      expected: 'one NameID with a value',
      actual:
        ['none', 'an empty NameID'][assertion.identifierCount] ??
        `${assertion.identifierCount} elements that could be one`,
    })
  }
  const format = found.format ?? 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'
  if (!federation.nameIdFormats.includes(format)) {
    refuse('nameIdFormatNotAllowed', {
      expected: federation.nameIdFormats.join(' or '),
      actual: format,
    })
  }
  const fault = nameIdFault(found.value, found.hasChildren)
  if (fault !== null) refuse('nameIdMalformed', { expected: 'plain text', actual: fault })
  return {
    expected: federation.nameIdFormats.join(' or '),
    actual: format,
    found: { nameId: found.value },
  }
})

function nameIdFault(value: string, hasChildren: boolean): string | null {
  if (hasChildren) return 'elements inside the NameID'
  if (value.length > NAME_ID_LIMIT) return `${value.length} characters, more than ${NAME_ID_LIMIT}`
  if (value !== value.trim()) return 'white space around the value'
  const position = value.search(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  if (position >= 0) {
    const code = value.codePointAt(position) ?? 0
    return `the character U+${code.toString(16).toUpperCase().padStart(4, '0')} at position ${position + 1}`
  }
  if (value !== value.normalize('NFC')) return 'a text that is not in Unicode normalization form C'
  return null
}
