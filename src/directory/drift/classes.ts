import type { DifferenceClass } from '../anchorDifference.ts'

export type DriftClass =
  | DifferenceClass
  | 'equal'
  | 'upnDiffers'
  | 'noAnchorThere'
  | 'noAnchorHere'
  | 'noAnchor'
  | 'swapped'
  | 'anothers'
  | 'duplicate'
  | 'onlyThere'
  | 'onlyHere'
  | 'disabled'
  | 'notFederated'
  | 'unreadable'

export interface DriftClassFacts {
  /** What is so, as a person says it. `there` is the file's side. */
  readonly words: string
  /** What to do; null where nothing needs doing. */
  readonly advice: string | null
}

const inForm = (words: string): DriftClassFacts => ({
  words,
  advice: 'write the same on both sides; --repair-okta, --repair-here',
})

/**
 * Every class that a person of a comparison can be in, in the order of reports. Each person is in one; classify.ts says which. A class
 * with advice is a difference, and ends the command with status 1.
 */
export const driftClasses: Readonly<Record<DriftClass, DriftClassFacts>> = {
  equal: { words: 'the same person, the same ImmutableId', advice: null },
  anothers: {
    words: 'has there the ImmutableId of ANOTHER user here, and would sign in as that one',
    advice: 'correct it before anybody signs in; --repair-okta, --repair-here',
  },
  swapped: {
    words: 'two people have each other’s ImmutableId, and would sign in as each other',
    advice: 'correct it before anybody signs in; --repair-okta, --repair-here',
  },
  duplicate: {
    words: 'several rows there have the same login or the same ImmutableId',
    advice: 'leave one row of each person, and give each an ImmutableId of their own',
  },
  case: inForm('differs in upper and lower case'),
  whiteSpace: inForm('differs in white space'),
  byteOrderMark: inForm('has a byte order mark or another invisible character on one side'),
  padding: inForm('differs in the padding (=) at the end'),
  base64url: inForm('is base64url on one side'),
  hex: inForm('is hexadecimal on one side'),
  guidText: inForm('is GUID text on one side'),
  guidByteOrder: inForm('has the bytes of the GUID in another order (RFC 4122 against .NET)'),
  plusAsDot2B: inForm('has + written as .2B on one side'),
  urlEncoding: inForm('is URL-encoded on one side'),
  spreadsheet: inForm('was damaged by a spreadsheet on one side'),
  tooLong: {
    words: 'has an ImmutableId there of more than 64 characters, which nobody here can have',
    advice: 'shorten it there; --repair-okta',
  },
  different: {
    words: 'has another ImmutableId there than here',
    advice: 'find out which is right; --repair-okta, --repair-here',
  },
  noAnchorThere: { words: 'has no ImmutableId there', advice: 'set it there; --repair-okta' },
  noAnchorHere: { words: 'has no ImmutableId here', advice: 'set it here; --repair-here' },
  noAnchor: {
    words: 'has no ImmutableId on either side',
    advice: 'make one: homerealm users import FILE.csv --generate-anchors --okta-out OKTA.csv',
  },
  upnDiffers: {
    words: 'has the same ImmutableId, and there another login than the UPN here',
    advice:
      'they sign in as the user here: make sure that it is they, and rename one side (users import --match-on immutableId)',
  },
  onlyThere: { words: 'is in the file, and no user here', advice: 'add them; --repair-here' },
  onlyHere: {
    words: 'is a user here, and not in the file',
    advice: 'a leaver? Remove them here (users import --delete-missing)',
  },
  unreadable: { words: 'cannot be read', advice: 'correct the row' },
  disabled: { words: 'is disabled there or here, and cannot sign in anyway', advice: null },
  notFederated: { words: 'is in a domain that is not federated here', advice: null },
}

export const driftClassNames = Object.keys(driftClasses) as readonly DriftClass[]

/** Whether people of this class lock somebody out, or let the wrong one in. */
export function isDrift(name: DriftClass): boolean {
  return driftClasses[name].advice !== null
}
