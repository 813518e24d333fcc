/**
 * One transfer under way: the state machine of transfer.ts tied to a file, a timer and whatever sends bytes. It keeps
 * the packets of the window that is not acknowledged yet. It knows no socket: server.ts does.
 */
import { type Clock, steadyClock } from '../lib/clock.ts'
import type { OpenFile } from '../lib/files.ts'
import { DATA_HEADER, ERROR, encode, type TftpPacket, writeDataHeader } from './codec.ts'
import { errorPacket, type Terms } from './decide.ts'
import { toNetascii } from './netascii.ts'
import { readAhead } from './read-ahead.ts'
import { newTransfer, step, type TransferEvent, type TransferOutcome } from './transfer.ts'

export interface SessionOptions {
  readonly file: OpenFile
  readonly terms: Terms
  readonly netascii: boolean
  /** Bytes that are read at once; twice as many are in memory. */
  readonly pieceSize?: number
  readonly clock: Clock
  /** The bytes are not changed before the client has acknowledged them. */
  readonly send: (bytes: Uint8Array) => void
  /** Called once. The file is still open. */
  readonly onEnd: (outcome: TransferOutcome, because: string, bytes: number) => void
}

export interface Session {
  start(): void
  /** A packet from the client. */
  receive(packet: TftpPacket): void
  /** Ends it without a word: nobody waits for it any more. */
  gone(because: string): void
  /** Ends it, and tells the client why. */
  stop(because: string): void
  /** True once the client has answered. */
  isHeard(): boolean
}

export function createSession({ file, terms, netascii, pieceSize, clock, send, onEnd }: SessionOptions): Session {
  const { blockSize, window } = terms
  const reader = readAhead(file, blockSize, netascii ? toNetascii : undefined, pieceSize)
  /** By block modulo window: a slot is filled again only after its block was acknowledged. */
  const slots: Buffer[] = []
  /** The last packet, if it is shorter than a slot. */
  let short: Buffer | undefined
  let state = newTransfer(terms)
  let timer: NodeJS.Timeout | undefined
  /** When the timer fires, and when there is a reason to. */
  let [firesAt, deadline] = [0, 0]

  function feed(event: TransferEvent): void {
    const [next, commands] = step(state, event, clock.now())
    state = next
    for (const command of commands) {
      switch (command.do) {
        case 'send':
          send(encode(command.packet))
          break
        case 'send-blocks':
          for (let block = command.from; block <= command.to; block++) {
            const packet = block === state.last && short ? short : slots[block % window]
            if (packet) send(packet)
          }
          break
        case 'read':
          read(command.blocks)
          break
        case 'wait':
          wait(command.ms)
          break
        case 'end':
          finish(command.outcome, command.because)
      }
    }
  }

  /** Fills the next slots. Says so at once when the bytes are in memory, which they nearly always are. */
  function read(blocks: number, done = 0): void {
    for (let filled = done; filled < blocks; filled++) {
      const block = state.filled + filled + 1
      const slot = slotOf(block)
      const bytes = reader.take(slot, DATA_HEADER)
      if (bytes === undefined) {
        reader.load().then(
          () => read(blocks, filled),
          (error: unknown) => feed({ event: 'fault', because: error instanceof Error ? error.message : 'read failed' }),
        )
        return
      }
      writeDataHeader(slot, block)
      if (bytes === blockSize) continue
      short = slot.subarray(0, DATA_HEADER + bytes)
      feed({ event: 'read', blocks: filled + 1, end: true })
      return
    }
    feed({ event: 'read', blocks, end: false })
  }

  function slotOf(block: number): Buffer {
    const index = block % window
    slots[index] ??= Buffer.allocUnsafeSlow(DATA_HEADER + blockSize)
    return slots[index]
  }

  /** Every packet puts the deadline off: the timer is left as it is, and looks when it fires. */
  function wait(ms: number): void {
    const now = steadyClock.now()
    deadline = now + ms
    if (timer && firesAt <= deadline) return
    clearTimeout(timer)
    setTimer(now)
  }

  function setTimer(now: number): void {
    firesAt = deadline
    timer = setTimeout(() => {
      timer = undefined
      const at = steadyClock.now()
      // Timers are whole milliseconds.
      if (at < deadline - 1) setTimer(at)
      else feed({ event: 'timeout' })
    }, deadline - now)
  }

  function finish(outcome: TransferOutcome, because: string): void {
    clearTimeout(timer)
    // The client is told of our fault, not of its own silence.
    if (outcome === 'failed') send(encode(errorPacket(ERROR.undefined, because)))
    onEnd(outcome, because, Math.min(state.acked * blockSize, netascii ? Number.POSITIVE_INFINITY : file.size))
  }

  return {
    // Nothing is read before the client has taken the options: a client that only asks for the size has read nothing.
    start: () => feed({ event: 'start' }),
    receive(packet) {
      if (packet.op === 'ack') feed({ event: 'ack', block: packet.block })
      else if (packet.op === 'error') feed({ event: 'error', code: packet.code, message: packet.message })
    },
    gone: (because) => feed({ event: 'gone', because }),
    stop: (because) => feed({ event: 'fault', because }),
    isHeard: () => state.heard,
  }
}
