/** The least of RFB (RFC 6143) that shows a screen: the handshake without a password, and one whole update. */
import type { Duplex } from 'node:stream'

export interface Shown {
  /** `RFB 003.008\n` */
  readonly version: string
  readonly width: number
  readonly height: number
  readonly name: string
  /** Rectangles of the first update. */
  readonly rectangles: number
}

const [NO_PASSWORD, SHARED] = [1, 1]
const [SET_ENCODINGS, UPDATE_REQUEST, UPDATE] = [2, 3, 0]

/** @throws Error when the server says anything else */
export async function lookAtScreen(stream: Duplex): Promise<Shown> {
  const read = readerOf(stream)
  const version = (await read(12)).toString()
  stream.write('RFB 003.008\n')
  const types = await read((await read(1)).readUInt8())
  if (!types.includes(NO_PASSWORD)) throw new Error(`it wants to be logged in to: ${types.toString('hex')}`)
  stream.write(Buffer.of(NO_PASSWORD))
  const result = (await read(4)).readUInt32BE()
  if (result !== 0) throw new Error(`it refused with ${result}`)
  stream.write(Buffer.of(SHARED))
  const init = await read(24)
  const [width, height] = [init.readUInt16BE(0), init.readUInt16BE(2)]
  const name = (await read(init.readUInt32BE(20))).toString()
  // Raw pixels alone.
  stream.write(Buffer.of(SET_ENCODINGS, 0, 0, 1, 0, 0, 0, 0))
  const whole = Buffer.alloc(10)
  whole.writeUInt8(UPDATE_REQUEST, 0)
  whole.writeUInt16BE(width, 6)
  whole.writeUInt16BE(height, 8)
  stream.write(whole)
  const head = await read(4)
  if (head.readUInt8() !== UPDATE) throw new Error(`it sent message ${head.readUInt8()} and no update`)
  const rectangles = head.readUInt16BE(2)
  for (let at = 0; at < rectangles; at++) {
    const place = await read(12)
    await read((place.readUInt16BE(4) * place.readUInt16BE(6) * init.readUInt8(4)) / 8)
  }
  return { version, width, height, name, rectangles }
}

function readerOf(stream: Duplex): (bytes: number) => Promise<Buffer> {
  let held = Buffer.alloc(0)
  const chunks = stream[Symbol.asyncIterator]()
  return async (bytes) => {
    while (held.length < bytes) {
      const { value, done } = await chunks.next()
      if (done) throw new Error(`it ended ${bytes - held.length} bytes too early`)
      held = Buffer.concat([held, value as Buffer])
    }
    const part = held.subarray(0, bytes)
    held = held.subarray(bytes)
    return part
  }
}
