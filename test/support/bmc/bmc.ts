/**
 * A BMC for tests: the other side of RMCP+, with cipher suites 3 and 17, power, the next boot, the lamp and a serial
 * console that echoes; and with faults to order. Not a socket: start.ts gives it one. That it speaks as a real one does
 * is shown by ipmitool, which is a client of it in the tests.
 */
import { randomBytes } from 'node:crypto'
import { DecodeError } from '../../../src/lib/bytes.ts'
import { decode, encodePlain, type RmcpPlus, seal, unseal } from '../../../src/power/ipmi/codec.ts'
import { aChassis, type Chassis, type ChassisFaults, chassisCommand } from './chassis.ts'
import { decodeRequest, encodeResponse, type Request } from './messages.ts'
import { type Offered, openSession, rakp1, rakp3 } from './openings.ts'
import { privilegeOf, type Seat } from './seat.ts'
import { aSerial, type Serial } from './serial.ts'

export interface BmcUser {
  readonly name: string
  readonly password: string
  /** 2 user, 3 operator, 4 administrator. */
  readonly privilege: number
}

export interface BmcOptions extends ChassisFaults {
  readonly users?: readonly BmcUser[]
  /** What it says it has, and takes. */
  readonly suites?: readonly number[]
  /** False: it does not know the question which suites it has, and says nothing. */
  readonly listsSuites?: boolean
  /** It speaks IPMI 1.5 only. */
  readonly isOld?: boolean
  /** It answers a request for a good suite with none at all. */
  readonly weakens?: boolean
  readonly key?: string
  /** Orders to the chassis are for administrators. */
  readonly isStrict?: boolean
  /** Sessions at once. */
  readonly slots?: number
  /** What it sends when the console is opened. */
  readonly banner?: string
  /** It takes so many characters of a packet at most. */
  readonly serialRoom?: number
}

export interface Bmc {
  readonly chassis: Chassis
  readonly serial: Serial
  /** Set to true, it says nothing at all. */
  isAway: boolean
  receive(bytes: Uint8Array, from: string, reply: (bytes: Uint8Array) => void): void
  /** As after a restart: it knows of no session. */
  forget(): void
  sessions(): number
  /** Names of what was asked within sessions, `6/3b`. */
  readonly asked: string[]
  stop(): void
}

const APP = 6
const OPEN = { request: 0x10, rakp1: 0x12, rakp3: 0x14 }
const SOL = 1
const GUID = Buffer.from('a123456789abcdefa123456789abcdef', 'hex')

export function createBmc(options: BmcOptions = {}): Bmc {
  const { suites = [0, 3, 17], listsSuites = true, isOld = false, slots = 4 } = options
  const seats = new Map<number, Seat>()
  const chassis = aChassis(options)
  const serial = aSerial(options.banner ?? '', options.serialRoom ?? 255)
  const asked: string[] = []
  let lastId = randomBytes(3).readUIntLE(0, 3)

  const offered: Offered = {
    users: options.users ?? [{ name: 'admin', password: 'secret', privilege: 4 }],
    suites,
    weakens: options.weakens ?? false,
    key: options.key,
    guid: GUID,
    newSeat(seat) {
      // Half-open ones make room, as do those that nobody can know any more.
      const halfOpen = [...seats.values()].find(({ keys }) => !keys)
      if (seats.size >= slots && halfOpen) seats.delete(halfOpen.id)
      if (seats.size >= slots) return undefined
      const id = ++lastId
      const fresh = { ...seat, id }
      seats.set(id, fresh)
      return fresh
    },
  }

  function receiveOutside(packet: RmcpPlus, reply: (bytes: Uint8Array) => void): void {
    const answer = (type: number, payload: Uint8Array | undefined) => payload && reply(encodePlain(type, payload))
    const { payload, payloadType } = packet
    switch (payloadType) {
      case OPEN.request:
        return void answer(payloadType + 1, openSession(payload, offered))
      case OPEN.rakp1:
        return void answer(
          payloadType + 1,
          rakp1(payload, seats.get(payload.length >= 8 ? u32(payload, 4) : 0), offered),
        )
      case OPEN.rakp3: {
        const id = payload.length >= 8 ? u32(payload, 4) : 0
        const response = rakp3(payload, seats.get(id), offered)
        if (response?.[1] !== 0) seats.delete(id)
        return void answer(payloadType + 1, response)
      }
      case 0: {
        const request = decodeRequest(payload)
        const data = request.command === 0x54 && listsSuites ? listSuites(request.data) : undefined
        if (data) reply(encodePlain(0, encodeResponse(request, 0, data)))
      }
    }
  }

  function receiveInside(packet: RmcpPlus, reply: (bytes: Uint8Array) => void): void {
    const seat = seats.get(packet.sessionId)
    if (!seat?.keys) return
    const { keys } = seat
    const payload = unseal(keys, packet)
    if (!isNew(seat, packet.sequence)) return
    const send = (payloadType: number, bytes: Uint8Array) => {
      if (isAway()) return
      const packet = { payloadType, sessionId: seat.consoleId, sequence: ++seat.sent, payload: bytes }
      reply(seal(keys, packet, randomBytes(16)))
    }
    if (packet.payloadType === SOL) serial.receive(seat, payload)
    else if (packet.payloadType === 0) perform(seat, decodeRequest(payload), send)
  }

  function perform(seat: Seat, request: Request, send: (type: number, bytes: Uint8Array) => void): void {
    // A repetition is answered and not done again.
    const same = Buffer.from([request.sequence, request.netFn, request.command, ...request.data]).toString('hex')
    if (seat.last?.request !== same) {
      asked.push(`${request.netFn}/${request.command.toString(16)}`)
      const [completion, data] = execute(seat, request, send)
      seat.last = { request: same, response: encodeResponse(request, completion, data) }
    }
    send(0, seat.last.response)
    if (request.netFn === APP && request.command === 0x3c) seats.delete(seat.id)
  }

  function execute(
    seat: Seat,
    request: Request,
    send: (type: number, bytes: Uint8Array) => void,
  ): [number, Uint8Array] {
    const { netFn, command, data } = request
    const level = privilegeOf(request)
    if ((level === 3 && options.isStrict ? 4 : level) > seat.level) return [0xd4, new Uint8Array()]
    if (netFn === 0) return chassisCommand(chassis, command, data)
    if (netFn !== APP) return [0xc1, new Uint8Array()]
    switch (command) {
      case 0x01:
        return [0, Buffer.from('2001010002bf0000000000000000000000', 'hex').subarray(0, 15)]
      case 0x3b: {
        const level = data[0] ?? 0
        if (level > seat.limit) return [0x81, new Uint8Array()]
        if (level !== 0) seat.level = level
        return [0, Uint8Array.of(seat.level)]
      }
      case 0x3c:
        serial.leave(seat)
        return [0, new Uint8Array()]
      case 0x48:
        return serial.activate(seat, (bytes) => send(SOL, bytes))
      case 0x49:
        return serial.deactivate()
      default:
        return [0xc1, new Uint8Array()]
    }
  }

  /** Records of suites: 3 and 17 with their algorithms, others with none. */
  function listSuites(data: Uint8Array): Uint8Array {
    const algorithms: Readonly<Record<number, readonly number[]>> = { 3: [1, 0x41, 0x81], 17: [3, 0x44, 0x81] }
    const list = suites.flatMap((suite) => [0xc0, suite, ...(algorithms[suite] ?? [0, 0x40, 0x80])])
    const index = (data[2] ?? 0) & 0x3f
    return Uint8Array.from([1, ...list.slice(16 * index, 16 * index + 16)])
  }

  const isAway = () => bmc.isAway
  const bmc: Bmc = {
    chassis,
    serial,
    isAway: false,
    asked,
    sessions: () => [...seats.values()].filter(({ keys }) => keys).length,
    forget() {
      seats.clear()
      serial.reset()
    },
    stop() {
      chassis.stop()
      serial.reset()
    },
    receive(bytes, _from, reply) {
      if (bmc.isAway) return
      try {
        const datagram = decode(bytes)
        if (datagram.format === 'ping') reply(pong(datagram.tag))
        else if (datagram.format === 'v1.5') {
          const request = decodeRequest(datagram.payload)
          if (request.command !== 0x38) return
          // The bit that asks for more is one that IPMI 1.5 does not know.
          const abilities = isOld ? [1, 0x14, 0x04, 0, 0, 0, 0, 0] : [1, 0x80, 0x04, 0x02, 0, 0, 0, 0]
          reply(old(encodeResponse(request, 0, Uint8Array.from(abilities))))
        } else if (datagram.format === 'rmcp+' && !isOld) {
          if (datagram.sessionId === 0) receiveOutside(datagram, reply)
          else receiveInside(datagram, reply)
        }
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error
      }
    },
  }
  return bmc
}

/** The window of 16 that a careful BMC has (6.12.13). */
function isNew(seat: Seat, sequence: number): boolean {
  if (sequence <= seat.highest - 16 || sequence > seat.highest + 16 || seat.seen.has(sequence)) return false
  seat.highest = Math.max(seat.highest, sequence)
  seat.seen.add(sequence)
  for (const old of seat.seen) if (old <= seat.highest - 16) seat.seen.delete(old)
  return true
}

function old(payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([6, 0, 0xff, 7]), Buffer.alloc(9), Buffer.from([payload.length]), payload])
}

function pong(tag: number): Buffer {
  const asf = [0, 0, 0x11, 0xbe, 0x40, tag, 0, 16, 0, 0, 0x11, 0xbe, 0, 0, 0, 0, 0x81, 0, 0, 0, 0, 0, 0, 0]
  return Buffer.from([6, 0, 0xff, 6, ...asf])
}

function u32(bytes: Uint8Array, at: number): number {
  return Buffer.from(bytes).readUInt32LE(at)
}
