/** A character so that it can be told in a message: itself when it is visible ASCII, else its name or code point. */
export function describeCharacter(character: string): string {
  if (/^[!-~]$/.test(character)) return character
  if (character === ' ') return 'space'
  if (character === '\t') return 'tab'
  if (character === '\n' || character === '\r') return 'line break'
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return `U+${hex}`
}

/** Lower case of A to Z only: `toLowerCase` would also turn the Kelvin sign into a k. */
export function asciiLowerCase(text: string): string {
  if (!/[A-Z]/.test(text)) return text
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Whether two texts have the same `asciiLowerCase`; quick for those that have not, which are most. */
export function isEqualButCase(one: string, other: string): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index++) {
    const [a, b] = [one.charCodeAt(index), other.charCodeAt(index)]
    if (a !== b && asciiLowerCode(a) !== asciiLowerCode(b)) return false
  }
  return true
}

function asciiLowerCode(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code
}
