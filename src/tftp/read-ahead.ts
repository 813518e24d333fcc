/**
 * A file as a stream of blocks, read ahead in large pieces: while one piece is sent the next is read, so that the
 * sender hardly ever waits and a file is never whole in memory.
 */
import type { OpenFile } from '../lib/files.ts'

export interface BlockReader {
  /**
   * Moves the next bytes to `into`, from `at` on: as many as fit, fewer only at the end of the file. Undefined: they
   * are not in memory; `load` first.
   */
  take(into: Uint8Array, at: number): number | undefined
  /** Answers when `take` can answer. Rejects when the file cannot be read, or has become shorter. */
  load(): Promise<void>
}

export const PIECE = 256 * 1024
/** Where a whole machine room fetches at once, each transfer has little for itself. */
export const SMALL_PIECE = 16 * 1024
/** One piece that is being sent, one that is ready. */
const PIECES = 2

/** @param convert changes the bytes on their way (netascii); pieces are independent of each other */
export function readAhead(
  file: OpenFile,
  blockSize: number,
  convert?: (piece: Uint8Array) => Uint8Array,
  pieceSize = PIECE,
): BlockReader {
  // Whole blocks, so that a block lies in one piece; and no more memory than the file needs.
  const capacity = Math.min(Math.ceil(pieceSize / blockSize) * blockSize, file.size)
  const pieces: Buffer[] = []
  const spares: Buffer[] = []
  let at = 0
  let buffered = 0
  let offset = 0
  let loading: Promise<void> | undefined

  const isRead = () => offset === file.size

  async function loadPiece(): Promise<void> {
    const spare = spares.pop() ?? Buffer.allocUnsafeSlow(capacity)
    const wanted = Math.min(capacity, file.size - offset)
    let got = 0
    while (got < wanted) {
      const bytes = await file.read(spare.subarray(got, wanted), offset + got)
      if (bytes === 0) throw new Error(`the file ended after ${offset + got} of ${file.size} bytes`)
      got += bytes
    }
    offset += got
    const whole = got === spare.length ? spare : spare.subarray(0, got)
    const piece = convert ? Buffer.from(convert(whole)) : whole
    if (convert) spares.push(spare)
    pieces.push(piece)
    buffered += piece.length
  }

  function startLoading(): Promise<void> {
    loading ??= loadPiece().finally(() => {
      loading = undefined
    })
    return loading
  }

  function readOn(): void {
    if (isRead() || pieces.length >= PIECES || loading) return
    // Whoever needs the piece asks again by load(), and is told then.
    startLoading().catch(() => {})
  }

  return {
    take(into, start) {
      const wanted = into.length - start
      if (buffered < wanted && !isRead()) return undefined
      let moved = 0
      while (moved < wanted) {
        const piece = pieces[0]
        if (piece === undefined) break
        const copied = piece.copy(into, start + moved, at)
        moved += copied
        at += copied
        if (at < piece.length) continue
        pieces.shift()
        at = 0
        if (!convert && piece.length === capacity) spares.push(piece)
        readOn()
      }
      buffered -= moved
      return moved
    },

    async load() {
      // One piece may be less than one block when blocks are large and the conversion is slow to grow.
      if (!isRead()) await startLoading()
      readOn()
    },
  }
}
