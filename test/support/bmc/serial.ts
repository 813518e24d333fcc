/** The serial port behind the BMC of the tests: what is typed comes back. One packet under way, said again until it is heard. */
import type { Seat } from './seat.ts'

export interface Serial {
  /** Everything that was typed. */
  readonly typed: () => string
  activate(seat: Seat, send: (bytes: Uint8Array) => void): [number, Uint8Array]
  deactivate(): [number, Uint8Array]
  receive(seat: Seat, packet: Uint8Array): void
  /** The session is closed. */
  leave(seat: Seat): void
  /** Breaks that were heard on the line, each with how much had been typed before. */
  readonly breaks: () => readonly number[]
  /** The machine says something. */
  print(text: string): void
  isOpen(): boolean
  /** Where it says its packets go; a client may believe it. */
  port: number
  reset(): void
}

const AGAIN = 200
const ROOM = 64

export function aSerial(banner: string, room: number): Serial {
  let typed = ''
  const breaks: number[] = []
  let holder: { readonly seat: Seat; readonly send: (bytes: Uint8Array) => void } | undefined
  let waiting = Buffer.alloc(0)
  let underWay: Buffer | undefined
  let sequence = 0
  let heard = 0
  let timer: NodeJS.Timeout | undefined
  let greeting: NodeJS.Timeout | undefined

  function reset(): void {
    clearTimeout(timer)
    clearTimeout(greeting)
    holder = undefined
    underWay = undefined
    waiting = Buffer.alloc(0)
    sequence = 0
    heard = 0
  }

  function print(bytes: Buffer): void {
    waiting = Buffer.concat([waiting, bytes])
    if (!underWay) next()
  }

  function next(): void {
    clearTimeout(timer)
    underWay = undefined
    if (waiting.length === 0 || !holder) return
    sequence = (sequence % 15) + 1
    underWay = waiting.subarray(0, ROOM)
    waiting = waiting.subarray(ROOM)
    say()
  }

  function say(): void {
    if (!holder || !underWay) return
    holder.send(Buffer.concat([Buffer.from([sequence, 0, 0, 0]), underWay]))
    timer = setTimeout(say, AGAIN)
  }

  const serial: Serial = {
    port: 623,
    typed: () => typed,
    breaks: () => breaks,
    isOpen: () => holder !== undefined,
    print: (text) => print(Buffer.from(text)),
    reset,
    activate(seat, send) {
      if (holder) return [0x80, new Uint8Array()]
      holder = { seat, send }
      // Not before the answer: ipmitool takes the first packet that comes for that.
      if (banner) greeting = setTimeout(() => print(Buffer.from(banner)), 20)
      // Auxiliary data, the largest payload in and out, the port, no VLAN.
      return [0, Uint8Array.of(0, 0, 0, 0, ROOM + 4, 0, ROOM + 4, 0, serial.port & 0xff, serial.port >> 8, 0xff, 0xff)]
    },
    deactivate() {
      if (!holder) return [0x80, new Uint8Array()]
      reset()
      return [0, new Uint8Array()]
    },
    leave(seat) {
      if (holder?.seat === seat) reset()
    },
    receive(seat, packet) {
      if (holder?.seat !== seat || packet.length < 4) return
      const [number = 0, acknowledged = 0, accepted = 0, operation = 0] = packet
      if (underWay && acknowledged === sequence) {
        waiting = Buffer.concat([underWay.subarray(accepted), waiting])
        next()
      }
      if (number === 0) return
      const text = Buffer.from(packet.subarray(4, 4 + room))
      holder.send(Uint8Array.of(0, number, text.length, 0))
      if (number === heard) return
      heard = number
      typed += text.toString()
      if ((operation & 0x10) !== 0 && text.length === packet.length - 4) breaks.push(typed.length)
      print(text)
    },
  }
  return serial
}
