/** Who is there, and what they may: logins, tokens, roles. */
import type { Clock } from '../lib/clock.ts'
import { digestHa1, hashPassword, hashToken, newPassword, newToken, verifyPassword } from '../lib/secret.ts'
import type { Vault } from '../lib/vault.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Db } from '../store/db.ts'
import {
  deleteToken,
  deleteTokensBefore,
  insertUser,
  loadTokens,
  loadUsers,
  putToken,
  setUserDigest,
  type UserRow,
} from '../store/users.ts'

/** A viewer reads; an operator also writes and powers; an admin also imports and manages users. */
export type Role = 'viewer' | 'operator' | 'admin'
export interface Identity {
  readonly user: string
  readonly role: Role
}

export interface Auth {
  /** @param peer address of the asker, for the limit on failures. @throws OrchestraError auth.login | auth.limited */
  login(user: string, password: string, peer: string): Promise<string>
  /** Undefined for a token that is unknown, malformed or expired; a good one lives on for another hour. */
  check(token: string): Identity | undefined
  /** False when there was no such token. */
  logout(token: string): Promise<boolean>
  /** A token of this process, never stored: for the command line on the same machine. */
  localToken(): string
  /** Checks a password without a token for it. @throws OrchestraError auth.login | auth.limited */
  verify(user: string, password: string, peer: string): Promise<Identity>
  roleOf(user: string): Role | undefined
  /** HA1 of HTTP Digest; undefined for a user who is not there, or whose password was not seen since it is kept. */
  digestHa1(user: string): string | undefined
  /** The count of failures that logins share with doors that check a secret by themselves. */
  readonly failures: {
    isLimited(peer: string): boolean
    add(peer: string): void
    clear(peer: string): void
  }
}

/** The realm of Cobbler's web server: the clients of 2011 hash it with their password, and people know it. */
export const DIGEST_REALM = 'Cobbler'

/** Cobbler's `auth_token_expiration`: an hour since the last use. */
const TOKEN_LIFE = 3_600_000
/** Failed logins of one peer within a minute before it must wait. */
const FAILURES = 10

export interface AuthOptions {
  readonly db: Db
  readonly clock: Clock
  /** Seals what Digest needs of a password. */
  readonly vault: Vault
  /** The first user; made when there is none yet. Without a password one is made up and told once. */
  readonly admin: { readonly user: string; readonly password: string | undefined }
  readonly tellPassword: (user: string, password: string) => void
}

interface Token {
  readonly user: string
  expires: number
  /** What the store says; refreshed when it lags by minutes, so that a use does not cost a write. */
  stored: number
}

export async function openAuth({ db, clock, vault, admin, tellPassword }: AuthOptions): Promise<Auth> {
  const users = new Map((await loadUsers(db)).map((user) => [user.name, user]))
  if (users.size === 0) {
    const password = admin.password ?? newPassword()
    const digest = vault.seal(digestHa1(admin.user, DIGEST_REALM, password))
    const user = { name: admin.user, role: 'admin', hash: await hashPassword(password), digest }
    // Told first: a crash in between makes up another at the next start, where a stored one would be lost for good.
    if (admin.password === undefined) tellPassword(admin.user, password)
    await insertUser(db, user)
    users.set(user.name, user)
  }
  const tokens = new Map<string, Token>()
  await deleteTokensBefore(db, clock.now())
  for (const { hash, user, expires } of await loadTokens(db, clock.now()))
    tokens.set(hash, { user, expires, stored: expires })
  const local = newToken()
  const localHash = hashToken(local)
  const failures = new Map<string, number[]>()
  // Compared against when there is no such user, so that a wrong name takes as long as a wrong password.
  const nobody = await hashPassword(newPassword())

  function recentFailures(peer: string): number[] {
    const recent = (failures.get(peer) ?? []).filter((at) => at > clock.now() - 60_000)
    if (recent.length === 0) failures.delete(peer)
    else failures.set(peer, recent)
    return recent
  }

  const failed = (peer: string) => void failures.set(peer, [...recentFailures(peer), clock.now()])

  /** Of a password that was just found right: users from before Digest get theirs at their first login. */
  async function keepDigest(user: UserRow, password: string): Promise<void> {
    const ha1 = digestHa1(user.name, DIGEST_REALM, password)
    if (vault.open(user.digest) === ha1) return
    const digest = vault.seal(ha1)
    await setUserDigest(db, user.name, digest)
    users.set(user.name, { ...user, digest })
  }

  /** Logins of one peer that are looked at now, and who waits for the end of one. */
  const underWay = new Map<string, { count: number; waiting: (() => void)[] }>()

  function forget(peer: string): void {
    const here = underWay.get(peer)
    if (here?.count === 0 && here.waiting.length === 0) underWay.delete(peer)
  }

  /**
   * So many at once that all of them wrong would be too many are not refused, for they may all be right: the next waits
   * until one of them has ended. @throws OrchestraError auth.limited
   */
  async function enter(name: string, peer: string): Promise<() => void> {
    const here = underWay.get(peer) ?? { count: 0, waiting: [] }
    underWay.set(peer, here)
    while (recentFailures(peer).length < FAILURES && recentFailures(peer).length + here.count >= FAILURES) {
      await new Promise<void>((wake) => here.waiting.push(wake))
    }
    if (recentFailures(peer).length >= FAILURES) {
      forget(peer)
      throw new OrchestraError(
        'auth.limited',
        `login failed (${name}): too many failed logins from ${peer}; wait a minute`,
      )
    }
    here.count++
    return () => {
      here.count--
      forget(peer)
      for (const wake of here.waiting.splice(0)) wake()
    }
  }

  async function verify(name: string, password: string, peer: string): Promise<Identity> {
    const leave = await enter(name, peer)
    try {
      const user = users.get(name)
      const right = await verifyPassword(password, user?.hash ?? nobody)
      if (!user || !right) {
        failed(peer)
        throw new OrchestraError('auth.login', `login failed (${name})`)
      }
      failures.delete(peer)
      await keepDigest(user, password)
      return { user: name, role: user.role as Role }
    } finally {
      leave()
    }
  }

  return {
    async login(name, password, peer) {
      await verify(name, password, peer)
      const token = newToken()
      const expires = clock.now() + TOKEN_LIFE
      await deleteTokensBefore(db, clock.now())
      await putToken(db, { hash: hashToken(token), user: name, expires })
      tokens.set(hashToken(token), { user: name, expires, stored: expires })
      return token
    },

    check(token) {
      if (!/^[\w-]{43}$/.test(token)) return undefined
      const hash = hashToken(token)
      if (hash === localHash) return { user: admin.user, role: 'admin' }
      const known = tokens.get(hash)
      if (!known) return undefined
      const now = clock.now()
      if (known.expires <= now) {
        tokens.delete(hash)
        return undefined
      }
      known.expires = now + TOKEN_LIFE
      if (known.expires - known.stored > 300_000) {
        known.stored = known.expires
        // A lost refresh costs a login, no more.
        void putToken(db, { hash, user: known.user, expires: known.expires }).catch(() => {})
      }
      const user = users.get(known.user)
      return user && { user: user.name, role: user.role as Role }
    },

    async logout(token) {
      const hash = hashToken(token)
      const had = tokens.delete(hash)
      if (had) await deleteToken(db, hash)
      return had
    },

    localToken: () => local,
    verify,
    roleOf: (name) => users.get(name)?.role as Role | undefined,

    digestHa1(name) {
      const user = users.get(name)
      return user && vault.open(user.digest)
    },

    failures: {
      isLimited: (peer) => recentFailures(peer).length >= FAILURES,
      add: failed,
      clear: (peer) => void failures.delete(peer),
    },
  }
}
