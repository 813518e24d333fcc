/**
 * What RMCP+ proves and hides (IPMI 2.0, 13.19-13.32): the codes of RAKP, the keys of a session, the trailer of a packet
 * and AES. Pure: whatever must be random is handed in. Only suites that prove and hide are known: 0 and its like, which
 * let anyone in, cannot even be said here.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'
import { DecodeError } from '../../lib/bytes.ts'

export type SuiteId = 3 | 17

/** Table 22-20 and the algorithm numbers of 13.28. */
export interface Suite {
  readonly id: SuiteId
  readonly hash: 'sha1' | 'sha256'
  readonly authentication: number
  readonly integrity: number
  readonly confidentiality: number
  /** Bytes of a whole code, as in RAKP 2 and 3. */
  readonly codeLength: number
  /** Bytes of the shortened code, as in RAKP 4 and in every packet's trailer. */
  readonly shortLength: number
}

export const SUITES: Readonly<Record<SuiteId, Suite>> = {
  3: { id: 3, hash: 'sha1', authentication: 1, integrity: 1, confidentiality: 1, codeLength: 20, shortLength: 12 },
  17: { id: 17, hash: 'sha256', authentication: 3, integrity: 4, confidentiality: 1, codeLength: 32, shortLength: 16 },
}

/** What both sides have said before RAKP 2: all of it goes into the codes. */
export interface Exchange {
  readonly suite: Suite
  /** SIDm: the session id that the console chose. */
  readonly consoleId: number
  /** SIDc: the one that the BMC chose. */
  readonly managedId: number
  /** Rm and Rc: 16 random bytes of each side. */
  readonly consoleRandom: Uint8Array
  readonly managedRandom: Uint8Array
  readonly guid: Uint8Array
  /** The byte of RAKP 1: privilege level, and how the user is looked up. */
  readonly role: number
  readonly user: Uint8Array
}

export interface SessionKeys {
  readonly suite: Suite
  /** K1: proves packets. */
  readonly integrity: KeyObject
  /** The first 16 bytes of K2: hides payloads. */
  readonly cipher: KeyObject
}

/** The code of RAKP 2, by which the BMC shows that it knows the password. */
export function rakp2Code(exchange: Exchange, password: Uint8Array): Buffer {
  const { consoleId, managedId, consoleRandom, managedRandom, guid } = exchange
  return hmac(
    exchange.suite,
    password,
    u32(consoleId),
    u32(managedId),
    consoleRandom,
    managedRandom,
    guid,
    who(exchange),
  )
}

/** The code of RAKP 3, by which the console shows the same. */
export function rakp3Code(exchange: Exchange, password: Uint8Array): Buffer {
  return hmac(exchange.suite, password, exchange.managedRandom, u32(exchange.consoleId), who(exchange))
}

/** SIK: what all keys of the session come from. @param key the BMC key, or the password where none is set (13.31) */
export function sessionKey(exchange: Exchange, key: Uint8Array): Buffer {
  return hmac(exchange.suite, key, exchange.consoleRandom, exchange.managedRandom, who(exchange))
}

/** The code of RAKP 4, by which the BMC shows that it has come to the same keys. */
export function rakp4Code(exchange: Exchange, sik: Uint8Array): Buffer {
  const { suite, consoleRandom, managedId, guid } = exchange
  return hmac(suite, sik, consoleRandom, u32(managedId), guid).subarray(0, suite.shortLength)
}

/** The constants are 20 bytes for SHA-256 too (13.32). */
export function keysOf(suite: Suite, sik: Uint8Array): SessionKeys {
  const derive = (byte: number) => hmac(suite, sik, Buffer.alloc(20, byte))
  return { suite, integrity: createSecretKey(derive(1)), cipher: createSecretKey(derive(2).subarray(0, 16)) }
}

/** The code at the end of a packet, over everything from the session header on. */
export function packetCode({ suite, integrity }: SessionKeys, signed: Uint8Array): Buffer {
  return hmac(suite, integrity, signed).subarray(0, suite.shortLength)
}

/** AES-CBC-128 as 13.29 has it: the IV in front, padding 1, 2, 3 … and its length behind. */
export function encryptPayload({ cipher }: SessionKeys, payload: Uint8Array, iv: Uint8Array): Buffer {
  const pad = (16 - ((payload.length + 1) % 16)) % 16
  const plain = Buffer.alloc(payload.length + pad + 1)
  plain.set(payload)
  for (let i = 0; i < pad; i++) plain[payload.length + i] = i + 1
  plain[plain.length - 1] = pad
  const aes = createCipheriv('aes-128-cbc', cipher, iv).setAutoPadding(false)
  return Buffer.concat([iv, aes.update(plain), aes.final()])
}

/** @throws DecodeError for a wrong length or wrong padding */
export function decryptPayload({ cipher }: SessionKeys, bytes: Uint8Array): Buffer {
  if (bytes.length < 32 || bytes.length % 16 !== 0) throw new DecodeError(`IPMI ciphertext of ${bytes.length} bytes`)
  const aes = createDecipheriv('aes-128-cbc', cipher, bytes.subarray(0, 16)).setAutoPadding(false)
  const plain = Buffer.concat([aes.update(bytes.subarray(16)), aes.final()])
  const pad = plain[plain.length - 1] ?? 0
  const end = plain.length - 1 - pad
  // Some BMCs count a whole block of padding: up to 16 is taken, as long as the bytes are the right ones.
  if (pad > 16 || end < 0) throw new DecodeError(`IPMI padding of ${pad} bytes`)
  for (let i = 0; i < pad; i++) if (plain[end + i] !== i + 1) throw new DecodeError('IPMI padding is not 1, 2, 3 …')
  return plain.subarray(0, end)
}

/** Takes the same time wherever two codes differ. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

function hmac({ hash }: Suite, key: Uint8Array | KeyObject, ...parts: readonly Uint8Array[]): Buffer {
  const code = createHmac(hash, key)
  for (const part of parts) code.update(part)
  return code.digest()
}

/** ROLEm, ULENGTHm, UNAMEm. */
function who({ role, user }: Exchange): Buffer {
  return Buffer.concat([Buffer.from([role, user.length]), user])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
