import { classifyDifference, differenceClass, differenceInWords } from '../anchorDifference.ts'
import { principalNameDomain, principalNameKey } from '../upn.ts'
import type { DriftClass } from './classes.ts'
import type { Pairing, PersonHere, Repetition } from './ports.ts'

export interface Finding {
  readonly class: DriftClass
  /** One sentence for the admin, with no ImmutableId in it; null where the class says all. */
  readonly remark: string | null
}

/** Whether a domain's people sign in at an identity provider. Takes its normal form. */
export type IsFederated = (domain: string) => boolean

/** `line` or `resource`: what the other side's file counts. */
export type PlaceNoun = 'line' | 'resource'

/**
 * The one class of a person who is in the file. What lets somebody in as somebody else comes first; then what makes a comparison pointless;
 * then the ImmutableIds.
 */
export function classifyPairing(
  pairing: Pairing,
  isFederated: IsFederated,
  place: PlaceNoun,
): Finding {
  const { there, here, holder } = pairing
  if (there.problem !== null) return { class: 'unreadable', remark: there.problem }
  if (pairing.sameLogin !== null) return repeated('login', pairing.sameLogin, place)
  if (pairing.sameAnchor !== null) return repeated('ImmutableId', pairing.sameAnchor, place)
  if (holder !== null && there.isEnabled) {
    const remark = `It is the ImmutableId of ${holder.userPrincipalName} here.`
    return { class: holder.isSwap ? 'swapped' : 'anothers', remark }
  }
  const name = here?.userPrincipalName ?? (there.login.includes('@') ? there.login : there.email)
  const aside = setAside(name ?? there.login, isFederated)
  if (aside !== null) return aside

  const compared = here === null ? onlyThere : compareAnchors(pairing, here)
  const isDisabledHere = here !== null && !here.accountEnabled
  if (there.isEnabled && !isDisabledHere) return compared
  const side = isDisabledHere ? (there.isEnabled ? 'here' : 'there and here') : 'there'
  return disabled(side, compared)
}

/** The one class of a user here who is not in the file. */
export function classifyOnlyHere(here: PersonHere, isFederated: IsFederated): Finding {
  const aside = setAside(here.userPrincipalName, isFederated)
  if (aside !== null) return aside
  const finding: Finding = { class: 'onlyHere', remark: null }
  return here.accountEnabled ? finding : disabled('here', finding)
}

const onlyThere: Finding = { class: 'onlyThere', remark: null }

function setAside(name: string, isFederated: IsFederated): Finding | null {
  const domain = name.includes('@') ? principalNameDomain(name) : null
  if (domain !== null && isFederated(domain)) return null
  const remark = domain === null ? 'There is no domain in the name.' : `The domain is ${domain}.`
  return { class: 'notFederated', remark }
}

function compareAnchors({ there, pairedBy }: Pairing, here: PersonHere): Finding {
  const foundByMail = pairedBy === 'email' ? 'Found by e-mail.' : null
  const stored = here.onPremisesImmutableId
  if (there.anchor === null || stored === null) {
    if (there.anchor !== null) return { class: 'noAnchorHere', remark: foundByMail }
    return { class: stored === null ? 'noAnchor' : 'noAnchorThere', remark: foundByMail }
  }
  const difference = classifyDifference(there.anchor, stored)
  if (difference !== null) {
    const words = `The ImmutableId there ${differenceInWords(difference)}.`
    const remark = [foundByMail, words].filter(Boolean).join(' ')
    return { class: differenceClass(difference), remark }
  }
  const isSameName = principalNameKey(there.login) === principalNameKey(here.userPrincipalName)
  if (isSameName) return { class: 'equal', remark: null }
  return { class: 'upnDiffers', remark: foundByMail ?? 'Found by ImmutableId.' }
}

function repeated(what: string, { count, firstPlace }: Repetition, place: PlaceNoun): Finding {
  const remark = `${count} rows have this ${what}, the first of them ${place} ${firstPlace}.`
  return { class: 'duplicate', remark }
}

function disabled(side: string, besides: Finding): Finding {
  const more = besides.class === 'equal' ? '' : ` Besides: ${besides.class}.`
  return { class: 'disabled', remark: `Disabled ${side}.${more}` }
}
