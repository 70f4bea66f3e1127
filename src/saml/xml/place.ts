/** Line and column, from 1, columns counted in characters, of a byte offset in a document. Only refusals need it. */
export function placeOf(xml: string, offset: number): string {
  let line = 1
  let lineStart = 0
  for (let at = xml.indexOf('\n'); at >= 0 && at < offset; at = xml.indexOf('\n', at + 1)) {
    line += 1
    lineStart = at + 1
  }
  let column = 1
  for (let at = lineStart; at < offset && at < xml.length; at++)
    if ((xml.charCodeAt(at) & 0xc0) !== 0x80) column += 1 // every byte but the inner ones of UTF-8
  return `line ${line}, column ${column}`
}
