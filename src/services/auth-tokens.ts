/** Long-lived tokens that people give to programs: made, told once, listed, ended. What a scope opens is http/scopes.ts. */
import type { Clock } from '../lib/clock.ts'
import { hashToken, newToken, newUid } from '../lib/secret.ts'
import { OrchestraError } from '../model/errors.ts'
import { deleteApiToken, insertApiToken, loadApiTokens, setApiTokenUsed } from '../store/api-tokens.ts'
import type { Db } from '../store/db.ts'
import type { ApiTokenRow } from '../store/schema.ts'
import type { Role } from './auth.ts'

/**
 * `read`, `write` and `admin` are what a viewer, an operator and an admin may; `power` and `acquire` open these calls
 * alone. None of them gives a user more than his role does.
 */
export const SCOPES = ['read', 'write', 'admin', 'power', 'acquire'] as const
export type Scope = (typeof SCOPES)[number]

export interface ApiToken {
  readonly id: string
  readonly user: string
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Times are milliseconds since 1970; null: never. */
  readonly made: number
  readonly expires: number | null
  readonly used: number | null
}

export interface TokenRequest {
  readonly user: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly expires?: number | undefined
}

export interface ApiTokens {
  list(): readonly ApiToken[]
  get(id: string): ApiToken | undefined
  /** @throws OrchestraError item.missing (no such user) | item.exists | item.invalid | auth.denied (more than his role) */
  add(request: TokenRequest): Promise<{ readonly token: string; readonly made: ApiToken }>
  /** It ends at once. @throws OrchestraError item.missing */
  remove(id: string): Promise<void>
  /** Undefined for one that is unknown or over. Remembers that it was used. */
  find(token: string): ApiToken | undefined
  /** Without remembering. */
  isAlive(token: string): boolean
  /** For a user that is removed: the store has done so already. */
  forgetOf(user: string): void
}

interface Needs {
  readonly db: Db
  readonly clock: Clock
  readonly roleOf: (user: string) => Role | undefined
  /** Told when one has ended. */
  readonly ended: () => void
}

/** What tokens begin with, so that one that was left in a file is recognized. */
const PREFIX = 'orchestra_'
const SHAPE = new RegExp(`^${PREFIX}[\\w-]{43}$`)
/** The last use is written this often: a use does not cost a write. */
const LAG = 60_000

const SCOPE_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ['read'],
  operator: ['read', 'write', 'power', 'acquire'],
  admin: SCOPES,
}

export async function openApiTokens({ db, clock, roleOf, ended }: Needs): Promise<ApiTokens> {
  const byHash = new Map((await loadApiTokens(db)).map((row) => [row.hash, tokenOf(row)]))
  const writtenUse = new Map<string, number>()
  const hashOf = (id: string) => [...byHash].find(([, token]) => token.id === id)?.[0]

  function alive(token: string): [hash: string, token: ApiToken] | undefined {
    if (!SHAPE.test(token)) return undefined
    const hash = hashToken(token)
    const known = byHash.get(hash)
    return known && (known.expires === null || known.expires > clock.now()) ? [hash, known] : undefined
  }

  return {
    list: () => [...byHash.values()],
    get: (id) => byHash.get(hashOf(id) ?? ''),

    async add({ user, name, scopes, expires }) {
      const role = roleOf(user)
      if (role === undefined) throw new OrchestraError('item.missing', `there is no user ${user}`)
      const above = scopes.find((scope) => !SCOPE_OF_ROLE[role].includes(scope))
      if (above !== undefined) {
        throw new OrchestraError('auth.denied', `${user} is ${role}: the scope ${above} would be more than that`, {
          field: 'scopes',
        })
      }
      if (expires !== undefined && expires <= clock.now()) {
        throw new OrchestraError('item.invalid', 'a token that expires in the past is of no use', { field: 'expires' })
      }
      if ([...byHash.values()].some((other) => other.user === user && other.name === name)) {
        throw new OrchestraError(
          'item.exists',
          `${user} has a token named ${name}; revoke it, or choose another name`,
          {
            field: 'name',
          },
        )
      }
      const token = PREFIX + newToken()
      const made: ApiToken = {
        ...{ id: newUid().slice(0, 12), user, name, scopes: [...new Set(scopes)] },
        ...{ made: clock.now(), expires: expires ?? null, used: null },
      }
      const hash = hashToken(token)
      byHash.set(hash, made)
      try {
        await insertApiToken(db, { ...made, hash, scopes: made.scopes.join(' ') })
      } catch (error) {
        byHash.delete(hash)
        throw error
      }
      return { token, made }
    },

    async remove(id) {
      const hash = hashOf(id)
      if (hash === undefined) throw new OrchestraError('item.missing', `there is no token ${id}`)
      byHash.delete(hash)
      ended()
      await deleteApiToken(db, id)
    },

    find(token) {
      const [hash, known] = alive(token) ?? []
      if (hash === undefined || !known) return undefined
      const used = clock.now()
      byHash.set(hash, { ...known, used })
      if (used - (writtenUse.get(hash) ?? 0) >= LAG) {
        writtenUse.set(hash, used)
        // A time that was lost costs nobody anything.
        void setApiTokenUsed(db, known.id, used).catch(() => {})
      }
      return known
    },

    isAlive: (token) => alive(token) !== undefined,

    forgetOf(user) {
      for (const [hash, token] of byHash) if (token.user === user) byHash.delete(hash)
    },
  }
}

function tokenOf({ hash: _, ...row }: ApiTokenRow): ApiToken {
  return { ...row, scopes: SCOPES.filter((scope) => row.scopes.split(' ').includes(scope)) }
}
