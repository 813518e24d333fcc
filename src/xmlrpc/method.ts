/** A remote method as a value, what it is given, and how it reads its arguments. Joining is a line in methods/index.ts. */
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { ITEM_TYPES, type ItemType, isItemType } from '../model/items.ts'
import type { Profile } from '../model/profile.ts'
import type { System } from '../model/system.ts'
import type { Audit } from '../services/audit.ts'
import type { Auth, Role } from '../services/auth.ts'
import type { Catalog } from '../services/catalog.ts'
import type { Cobbler } from '../services/cobbler.ts'
import type { Drafts } from '../services/drafts.ts'
import type { ImportRequest, ImportResult } from '../services/import.ts'
import type { Install } from '../services/install.ts'
import type { Power } from '../services/power.ts'
import { cobblerFault, invalidToken, typeFault } from './fault.ts'
import type { Tasks } from './tasks.ts'
import { Double, isArray, isBytes, isStruct, type Rows, type Struct, type Value } from './value.ts'

export interface Method {
  readonly name: string
  /**
   * `none`: for anybody. `read`: with any good token among the arguments, or without when anonymous reads are on. The
   * others ask for a good token as the argument `token`: `token` for anybody's, `write` for an operator's or admin's,
   * `admin` for an admin's.
   */
  readonly auth: 'none' | 'read' | 'token' | 'write' | 'admin'
  /** Cobbler's names of the arguments, in order. */
  readonly params: readonly string[]
  /** How many of them a call must have. */
  readonly required: number
  /** What Cobbler looks at before it looks at the token: an object that is gone is told first. */
  readonly before?: (context: Context, args: readonly Value[]) => void
  readonly call: (context: Context, args: readonly Value[]) => Value | Rows | Promise<Value>
}

/** What clients are told of this server. */
export interface XmlRpcSettings {
  /** `cobbler.anonymous_reads`: who has no token may read; secrets are masked. */
  readonly anonymousReads: boolean
  /** What nodes are told to fetch from: a host, or host:port. */
  readonly httpServer: string
  readonly dhcp: boolean
  readonly dns: boolean
}

export interface XmlRpcServices {
  readonly catalog: Catalog
  readonly auth: Pick<Auth, 'login' | 'logout' | 'check'>
  /** Unset: nobody keeps who changed what. */
  readonly audit?: Pick<Audit, 'note'> | undefined
  readonly power: Pick<Power, 'start' | 'finished' | 'read'>
  readonly install: Pick<Install, 'systemPreseed' | 'profilePreseed' | 'trigger' | 'disableNetboot'>
  readonly importTree: (request: ImportRequest, by: string) => Promise<Pick<ImportResult, 'because'>>
  readonly cobbler: Cobbler
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
  readonly settings: XmlRpcSettings
  readonly clock: Clock
  readonly log: Log
  /** 32 hexadecimal digits that nobody guesses. */
  readonly newUid: () => string
}

export interface Caller {
  readonly user: string
  readonly role: Role
  readonly token: string
}

export interface Context extends XmlRpcServices {
  readonly drafts: Drafts
  readonly tasks: Tasks
  /** Address of the asker. */
  readonly peer: string
  /** Who it is, when a good token came along; always there for a `write`. */
  readonly caller: Caller | undefined
}

export function callerOf({ caller }: Context): Caller {
  if (!caller) throw invalidToken('')
  return caller
}

/** Secrets are for those who could change them. */
export function maySeeSecrets({ caller }: Context): boolean {
  return caller !== undefined && caller.role !== 'viewer'
}

export function textArg(args: readonly Value[], index: number, name: string): string {
  const value = args[index]
  if (typeof value === 'string') return value
  if (value instanceof Double) return String(value.value)
  if (typeof value === 'number') return String(value)
  if (value !== undefined && isBytes(value)) return Buffer.from(value).toString('utf8')
  throw typeFault(`${name} must be a string`)
}

/** An argument that may be left out, and that clients write as nothing in several ways. */
export function nameOrNone(args: readonly Value[], index: number): string {
  const value = args[index]
  return value === undefined || value === null || value === '~' ? '' : textArg(args, index, 'name')
}

export function numberArg(args: readonly Value[], index: number, name: string): number {
  const value = args[index]
  const number =
    value instanceof Double ? value.value : typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw typeFault(`${name} must be a number`)
}

export function structArg(args: readonly Value[], index: number, name: string): Struct {
  const value = args[index]
  if (value === undefined || value === null) return {}
  if (!isStruct(value)) throw typeFault(`${name} must be a struct`)
  return value
}

/** A list of words; one word is a list of one. */
export function wordsArg(value: Value | undefined, name: string): readonly string[] {
  if (value === undefined || value === null) return []
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (isArray(value)) return value.map((_, index) => textArg(value, index, name))
  throw typeFault(`${name} must be a list of strings`)
}

export function tokenArg(value: Value | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** @throws Fault with Cobbler's words for a type that it does not have */
export function typeOf(word: Value | undefined): ItemType {
  if (typeof word === 'string' && isItemType(word)) return word
  throw cobblerFault(`internal error, collection name is "${typeof word === 'string' ? word : ''}"`)
}

/**
 * The same method for each type (`get_distro`, `get_system` …), and the one that takes the type first (`get_item`).
 * @param nameOf the name for a type, or for the word `item`
 */
export function family(nameOf: (type: string) => string, one: (type: ItemType) => Omit<Method, 'name'>): Method[] {
  const each = new Map(ITEM_TYPES.map((type) => [type, { ...one(type), name: nameOf(type) }]))
  const like = one('system')
  const methodOf = (what: Value | undefined): Method => {
    const method = each.get(typeOf(what))
    if (!method) throw cobblerFault(`internal error, collection name is "${String(what)}"`)
    return method
  }
  const general: Method = {
    ...like,
    name: nameOf('item'),
    params: ['what', ...like.params],
    required: like.required + 1,
    before: (context, [what, ...args]) => methodOf(what).before?.(context, args),
    call: (context, [what, ...args]) => methodOf(what).call(context, args),
  }
  return [...each.values(), general]
}
