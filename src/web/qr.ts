import QRCode from 'qrcode'

/** A QR code as one path, a unit square for each dark module: what a template can draw without raw HTML. */
export interface QrDrawing {
  /** Modules on a side, with the quiet zone of four around it (ISO/IEC 18004 section 9.1). */
  readonly size: number
  readonly path: string
}

const QUIET = 4

/** Draws a text of at most some 2000 characters; medium error correction. */
export function qrDrawing(text: string): QrDrawing {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' })
  const parts: string[] = []
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.get(row, column)) parts.push(`M${column + QUIET} ${row + QUIET}h1v1h-1z`)
    }
  }
  return { size: modules.size + 2 * QUIET, path: parts.join('') }
}
