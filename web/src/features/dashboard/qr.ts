import { encode } from 'uqr'

/** A QR code as one path of a square drawing: no markup is ever built from the text. */
export function qrPath(text: string): { size: number; path: string } {
  const { size, data } = encode(text, { ecc: 'L', border: 0 })
  let path = ''
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (!data[y]?.[x]) continue
      let run = 1
      while (x + run < size && data[y]?.[x + run]) run++
      path += `M${x} ${y}h${run}v1h-${run}z`
      x += run - 1
    }
  }
  return { size, path }
}
