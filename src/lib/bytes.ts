/**
 * Bytes that are not what a protocol promised. Codecs throw this and nothing else; servers drop the packet.
 *
 * Reading itself is done with Node's Buffer: a second cursor type would be one more thing to know.
 */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/** A Buffer over the same memory: no copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
