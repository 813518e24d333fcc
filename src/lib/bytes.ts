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

/** Numbers as networks write them, the highest byte first. */
export function ofU16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2)
  return bytes
}

export function ofU32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4)
  return bytes
}
