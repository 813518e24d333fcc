/**
 * What a client of the proxy asks for, and what a file of the cache begins with: text and bytes to values and back.
 *
 * Pure. Whether it may be fetched is decide.ts; who listens is server.ts.
 */
import { asBuffer, DecodeError } from '../lib/bytes.ts'

export interface Target {
  /** In its normal form: one name for one thing. */
  readonly url: string
  /** A name or an IPv4 address, in small letters, without a last dot. */
  readonly host: string
  readonly port: number
  readonly path: string
  readonly hasQuery: boolean
}

export type ReadTarget = { readonly ok: true; readonly target: Target } | Refused
export interface Refused {
  readonly ok: false
  readonly status: number
  readonly because: string
}

/** The target of a request to a proxy (RFC 9112, 3.2.2: the absolute form). */
export function readTarget(method: string, text: string): ReadTarget {
  if (method !== 'GET' && method !== 'HEAD') return refused(405, 'this proxy knows GET and HEAD')
  if (text.startsWith('/')) return refused(400, 'this is a proxy for packages, not a site: name it as one (http_proxy)')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:') return refused(400, 'this proxy fetches http:// addresses')
  if (url.username !== '' || url.password !== '') return refused(400, 'no user and password in an address')
  // The parser has made 0x7f.1 and the like what they are: 127.0.0.1.
  const host = url.hostname.replace(/\.$/, '')
  if (!/^[a-z0-9_.-]{1,253}$/.test(host)) return refused(400, 'this proxy fetches from names and IPv4 addresses')
  url.hostname = host
  url.hash = ''
  const port = url.port === '' ? 80 : Number(url.port)
  return { ok: true, target: { url: url.href, host, port, path: url.pathname, hasQuery: url.search !== '' } }
}

function refused(status: number, because: string): Refused {
  return { ok: false, status, because }
}

/** Offsets of the first and the last byte. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * One range of a file of this length (RFC 9110, 14.1.2). Undefined: the whole file, for what is no range of bytes and for
 * several at once, which a server may pass over.
 */
export function readRange(header: string | undefined, length: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec((header ?? '').trim()) ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const start = Math.max(0, length - Number(last))
    return start >= length ? 'unsatisfiable' : { start, end: length - 1 }
  }
  const [start, end] = [Number(first), last === '' ? length - 1 : Math.min(Number(last), length - 1)]
  if (last !== '' && Number(last) < start) return undefined
  return start >= length ? 'unsatisfiable' : { start, end }
}

/** What is known of a file beside its bytes. */
export interface Facts {
  readonly url: string
  /** Bytes; undefined: it was sent in pieces, and is as long as it is. */
  readonly length: number | undefined
  /** Those of the mirror's answer that are worth keeping; names in small letters. */
  readonly headers: Readonly<Record<string, string>>
}

const MAGIC = 'ORP1'
const FIXED = 8
/** Longer ones are none of ours. */
export const MOST_HEAD = 65_536

/** What stands in front of the body: a mark, a length, and JSON. */
export function encodeHead(facts: Facts): Uint8Array {
  const json = Buffer.from(JSON.stringify(facts))
  const head = Buffer.alloc(FIXED + json.length)
  head.write(MAGIC, 'latin1')
  head.writeUInt32BE(json.length, MAGIC.length)
  head.set(json, FIXED)
  return head
}

/** @param bytes the beginning of the file. @throws DecodeError */
export function decodeHead(bytes: Uint8Array): { facts: Facts; bodyAt: number } {
  const buffer = asBuffer(bytes)
  const isOurs = buffer.length >= FIXED && buffer.toString('latin1', 0, MAGIC.length) === MAGIC
  if (!isOurs) throw new DecodeError('no file of the cache')
  const bodyAt = FIXED + buffer.readUInt32BE(MAGIC.length)
  if (bodyAt > Math.min(buffer.length, MOST_HEAD)) throw new DecodeError('the head of a cached file is cut')
  return { facts: readFacts(buffer.toString('utf8', FIXED, bodyAt)), bodyAt }
}

function readFacts(json: string): Facts {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new DecodeError('the head of a cached file is no JSON', { cause })
  }
  const { url, length, headers } = (value ?? {}) as Partial<Record<keyof Facts, unknown>>
  const isLength = length === undefined || (Number.isSafeInteger(length) && Number(length) >= 0)
  const isHeaders =
    typeof headers === 'object' && headers !== null && Object.values(headers).every((one) => typeof one === 'string')
  if (typeof url !== 'string' || !isLength || !isHeaders) throw new DecodeError('the head of a cached file is another')
  return { url, length: length as number | undefined, headers: headers as Record<string, string> }
}
