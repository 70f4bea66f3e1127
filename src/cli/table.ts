/** Columns padded to their widest cell, two spaces between; the header is underlined by nothing but its capitals. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows]
  const widths = header.map((_, column) =>
    Math.max(...all.map((row) => widthOf(row[column] ?? ''))),
  )
  return all
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** What a terminal draws over two cells: the scripts of East Asia with their full-width forms, and pictures (Unicode UAX #11). */
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u

/** Cells of a terminal that a text takes; marks that stand on the letter before them take none. */
function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const character of text) {
    if (!/\p{Mn}/u.test(character))
      width += wide.test(character) && !/[\uff61-\uff9f]/.test(character) ? 2 : 1
  }
  return width
}
