/** Text from outside may hold terminal control sequences: they are shown, not obeyed. Line breaks of our own stay. */
export function printable(text: string): string {
  return text.split('\n').map(printableLine).join('\n')
}

/** The same for one value from outside, which must not be able to begin a line of its own. */
export function printableLine(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}
