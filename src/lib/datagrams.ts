/**
 * A UDP or packet socket whose messages come and go many at a time (recvmmsg and sendmmsg). Node's own makes an object of each
 * message that comes, with its sender in words, and two of each that goes, in a call of the system for each: that costs more than
 * the kernel's own part.
 */
import { lastError, sendTo, watch } from './libc.ts'
import { AT_ONCE, type Errors, errors, LONGEST, type Messages, messages } from './messages.ts'

export interface DatagramsOptions {
  /** Both are only good until it returns; must not throw. `from` is the sender's `struct sockaddr`. */
  readonly onMessage: (bytes: Buffer, from: Buffer) => void
  /** Told of what could not be sent, and of what came back, if the socket takes such errors: ENETUNREACH, ECONNREFUSED … */
  readonly onError?: (code: string, to: Buffer) => void
}

export interface Datagrams {
  /**
   * Leaves with all others of this turn, in order, and must stay as it is until then. Where the system has no room, it waits,
   * or is lost as any datagram may be.
   * @param to a `struct sockaddr`
   */
  send(bytes: Uint8Array, to: Buffer): void
  /** What was sent before has left. The fd stays open. */
  close(): void
}

interface Letter {
  readonly bytes: Uint8Array
  readonly to: Buffer
}

/** Messages for which there was no room. */
const MOST_WAITING = 1024
/** So many leave together: enough to share a call, and few enough for whoever takes them one by one. */
const BUNCH = 16
/** As many times a full load is read before others have their turn. */
const LOADS = 4

/** Of all sockets: each is done with them before the next has its turn. */
let shared: { readonly come: Messages; readonly go: Messages; readonly lost: Errors } | undefined

/** @throws SocketError */
export function datagrams(fd: number, { onMessage, onError = () => {} }: DatagramsOptions): Datagrams {
  shared ??= { come: messages(), go: messages(), lost: errors() }
  const { come, go, lost } = shared
  let outbox: Letter[] = []
  let [isOpen, isReading, isPlanned, isFull] = [true, false, false, false]
  const watched = watch(fd, () => {
    if (isFull) setFull(false)
    isReading = true
    read()
    isReading = false
    flush()
  })

  function read(): void {
    for (let load = 0; load < LOADS; load++) {
      const count = come.receive(fd)
      for (let at = 0; at < count; at++) {
        onMessage(come.bytes(at), come.address(at))
        if (!isOpen) return
      }
      if (count < 0) tellErrors()
      if (count < AT_ONCE || !isOpen) return
    }
  }

  function flush(): void {
    isPlanned = false
    const letters = outbox
    outbox = []
    let isRepeated = false
    for (let at = 0; at < letters.length && isOpen; ) {
      const gone = sendSome(letters, at)
      at += Math.max(0, gone)
      if (gone > 0) continue
      const code = lastError()
      if (code === 'EAGAIN') {
        outbox = [...letters.slice(at), ...outbox]
        setFull(true)
        return
      }
      // The error may be that of an earlier message, and hinder this one only once.
      isRepeated = tellErrors() && !isRepeated
      const letter = letters[at]
      if (isRepeated || !letter) continue
      onError(code, letter.to)
      at++
    }
  }

  function sendSome(letters: readonly Letter[], from: number): number {
    let count = 0
    for (; count < AT_ONCE; count++) {
      const letter = letters[from + count]
      if (!letter || letter.bytes.length > LONGEST) break
      go.put(count, letter.bytes, letter.to)
    }
    if (count > 1) return go.send(fd, count)
    const letter = letters[from]
    return letter && sendTo(fd, letter.bytes, letter.to) >= 0 ? 1 : -1
  }

  /** Whether there were any. */
  function tellErrors(): boolean {
    let any = false
    for (let one = lost.take(fd); one && isOpen; one = lost.take(fd)) {
      any = true
      onError(one.code, one.to)
    }
    return any
  }

  function setFull(full: boolean): void {
    isFull = full
    watched.wantRoom(full)
  }

  return {
    send(bytes, to) {
      if (!isOpen || (isFull && outbox.length >= MOST_WAITING)) return
      outbox.push({ bytes, to })
      if (isFull) return
      if (outbox.length >= BUNCH) return flush()
      if (isReading || isPlanned) return
      isPlanned = true
      process.nextTick(flush)
    },
    close() {
      if (!isOpen) return
      if (!isFull) flush()
      isOpen = false
      watched.close()
    },
  }
}
