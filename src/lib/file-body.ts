/**
 * A file, or a part of it, as a stream that an HTTP answer takes without its bytes passing through this process: the kernel
 * moves them from its cache into the socket (sendfile(2)). Wherever else it is piped to, it is an ordinary stream.
 */
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { closeFd, duplicateFd, isCached, readAt, sendFile } from './libc.ts'

/** Bytes of one call: many clients have their turn one after the other. */
const TURN = 1024 * 1024
/** Bytes that are written by Node where the socket is full: it tells when there is room again, which sendfile cannot. */
const WAKE = 1024
const CHUNK = 256 * 1024

/** An open file. */
interface Handle {
  readonly fd: number
  read(into: Buffer, at: number, length: number, offset: number): Promise<{ readonly bytesRead: number }>
  close(): Promise<void>
}

interface Connection {
  write(bytes: Buffer | '', done: (error?: Error | null) => void): unknown
}

/** Of Node's answers to HTTP requests, what is needed here. */
interface Answer {
  readonly socket: Connection | null
  readonly chunkedEncoding: boolean
  hasHeader(name: string): boolean
  flushHeaders(): void
  end(): void
}

/** @param end offset of the last byte */
export class FileBody extends Readable {
  /** Bytes that have left, or were read. */
  bytesRead = 0
  readonly #handle: Handle
  readonly #start: number
  readonly #length: number

  constructor(handle: Handle, start: number, end: number) {
    super({ highWaterMark: CHUNK })
    this.#handle = handle
    this.#start = start
    this.#length = end - start + 1
  }

  override _read(): void {
    const wanted = Math.min(CHUNK, this.#length - this.bytesRead)
    if (wanted === 0) {
      this.push(null)
      return
    }
    this.#chunk(wanted).then(
      (bytes) => void this.push(bytes),
      (error: Error) => void this.destroy(error),
    )
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#handle.close().then(
      () => done(error),
      () => done(error),
    )
  }

  override pipe<To extends NodeJS.WritableStream>(to: To, options?: { end?: boolean }): To {
    const socket = plainSocket(to)
    if (!socket || options?.end === false) return super.pipe(to, options)
    const answer = to as unknown as Answer
    this.#send(answer, socket).then(
      () => {
        this.push(null)
        this.resume()
        answer.end()
      },
      (error: Error) => void this.destroy(error),
    )
    return to
  }

  async #send(answer: Answer, socket: Connection): Promise<void> {
    answer.flushHeaders()
    const out = duplicate(socket)
    try {
      await written(socket, '')
      while (this.bytesRead < this.#length && !this.destroyed) {
        const [at, left] = [this.#start + this.bytesRead, this.#length - this.bytesRead]
        const count = Math.min(TURN, left)
        const isHot = isCached(this.#handle.fd, at, count)
        const sent = isHot ? Math.max(0, sendFile(out, this.#handle.fd, at, count)) : 0
        this.bytesRead += sent
        // Of what is on the disk the system reads more than that, and the next piece is hot. Where the socket is full, a write
        // tells when there is room again, which sendfile cannot; and that the connection has gone.
        if (sent === count) await turn()
        else if (isHot) await written(socket, this.#hotChunk(Math.min(WAKE, left - sent)))
        else await written(socket, await this.#chunk(Math.min(CHUNK, left - sent)))
      }
    } finally {
      closeFd(out)
    }
  }

  async #chunk(length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length)
    const { bytesRead } = await this.#handle.read(buffer, 0, length, this.#start + this.bytesRead)
    return this.#taken(buffer, bytesRead)
  }

  #hotChunk(length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length)
    return this.#taken(buffer, readAt(this.#handle.fd, buffer, this.#start + this.bytesRead))
  }

  #taken(buffer: Buffer, bytes: number): Buffer {
    if (bytes <= 0) throw new Error(`the file ended ${this.#length - this.bytesRead} bytes too early`)
    this.bytesRead += bytes
    return buffer.subarray(0, bytes)
  }
}

/** The connection of an answer, when nothing stands between it and the kernel: no TLS, and no answer before it. */
function plainSocket(to: NodeJS.WritableStream): Connection | undefined {
  const { socket, chunkedEncoding, hasHeader } = to as Partial<Answer>
  if (!socket || chunkedEncoding === true || !hasHeader?.call(to, 'content-length')) return undefined
  return 'encrypted' in socket || fdOf(socket) === undefined ? undefined : socket
}

/** Node keeps it to itself, but it is where it has always been; where it is not, the ordinary way is taken. */
function fdOf(socket: Connection): number | undefined {
  const { fd } = (socket as unknown as { _handle?: { fd?: unknown } })._handle ?? {}
  return typeof fd === 'number' && fd >= 0 ? fd : undefined
}

/** Of our own, so that its number cannot become that of another connection while a call is under way. */
function duplicate(socket: Connection): number {
  const fd = fdOf(socket)
  const own = fd === undefined ? -1 : duplicateFd(fd)
  if (own < 0) throw new Error('the connection has gone')
  return own
}

function written(socket: Connection, bytes: Buffer | ''): Promise<void> {
  return new Promise((done, failed) => {
    socket.write(bytes, (error) => (error ? failed(error) : done()))
  })
}
