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
  refreshToken,
  setUserDigest,
  type UserRow,
} from '../store/users.ts'
import { type LoginLimits, loginLimits } from './auth-limits.ts'
import { type ApiTokens, openApiTokens, type Scope } from './auth-tokens.ts'
import { createUsers, type Users } from './users.ts'

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
  /** What a caller of the REST API may: as `check`, and tokens whose scopes open some calls only. */
  identify(token: string): Caller | undefined
  /** Without making a login live longer. */
  isAlive(token: string): boolean
  readonly users: Users
  readonly tokens: ApiTokens
  /** Calls when logins or tokens have ended before their time, or a role changed. Answers how to stop. */
  onEnded(listener: () => void): () => void
  /** Calls for each login that was refused. */
  onRefused(listener: (user: string, peer: string) => void): () => void
  /** The count of failures that logins share with doors that check a secret by themselves. */
  readonly failures: Pick<LoginLimits, 'isLimited' | 'clear'> & { add(peer: string, user?: string): void }
}

export interface Caller {
  readonly user: string
  /** Undefined: its scopes alone say what it may. */
  readonly role: Role | undefined
  /** Undefined: a person's login, or the command line beside the daemon. */
  readonly scopes: readonly Scope[] | undefined
  /** What the user may, whose token it is. */
  readonly owner: Role
}

/** The realm of Cobbler's web server: the clients of 2011 hash it with their password, and people know it. */
export const DIGEST_REALM = 'Cobbler'

/** Cobbler's `auth_token_expiration`: an hour since the last use. */
const TOKEN_LIFE = 3_600_000

export interface AuthOptions {
  readonly db: Db
  readonly clock: Clock
  /** Seals what Digest needs of a password. */
  readonly vault: Vault
  /** The first user; made when there is none yet. Without a password one is made up and told once. */
  readonly admin: { readonly user: string; readonly password: string | undefined }
  readonly tellPassword: (user: string, password: string) => void
  /** The token of this process, where it is older than this; unset: a new one. */
  readonly localToken?: string
}

interface Token {
  readonly user: string
  expires: number
  /** What the store says; refreshed when it lags by minutes, so that a use does not cost a write. */
  stored: number
}

export async function openAuth({ db, clock, vault, admin, tellPassword, localToken }: AuthOptions): Promise<Auth> {
  const users = new Map((await loadUsers(db)).map((user) => [user.name, user]))
  if (users.size === 0) {
    const password = admin.password ?? newPassword()
    const digest = vault.seal(digestHa1(admin.user, DIGEST_REALM, password))
    const user = { name: admin.user, role: 'admin', hash: await hashPassword(password), digest, revision: 1 }
    // Told first: a crash in between makes up another at the next start, where a stored one would be lost for good.
    if (admin.password === undefined) tellPassword(admin.user, password)
    await insertUser(db, user)
    users.set(user.name, user)
  }
  const tokens = new Map<string, Token>()
  await deleteTokensBefore(db, clock.now())
  for (const { hash, user, expires } of await loadTokens(db, clock.now()))
    tokens.set(hash, { user, expires, stored: expires })
  const local = localToken ?? newToken()
  const localHash = hashToken(local)
  // Compared against when there is no such user, so that a wrong name takes as long as a wrong password.
  const nobody = await hashPassword(newPassword())

  const limits = loginLimits(clock)
  const onEnded = new Set<() => void>()
  const onRefused = new Set<(user: string, peer: string) => void>()
  const ended = () => onEnded.forEach((listener) => void listener())
  const failed = (peer: string, name: string) => {
    limits.add(peer)
    for (const listener of onRefused) listener(name, peer)
  }
  const roleOf = (name: string) => users.get(name)?.role as Role | undefined
  const given = await openApiTokens({ db, clock, roleOf, ended })
  const people = createUsers({
    ...{ db, vault, users, realm: DIGEST_REALM, roleChanged: ended },
    endLogins(name, isRemoved) {
      for (const [hash, token] of tokens) if (token.user === name) tokens.delete(hash)
      if (isRemoved) given.forgetOf(name)
      ended()
    },
  })

  /** Of a password that was just found right: users from before Digest get theirs at their first login. */
  async function keepDigest(user: UserRow, password: string): Promise<void> {
    const ha1 = digestHa1(user.name, DIGEST_REALM, password)
    if (vault.open(user.digest) === ha1) return
    const digest = vault.seal(ha1)
    await setUserDigest(db, user.name, user.hash, digest)
    if (users.get(user.name) === user) users.set(user.name, { ...user, digest })
  }

  async function verify(name: string, password: string, peer: string): Promise<Identity & { hash: string }> {
    const leave = await limits.enter(name, peer)
    try {
      const user = users.get(name)
      const right = await verifyPassword(password, user?.hash ?? nobody)
      // Its password may have been changed, or the user removed, while this one was compared.
      if (!user || !right || users.get(name)?.hash !== user.hash) {
        failed(peer, name)
        throw new OrchestraError('auth.login', `login failed (${name})`)
      }
      limits.clear(peer)
      await keepDigest(user, password)
      return { user: name, role: user.role as Role, hash: user.hash }
    } finally {
      leave()
    }
  }

  /** The identity of a login; one that is used lives on. */
  function byLogin(token: string): Identity | undefined {
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
      void refreshToken(db, hash, known.expires).catch(() => {})
    }
    const role = roleOf(known.user)
    return role && { user: known.user, role }
  }

  function identify(token: string): Caller | undefined {
    const login = byLogin(token)
    if (login) return { ...login, scopes: undefined, owner: login.role }
    const found = given.find(token)
    const owner = found && roleOf(found.user)
    return owner && { user: found.user, role: lesser(owner, found.scopes), scopes: found.scopes, owner }
  }

  return {
    async login(name, password, peer) {
      const { hash } = await verify(name, password, peer)
      const token = newToken()
      const key = hashToken(token)
      const expires = clock.now() + TOKEN_LIFE
      await deleteTokensBefore(db, clock.now())
      await putToken(db, { hash: key, user: name, expires })
      if (users.get(name)?.hash !== hash) {
        await deleteToken(db, key)
        throw new OrchestraError('auth.login', `login failed (${name})`)
      }
      tokens.set(key, { user: name, expires, stored: expires })
      return token
    },

    check(token) {
      const caller = identify(token)
      return caller?.role && { user: caller.user, role: caller.role }
    },

    identify,
    isAlive(token) {
      const hash = hashToken(token)
      return hash === localHash || (tokens.get(hash)?.expires ?? 0) > clock.now() || given.isAlive(token)
    },

    async logout(token) {
      const hash = hashToken(token)
      const had = tokens.delete(hash)
      if (had) {
        ended()
        await deleteToken(db, hash)
      }
      return had
    },

    localToken: () => local,
    async verify(name, password, peer) {
      const { user, role } = await verify(name, password, peer)
      return { user, role }
    },
    roleOf,
    users: people,
    tokens: given,

    onEnded(listener) {
      onEnded.add(listener)
      return () => void onEnded.delete(listener)
    },
    onRefused(listener) {
      onRefused.add(listener)
      return () => void onRefused.delete(listener)
    },

    digestHa1(name) {
      const user = users.get(name)
      return user && vault.open(user.digest)
    },

    failures: { isLimited: limits.isLimited, add: (peer, user = '') => failed(peer, user), clear: limits.clear },
  }
}

const ROLE_OF_SCOPE = { admin: 'admin', write: 'operator', read: 'viewer' } as const
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin']

/** The role that scopes give, and never more than the user's own. */
function lesser(owner: Role, scopes: readonly Scope[]): Role | undefined {
  const of = (['admin', 'write', 'read'] as const).find((scope) => scopes.includes(scope))
  if (of === undefined) return undefined
  return ROLES[Math.min(ROLES.indexOf(owner), ROLES.indexOf(ROLE_OF_SCOPE[of]))]
}
