/** The BMC's side of the handshake: open session and RAKP (IPMI 2.0, 13.17-13.23). */
import { randomBytes } from 'node:crypto'
import {
  type Exchange,
  isSame,
  keysOf,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  SUITES,
  type Suite,
  sessionKey,
} from '../../../src/power/ipmi/crypto.ts'
import type { BmcUser } from './bmc.ts'
import type { Seat } from './seat.ts'

export interface Offered {
  readonly users: readonly BmcUser[]
  readonly suites: readonly number[]
  readonly weakens: boolean
  readonly key: string | undefined
  readonly guid: Uint8Array
  newSeat(seat: Omit<Seat, 'id'>): Seat | undefined
}

export function openSession(bytes: Uint8Array, { suites, weakens, newSeat }: Offered): Uint8Array | undefined {
  if (bytes.length < 32) return undefined
  const [tag = 0, wanted = 0] = bytes
  const consoleId = Buffer.from(bytes).readUInt32LE(4)
  const suite = Object.values(SUITES).find(
    (one) =>
      suites.includes(one.id) &&
      bytes[12] === one.authentication &&
      bytes[20] === one.integrity &&
      bytes[28] === one.confidentiality,
  )
  if (!suite) return Buffer.concat([Buffer.from([tag, 0x11, 0, 0]), u32(consoleId)])
  const seat = newSeat(emptySeat(consoleId, suite, wanted))
  if (!seat) return Buffer.concat([Buffer.from([tag, 0x01, 0, 0]), u32(consoleId)])
  const { authentication, integrity, confidentiality } = weakens
    ? { authentication: 0, integrity: 0, confidentiality: 0 }
    : suite
  const algorithm = (type: number, number: number) => [type, 0, 0, 8, number, 0, 0, 0]
  return Buffer.concat([
    Buffer.from([tag, 0, wanted, 0]),
    u32(consoleId),
    u32(seat.id),
    Buffer.from([...algorithm(0, authentication), ...algorithm(1, integrity), ...algorithm(2, confidentiality)]),
  ])
}

export function rakp1(bytes: Uint8Array, seat: Seat | undefined, offered: Offered): Uint8Array | undefined {
  if (bytes.length < 28) return undefined
  const tag = bytes[0] ?? 0
  if (!seat) return Buffer.from([tag, 0x02, 0, 0, 0, 0, 0, 0])
  return again(seat, bytes, () => {
    const refuse = (status: number) => Buffer.concat([Buffer.from([tag, status, 0, 0]), u32(seat.consoleId)])
    const role = bytes[24] ?? 0
    const name = Buffer.from(bytes.subarray(28, 28 + (bytes[27] ?? 0)))
    const user = offered.users.find((one) => Buffer.from(one.name).equals(name))
    if (!user) return refuse(0x0d)
    const level = role & 0x0f || user.privilege
    if (level > user.privilege) return refuse(0x0a)
    seat.limit = level
    // Every session begins there, and is raised by command.
    seat.level = 2
    seat.password = Buffer.from(user.password)
    const exchange: Exchange = {
      ...{ suite: seat.suite, consoleId: seat.consoleId, managedId: seat.id, role, user: name, guid: offered.guid },
      consoleRandom: bytes.slice(8, 24),
      managedRandom: randomBytes(16),
    }
    seat.exchange = exchange
    seat.sik = sessionKey(exchange, offered.key === undefined ? seat.password : Buffer.from(offered.key))
    const code = rakp2Code(exchange, seat.password)
    return Buffer.concat([
      Buffer.from([tag, 0, 0, 0]),
      u32(seat.consoleId),
      exchange.managedRandom,
      exchange.guid,
      code,
    ])
  })
}

export function rakp3(bytes: Uint8Array, seat: Seat | undefined, _offered: Offered): Uint8Array | undefined {
  const [tag = 0, status] = bytes
  // The console gives up: nothing is answered, and the seat is free.
  if (status !== 0) return undefined
  const { exchange, sik } = seat ?? {}
  if (!seat || !exchange || !sik) return Buffer.from([tag, 0x02, 0, 0, 0, 0, 0, 0])
  return again(seat, bytes, () => {
    if (!isSame(rakp3Code(exchange, seat.password), bytes.subarray(8))) {
      return Buffer.concat([Buffer.from([tag, 0x0f, 0, 0]), u32(seat.consoleId)])
    }
    seat.keys = keysOf(seat.suite, sik)
    return Buffer.concat([Buffer.from([tag, 0, 0, 0]), u32(seat.consoleId), rakp4Code(exchange, sik)])
  })
}

function again(seat: Seat, bytes: Uint8Array, answer: () => Uint8Array): Uint8Array {
  const said = Buffer.from(bytes).toString('hex')
  if (seat.said?.bytes !== said) seat.said = { bytes: said, answer: answer() }
  return seat.said.answer
}

function emptySeat(consoleId: number, suite: Suite, wanted: number): Omit<Seat, 'id'> {
  return {
    ...{ consoleId, suite, wanted, limit: 0, level: 0, sent: 0, highest: 0, seen: new Set<number>() },
    ...{ exchange: undefined, sik: undefined, keys: undefined, said: undefined, last: undefined },
    password: new Uint8Array(),
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
