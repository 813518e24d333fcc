/**
 * Octets to netascii, as RFC 1350 takes it from RFC 764: a line feed becomes CR LF and a carriage return CR NUL,
 * whatever is beside it, so that a Unix client which turns both back has the same bytes again.
 */
const [LF, CR, NUL] = [10, 13, 0]

export function toNetascii(bytes: Uint8Array): Uint8Array {
  const into = new Uint8Array(bytes.length * 2)
  let at = 0
  for (const byte of bytes) {
    if (byte === LF) into[at++] = CR
    into[at++] = byte
    if (byte === CR) into[at++] = NUL
  }
  return into.subarray(0, at)
}
