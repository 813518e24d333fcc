/** The body of a request, which is never left half read where the client waits for us to read it. */
import type { Readable } from 'node:stream'
import { DecodeError } from '../lib/bytes.ts'
import { Refusal } from './refusal.ts'
import { MAX_XML_BYTES } from './xml.ts'

/** Its chunks; whoever stops reading leaves the stream as it is, because to end it would end the connection. */
export async function* chunksOf(body: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of body.iterator({ destroyOnReturn: false })) yield chunk as Buffer
}

/** Reads and forgets what is left. @throws what the connection says when it breaks */
export async function drain(body: Readable): Promise<void> {
  for await (const _ of chunksOf(body)) {
    // Nobody wants it.
  }
}

/** A small body, read by a function that throws DecodeError. @throws Refusal 400 or 413 */
export async function readXml<Value>(body: Readable, read: (bytes: Uint8Array) => Value): Promise<Value> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunksOf(body)) {
    length += chunk.length
    if (length > MAX_XML_BYTES) throw new Refusal(413, `XML of more than ${MAX_XML_BYTES} bytes is not read`)
    chunks.push(chunk)
  }
  try {
    return read(Buffer.concat(chunks))
  } catch (error) {
    if (error instanceof DecodeError) throw new Refusal(400, error.message)
    throw error
  }
}
