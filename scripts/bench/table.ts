/** A cell: a number is written with `significant` digits, null as a dash. */
export type Cell = string | number | null

/** Rows of cells as a Markdown table, numbers to the right, which reads well on a terminal too. */
export function markdownTable(
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
): string {
  const texts = rows.map((row) => heads.map((_, column) => cellText(row[column] ?? null)))
  const isNumeric = heads.map((_, column) =>
    rows.every((row) => typeof row[column] === 'number' || (row[column] ?? null) === null),
  )
  const widths = heads.map((head, column) =>
    Math.max(3, head.length, ...texts.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const padded = (cells: readonly string[]) =>
    line(
      cells.map((cell, column) => {
        const width = widths[column] ?? 0
        return isNumeric[column] ? cell.padStart(width) : cell.padEnd(width)
      }),
    )
  const rule = line(
    widths.map((width, column) =>
      isNumeric[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
    ),
  )
  return [padded(heads), rule, ...texts.map(padded)].join('\n')
}

/** A number as a reader compares it: three significant digits, thousands grouped. */
export function cellText(cell: Cell): string {
  if (cell === null) return '-'
  if (typeof cell === 'string') return cell
  if (!Number.isFinite(cell)) return '-'
  if (cell === 0) return '0'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(cell))))
  return cell.toLocaleString('en-US', {
    minimumFractionDigits: Math.min(digits, 4),
    maximumFractionDigits: Math.min(digits, 4),
  })
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
