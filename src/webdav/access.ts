/**
 * Who asks the store, and may they? Digest for everybody, a token of the API, and Basic where a setting allows it; the
 * challenge is always Digest alone, because the orchestrators of 2011 give up at any other.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../lib/clock.ts'
import { digestHa1 } from '../lib/secret.ts'
import { challenge, isResponse, makeNonce, nonceTime, parseDigest } from './digest.ts'
import { plain } from './handle.ts'
import { rawPathOf } from './path.ts'
import type { DavAnswer } from './store.ts'

/** The users, by functions. */
export interface DavUsers {
  /** MD5 of user:realm:password; undefined: no such user, or the password was not seen since. */
  ha1(user: string): string | undefined
  /** Undefined for a token that is unknown or expired. */
  byToken(token: string): string | undefined
  /** Counts a failure by itself; false also when there were too many. */
  byPassword(user: string, password: string, peer: string): Promise<boolean>
  mayWrite(user: string): boolean
  /** True after too many failures of a peer. */
  isLimited(peer: string): boolean
  failed(user: string, peer: string): void
  succeeded(peer: string): void
}

export interface AccessOptions {
  readonly realm: string
  readonly users: DavUsers
  readonly clock: Clock
  readonly anonymousRead: boolean
  readonly anonymousWrite: boolean
  readonly basic: boolean
}

export interface AccessRequest {
  readonly method: string
  /** As it stands in the request line. */
  readonly target: string
  readonly authorization: string | undefined
  readonly peer: string
}

export type Access =
  /** @property user empty: anybody */
  { readonly ok: true; readonly user: string } | { readonly ok: false; readonly answer: DavAnswer }

const READS = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND'])

/** After that a client is told to take another nonce, without asking its user again. */
const NONCE_LIFE = 600_000

export function createAccess(options: AccessOptions): (request: AccessRequest) => Promise<Access> {
  const { realm, users, clock, anonymousRead, anonymousWrite, basic } = options
  // With the process goes the key: a count of uses that was forgotten can be of no nonce that is still good.
  const key = randomBytes(32)
  const uses = usesOfNonces(clock)
  // For users that are not there, so that they are refused like a wrong password.
  const nobody = randomBytes(16).toString('hex')

  const unauthorized = (sentence: string, stale = false): Access => {
    const nonce = makeNonce(key, clock.now(), randomBytes(9))
    return { ok: false, answer: plain(401, sentence, { 'www-authenticate': challenge(realm, nonce, stale) }) }
  }

  function byDigest({ method, target, authorization = '', peer }: AccessRequest): Access {
    const given = parseDigest(authorization)
    if (given?.realm !== realm) return unauthorized('these are no Digest credentials for this store')
    // Clients write the absolute URL or a path; HA2 is over their text, and its path has to be the one that is asked for.
    if (decoded(given.uri) !== decoded(target)) {
      return { ok: false, answer: plain(400, 'the uri of the credentials is another than the one that is asked for') }
    }
    const ha1 = users.ha1(given.username)
    const isRight = isResponse(ha1 ?? nobody, method, given)
    if (ha1 === undefined || !isRight) {
      users.failed(given.username, peer)
      return unauthorized('user or password is wrong')
    }
    const made = nonceTime(key, given.nonce)
    if (made === undefined || clock.now() - made > NONCE_LIFE) return unauthorized('this nonce is too old', true)
    // A client may go on counting from nonce to nonce; it may not say the same again, or what it said before.
    if (!uses.isNew(given.nonce, Number.parseInt(given.nc, 16), made + NONCE_LIFE)) {
      return unauthorized('this nonce was used with this count already', true)
    }
    users.succeeded(peer)
    return { ok: true, user: given.username }
  }

  async function byBasic({ authorization = '', peer }: AccessRequest): Promise<Access> {
    if (!basic) return unauthorized('Basic is not taken here: use Digest')
    const text = Buffer.from(authorization.replace(/^Basic\s+/i, ''), 'base64').toString('utf8')
    const at = text.indexOf(':')
    const [user, password] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
    // The same proof as by Digest, where it is known; what takes its time, and counts failures, is the password itself.
    const ha1 = users.ha1(user)
    if (ha1 !== undefined && isSame(ha1, digestHa1(user, realm, password))) {
      users.succeeded(peer)
      return { ok: true, user }
    }
    return (await users.byPassword(user, password, peer))
      ? { ok: true, user }
      : unauthorized('user or password is wrong')
  }

  async function identify(request: AccessRequest): Promise<Access> {
    const { authorization, peer } = request
    if (authorization === undefined) return unauthorized('this needs a user and a password')
    const scheme = /^\S+/.exec(authorization)?.[0].toLowerCase()
    if (scheme === 'bearer') {
      const user = users.byToken(authorization.replace(/^\S+\s+/, '').trim())
      return user === undefined ? unauthorized('the token is unknown or expired') : { ok: true, user }
    }
    if (users.isLimited(peer)) {
      return { ok: false, answer: plain(429, 'too many failed logins; wait a minute', { 'retry-after': '60' }) }
    }
    return scheme === 'basic' ? await byBasic(request) : byDigest(request)
  }

  return async (request) => {
    const isRead = READS.has(request.method)
    if (anonymousWrite || (anonymousRead && isRead)) return { ok: true, user: '' }
    const access = await identify(request)
    if (!access.ok || isRead || users.mayWrite(access.user)) return access
    return { ok: false, answer: plain(403, `${access.user} may read the store and not change it`) }
  }
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}

/** The path of a URL without its escapes, for a comparison only. */
function decoded(target: string): string {
  const path = rawPathOf(target)
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** The highest count of each nonce that was used rightly, while the nonce is good. */
function usesOfNonces(clock: Clock) {
  const counts = new Map<string, { count: number; readonly until: number }>()
  return {
    isNew(nonce: string, count: number, until: number): boolean {
      const used = counts.get(nonce)
      if (used && count <= used.count) return false
      if (used) used.count = count
      else counts.set(nonce, { count, until })
      // The oldest are first: what is over is let go as others come.
      for (const [old, { until: end }] of counts) {
        if (end >= clock.now()) break
        counts.delete(old)
      }
      return true
    },
  }
}
