/**
 * Whether a database keeps a text exactly. A lone surrogate has no UTF-8 form and would be kept as U+FFFD, like every other
 * one, so that two different texts would become equal. PostgreSQL cannot keep U+0000.
 */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/** Throws a `TypeError` for a value that records are found by and that would not be kept exactly. */
export function mustBeStorable(property: string, text: string | null): void {
  if (text === null || isStorable(text)) return
  throw new TypeError(`${property} has a lone surrogate or the character U+0000`)
}

/** Order of the code points, which is also that of the UTF-8 bytes: the order in which databases list texts. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** What stands after the `@` of a UPN's key. */
export function domainOfKey(key: string): string {
  return key.slice(key.lastIndexOf('@') + 1)
}
