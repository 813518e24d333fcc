/** Where a search word is found in lines of text, in any case of its letters. */

export interface Piece {
  readonly text: string
  readonly isHit: boolean
}

/** A line cut at what is looked for. */
export function piecesOf(line: string, wanted: string): readonly Piece[] {
  if (wanted === '') return [{ text: line, isHit: false }]
  const [low, word] = [line.toLowerCase(), wanted.toLowerCase()]
  // Some letters change their length with their case: then only the exact word is found.
  const [haystack, needle] = low.length === line.length ? [low, word] : [line, wanted]
  const pieces: Piece[] = []
  let from = 0
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, from)) {
    if (at > from) pieces.push({ text: line.slice(from, at), isHit: false })
    pieces.push({ text: line.slice(at, at + needle.length), isHit: true })
    from = at + needle.length
  }
  if (from < line.length || pieces.length === 0) pieces.push({ text: line.slice(from), isHit: false })
  return pieces
}

/** The places of the lines in which it is found. */
export function hitsOf(lines: readonly string[], wanted: string): readonly number[] {
  if (wanted === '') return []
  return lines.flatMap((line, index) => (piecesOf(line, wanted).some(({ isHit }) => isHit) ? [index] : []))
}
