/**
 * Serial over LAN (IPMI 2.0, 15) as a state machine: characters and packets come in, packets and characters go out. One
 * packet is under way in each direction; it is said again until it is acknowledged, and what of it was not taken goes
 * into the next. Pure: whose packets they are is sol-stream.ts.
 */
import { DecodeError } from '../../lib/bytes.ts'

export interface SolPacket {
  /** 1-15; 0: only acknowledges. */
  readonly sequence: number
  /** The packet that this one answers, and how many of its characters were taken; 0: none. */
  readonly acknowledged: number
  readonly accepted: number
  readonly status: number
  readonly data: Uint8Array
}

/** Bits of the fourth byte, as a BMC sends it (table 15-2). */
export const SOL_STATUS = { nack: 0x40, unavailable: 0x20, deactivated: 0x10 } as const
/** The same byte as we send it: after these characters, a break on the line. */
export const GENERATE_BREAK = 0x10

export interface Sol {
  /** Characters in one packet at most. */
  readonly room: number
  readonly sequence: number
  readonly underWay: Uint8Array | undefined
  /** What is under way ends with a break. */
  readonly isBreak: boolean
  readonly tries: number
  readonly pending: Uint8Array
  /** A break is to follow what is pending. */
  readonly breaks: boolean
  /** The BMC has no place for characters; it will say when, or is asked again after a while. */
  readonly paused: boolean
  /** Of the last packet heard, and how many of its characters were taken. */
  readonly heard: number
  readonly taken: number
}

export type SolEvent =
  | { readonly event: 'write'; readonly bytes: Uint8Array }
  /** @property takes false: whoever reads is full; the BMC keeps what it has and says it again */
  | { readonly event: 'packet'; readonly payload: Uint8Array; readonly takes: boolean }
  | { readonly event: 'break' }
  | { readonly event: 'timeout' }

export type SolEffect =
  | { readonly do: 'send'; readonly payload: Uint8Array }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'data'; readonly bytes: Uint8Array }
  /** All that was written has arrived. */
  | { readonly do: 'drained' }
  | { readonly do: 'gone' }

type Step = readonly [Sol, readonly SolEffect[]]

const WAITS = [250, 500, 1000, 2000, 2000, 2000]
const PAUSE = 500
const HEADER = 4

/** @param size the BMC's largest payload, header and all */
export function newSol(size: number): Sol {
  const room = Math.max(1, Math.min(128, size - HEADER))
  const none = new Uint8Array()
  const idle = { underWay: undefined, isBreak: false, pending: none, breaks: false, paused: false }
  return { room, sequence: 0, tries: 0, heard: 0, taken: 0, ...idle }
}

export function step(sol: Sol, event: SolEvent): Step {
  switch (event.event) {
    case 'write':
      return sendNext({ ...sol, pending: Buffer.concat([sol.pending, event.bytes]) })
    case 'break':
      return sendNext({ ...sol, breaks: true })
    case 'packet':
      return hear(sol, event.payload, event.takes)
    case 'timeout':
      return late(sol)
  }
}

/** @throws DecodeError */
export function decodeSol(payload: Uint8Array): SolPacket {
  const [sequence = 0, acknowledged = 0, accepted = 0, status = 0] = payload
  if (payload.length < HEADER) throw new DecodeError('SOL packet is cut short')
  return {
    sequence: sequence & 0x0f,
    acknowledged: acknowledged & 0x0f,
    accepted,
    status,
    data: payload.subarray(HEADER),
  }
}

export function encodeSol({ sequence, acknowledged, accepted, status, data }: SolPacket): Buffer {
  return Buffer.concat([Buffer.from([sequence, acknowledged, accepted, status]), data])
}

function hear(sol: Sol, payload: Uint8Array, takes: boolean): Step {
  const packet = decodeSol(payload)
  if ((packet.status & SOL_STATUS.deactivated) !== 0) return [sol, [{ do: 'gone' }]]
  const [acknowledged, effects] = hearAcknowledgement(sol, packet)
  const [heard, more] = takes ? hearData(acknowledged, packet) : [acknowledged, []]
  return [heard, [...more, ...effects]]
}

function hearData(sol: Sol, { sequence, data }: SolPacket): Step {
  if (sequence === 0) return [sol, []]
  // Said again: the acknowledgement was lost. There may be more behind what was taken already.
  const taken = sequence === sol.heard ? sol.taken : 0
  const fresh = data.subarray(taken)
  const none = new Uint8Array()
  const answer = { sequence: 0, acknowledged: sequence, accepted: data.length & 0xff, status: 0, data: none }
  const effects: SolEffect[] = [{ do: 'send', payload: encodeSol(answer) }]
  if (fresh.length > 0) effects.push({ do: 'data', bytes: fresh })
  return [{ ...sol, heard: sequence, taken: Math.max(taken, data.length) }, effects]
}

function hearAcknowledgement(sol: Sol, { acknowledged, accepted, status }: SolPacket): Step {
  const unavailable = (status & SOL_STATUS.unavailable) !== 0
  if (acknowledged === 0 || acknowledged !== sol.sequence || sol.underWay === undefined) {
    return sol.paused && !unavailable ? sendNext({ ...sol, paused: false }) : [sol, []]
  }
  // What was not taken goes first into the next packet: under a new number, for it is another packet.
  const pending = Buffer.concat([sol.underWay.subarray(accepted), sol.pending])
  const isTaken = accepted >= sol.underWay.length
  const breaks = sol.breaks || (sol.isBreak && !isTaken)
  const next = { ...sol, underWay: undefined, isBreak: false, tries: 0, pending, breaks, paused: unavailable }
  if (unavailable) return [next, [{ do: 'wait', ms: PAUSE }]]
  // A BMC that takes nothing and does not say why would be asked without end, at once.
  if (accepted === 0 && !isTaken) return [{ ...next, paused: true }, [{ do: 'wait', ms: PAUSE }]]
  return sendNext(next)
}

function sendNext(sol: Sol): Step {
  if (sol.underWay || sol.paused) return [sol, []]
  if (sol.pending.length === 0 && !sol.breaks) return [sol, [{ do: 'drained' }]]
  const sequence = (sol.sequence % 15) + 1
  const underWay = sol.pending.subarray(0, sol.room)
  const pending = sol.pending.subarray(sol.room)
  const isBreak = sol.breaks && pending.length === 0
  return transmit({ ...sol, sequence, underWay, isBreak, pending, breaks: sol.breaks && !isBreak, tries: 0 })
}

function late(sol: Sol): Step {
  if (sol.paused) return sendNext({ ...sol, paused: false })
  return sol.underWay ? transmit(sol) : [sol, []]
}

function transmit(sol: Sol): Step {
  const ms = WAITS[sol.tries]
  if (ms === undefined || !sol.underWay) return [sol, [{ do: 'gone' }]]
  const status = sol.isBreak ? GENERATE_BREAK : 0
  const payload = encodeSol({ sequence: sol.sequence, acknowledged: 0, accepted: 0, status, data: sol.underWay })
  return [
    { ...sol, tries: sol.tries + 1 },
    [
      { do: 'send', payload },
      { do: 'wait', ms },
    ],
  ]
}
