/** The users: made, changed, removed, and their passwords. Who is logged in is auth.ts. */
import { oneAtATime } from '../lib/one-at-a-time.ts'
import { digestHa1, hashPassword, newPassword } from '../lib/secret.ts'
import type { Vault } from '../lib/vault.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Db } from '../store/db.ts'
import { deleteTokensOf, deleteUser, insertUser, replaceUser, type UserRow } from '../store/users.ts'
import type { Role } from './auth.ts'

export interface User {
  readonly name: string
  readonly role: Role
  readonly revision: number
}

export interface UserChange {
  readonly role?: Role | undefined
  readonly password?: string | undefined
}

export interface Users {
  /** In order of name. */
  list(): readonly User[]
  get(name: string): User | undefined
  /** Without a password one is made up and answered. @throws OrchestraError item.exists | item.invalid */
  add(user: { name: string; role: Role; password?: string | undefined }): Promise<{ user: User; password?: string }>
  /**
   * A new password ends all logins of the user. @param revision the one that is changed; undefined: any
   * @throws OrchestraError item.missing | item.invalid | item.in-use (the last admin) | item.stale
   */
  change(name: string, change: UserChange, revision?: number): Promise<User>
  /** With all his logins and tokens. @throws OrchestraError item.missing | item.in-use (the last admin) | item.stale */
  remove(name: string, revision?: number): Promise<void>
}

interface Needs {
  readonly db: Db
  readonly vault: Vault
  /** The users by name, which logins look at. */
  readonly users: Map<string, UserRow>
  readonly realm: string
  /** Forgets the logins of a user; of one that is removed, those that he gave to programs too. */
  readonly endLogins: (user: string, isRemoved: boolean) => void
  /** A role is another now. */
  readonly roleChanged: () => void
}

/** No colon, which ends a name in HTTP Basic and Digest; nothing that a shell or a URL reads otherwise. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/
const SHORTEST = 8

export function createUsers({ db, vault, users, realm, endLogins, roleChanged }: Needs): Users {
  const inTurn = oneAtATime()

  const find = (name: string, revision: number | undefined): UserRow => {
    const row = users.get(name)
    if (!row) throw new OrchestraError('item.missing', `there is no user ${name}`)
    if (revision !== undefined && row.revision !== revision) throw stale(row)
    return row
  }

  /** Somebody has to be able to let others in. */
  const keepAnAdmin = ({ name, role }: UserRow): void => {
    if (role !== 'admin') return
    if ([...users.values()].some((other) => other.role === 'admin' && other.name !== name)) return
    throw new OrchestraError('item.in-use', `${name} is the last admin; make another user an admin first`)
  }

  const sealed = async (name: string, password: string) => {
    if (password.length < SHORTEST) {
      throw new OrchestraError('item.invalid', `a password has ${SHORTEST} characters or more`, { field: 'password' })
    }
    return { hash: await hashPassword(password), digest: vault.seal(digestHa1(name, realm, password)) }
  }

  return {
    list: () => [...users.values()].map(userOf).sort((a, b) => (a.name < b.name ? -1 : 1)),
    get: (name) => {
      const row = users.get(name)
      return row && userOf(row)
    },

    add: ({ name, role, password = newPassword() }) =>
      inTurn(async () => {
        if (!NAME.test(name)) {
          throw new OrchestraError('item.invalid', 'a name has letters, digits and . _ @ - (64 at most)', {
            field: 'name',
          })
        }
        if (users.has(name)) {
          throw new OrchestraError('item.exists', `there is a user ${name} already`, { field: 'name' })
        }
        const row: UserRow = { name, role, ...(await sealed(name, password)), revision: 1 }
        await insertUser(db, row)
        users.set(name, row)
        return { user: userOf(row), password }
      }),

    change: (name, { role, password }, revision) =>
      inTurn(async () => {
        const secret = password === undefined ? {} : await sealed(name, password)
        // Looked at after the wait, and held against the store: a login may have kept a digest in between.
        const before = find(name, revision)
        if (role !== undefined && role !== 'admin') keepAnAdmin(before)
        const after: UserRow = { ...before, ...secret, ...(role && { role }), revision: before.revision + 1 }
        await db.transaction().execute(async (tx) => {
          if (!(await replaceUser(tx, after, before.revision))) throw stale(before)
          if (password !== undefined) await deleteTokensOf(tx, name)
        })
        users.set(name, after)
        if (password !== undefined) endLogins(name, false)
        if (after.role !== before.role) roleChanged()
        return userOf(after)
      }),

    remove: (name, revision) =>
      inTurn(async () => {
        const row = find(name, revision)
        keepAnAdmin(row)
        await db.transaction().execute((tx) => deleteUser(tx, name))
        users.delete(name)
        endLogins(name, true)
      }),
  }
}

function userOf({ name, role, revision }: UserRow): User {
  return { name, role: role as Role, revision }
}

function stale({ name, revision }: UserRow): OrchestraError {
  return new OrchestraError(
    'item.stale',
    `${name} was changed in between (it is at revision ${revision}); read it again`,
  )
}
