/**
 * HTTP Digest (RFC 7616, RFC 2617), MD5 and qop=auth, as pure functions: credentials read and checked, nonces made and
 * dated. Who the users are is access.ts.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface DigestCredentials {
  readonly username: string
  readonly realm: string
  readonly nonce: string
  /** As the client wrote it: a path, or the absolute URL, as the orchestrators of 2011 do. */
  readonly uri: string
  readonly response: string
  readonly qop: string
  /** Eight hexadecimal digits. */
  readonly nc: string
  readonly cnonce: string
}

const PARAMETER = /[\s,]*([A-Za-z0-9*_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?=,|$)/y

/** `Digest name=value, …`: any value may be quoted, also those that RFC 7616 wants bare. Undefined: not good ones. */
export function parseDigest(header: string): DigestCredentials | undefined {
  const text = /^Digest\s+(.*)$/is.exec(header)?.[1]?.trimEnd()
  if (text === undefined) return undefined
  const given = new Map<string, string>()
  PARAMETER.lastIndex = 0
  while (PARAMETER.lastIndex < text.length) {
    const [, name, quoted, bare] = PARAMETER.exec(text) ?? []
    if (name === undefined) return undefined
    // Said twice, it would mean what the reader likes.
    if (given.has(name.toLowerCase())) return undefined
    given.set(name.toLowerCase(), quoted?.replace(/\\(.)/gs, '$1') ?? bare ?? '')
  }
  const [username, realm, nonce, uri, response, qop, nc, cnonce] = [
    ...['username', 'realm', 'nonce', 'uri', 'response', 'qop', 'nc', 'cnonce'],
  ].map((name) => given.get(name) ?? '')
  if (!username || !realm || !nonce || !uri || !cnonce || qop?.toLowerCase() !== 'auth') return undefined
  if (!response || !/^[0-9a-f]{32}$/i.test(response) || !nc || !/^[0-9a-f]{8}$/i.test(nc)) return undefined
  if ((given.get('algorithm') ?? 'MD5').toUpperCase() !== 'MD5') return undefined
  return { username, realm, nonce, uri, response: response.toLowerCase(), qop, nc, cnonce }
}

/** True when whoever wrote the response knew HA1. HA2 is over the very text of `uri`. */
export function isResponse(ha1: string, method: string, credentials: DigestCredentials): boolean {
  const wanted = responseOf(ha1, method, credentials)
  return timingSafeEqual(Buffer.from(wanted), Buffer.from(credentials.response))
}

export function responseOf(ha1: string, method: string, credentials: Omit<DigestCredentials, 'response'>): string {
  const { nonce, nc, cnonce, qop, uri } = credentials
  return md5([ha1, nonce, nc, cnonce, qop, md5(`${method}:${uri}`)].join(':'))
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

const SALT = 9
const MAC = 18

/** A nonce tells when it was made, under our seal: nothing has to be remembered of it. @param salt 9 random bytes */
export function makeNonce(key: Buffer, now: number, salt: Buffer): string {
  const time = Buffer.alloc(6)
  time.writeUIntBE(now, 0, 6)
  const body = Buffer.concat([time, salt])
  return Buffer.concat([body, seal(key, body)]).toString('base64url')
}

/** When a nonce was made; undefined for one that is not ours. */
export function nonceTime(key: Buffer, nonce: string): number | undefined {
  const bytes = Buffer.from(nonce, 'base64url')
  // One nonce has one spelling: another that decodes alike would count its uses anew.
  if (bytes.length !== 6 + SALT + MAC || bytes.toString('base64url') !== nonce) return undefined
  const body = bytes.subarray(0, 6 + SALT)
  return timingSafeEqual(seal(key, body), bytes.subarray(6 + SALT)) ? body.readUIntBE(0, 6) : undefined
}

function seal(key: Buffer, body: Buffer): Buffer {
  return createHmac('sha256', key).update(body).digest().subarray(0, MAC)
}

/**
 * The one challenge: with a second beside it, or Basic, the orchestrators of 2011 give up. They want realm, nonce and qop,
 * and MD5 if anything.
 */
export function challenge(realm: string, nonce: string, stale: boolean): string {
  return `Digest realm="${realm}", nonce="${nonce}", algorithm=MD5, qop="auth"${stale ? ', stale=true' : ''}`
}
