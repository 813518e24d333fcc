/**
 * The catalog: every object of Cobbler's nouns, all of them in memory for the hot path; each change is
 * checked whole, written to the store by compare-and-swap, and only then seen and announced.
 */
import type { Clock } from '../lib/clock.ts'
import { oneAtATime } from '../lib/one-at-a-time.ts'
import type { Vault } from '../lib/vault.ts'
import type { Ipv4, Mac } from '../model/address.ts'
import { type CustodyChange, type CustodyFacts, classesOf, custodyChanges, refusedBecause } from '../model/custody.ts'
import { OrchestraError } from '../model/errors.ts'
import type { EventMap } from '../model/event.ts'
import { checkItem, emptyItem, ITEM_TYPES, type ItemOf, type ItemType } from '../model/items.ts'
import type { System } from '../model/system.ts'
import type { Db, Tx } from '../store/db.ts'
import { putRelease } from '../store/idempotency.ts'
import { deleteItem, insertItem, loadItems, replaceItem } from '../store/items.ts'
import {
  childrenOf,
  type Dependent,
  dependentsOf,
  emptyFleet,
  type Fleet,
  indexOf,
  putItem,
  takeItem,
  type Word,
} from './fleet.ts'
import { missingParent } from './parents.ts'

export interface Catalog {
  get<Type extends ItemType>(type: Type, name: string): ItemOf[Type] | undefined
  byUid<Type extends ItemType>(type: Type, uid: string): ItemOf[Type] | undefined
  /** In order of name. It stays as it is, whatever is saved later: saved objects never change, they are replaced. */
  list<Type extends ItemType>(type: Type): readonly ItemOf[Type][]
  /** Those with this name or uid, in whatever case, or with this management class of their own; in no order. */
  having<Type extends ItemType>(type: Type, word: Word, key: string): ReadonlySet<ItemOf[Type]>
  systemByMac(mac: Mac): System | undefined
  /** The system with an interface that has this fixed address. */
  systemByIp(ip: Ipv4): System | undefined
  /** When anything was last changed: milliseconds since 1970. */
  lastModified(): number
  /** Rises with every change: for whoever keeps something that is made from the catalog. */
  changes(): number
  /** A new object with a uid of its own and the defaults; not saved. */
  draft<Type extends ItemType>(type: Type): ItemOf[Type]
  /**
   * Saves an object: `revision` 0 makes a new one, any other replaces exactly that revision of the same uid. A changed
   * `name` renames it, and what depends on it follows. Answers the object as saved, its revision raised, mtime set.
   * @throws OrchestraError item.invalid | item.exists (name, uid, MAC or address of another) | item.stale (saved or
   *   removed in between) | item.missing (the profile, parent or distro it names is not there) | machine.taken
   */
  save<Type extends ItemType>(type: Type, item: ItemOf[Type], how?: SaveOptions<Type>): Promise<ItemOf[Type]>
  /**
   * @throws OrchestraError item.missing | item.in-use (others name it and `recursive` is false) | item.stale (it is not at
   *   the `revision` that was asked for)
   */
  remove(type: ItemType, name: string, options: { recursive: boolean; revision?: number | undefined }): Promise<void>
  /** By what machines are given away. */
  readonly custody: CustodyFacts
}

export interface SaveOptions<Type extends ItemType> {
  /** The uid it had, when the uid itself changes. */
  readonly uid?: string
  /** The user whose request this is. */
  readonly by?: string | undefined
  /** The management classes are written by somebody who has not said which revision of the object he saw. */
  readonly isBlind?: boolean
  /** More to write in the same transaction: all of it or nothing. */
  readonly also?: (tx: Tx, saved: ItemOf[Type]) => Promise<void>
}

type Recorded = 'item.changed' | 'item.removed' | 'machine.acquired' | 'machine.released'

export interface CatalogOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newUid: () => string
  readonly record: <Name extends Recorded>(name: Name, payload: EventMap[Name]) => void
  readonly custody?: CustodyFacts
  /** Seals the passwords of power controllers. */
  readonly vault: Vault
}

const NO_CUSTODY: CustodyFacts = { pairs: [], brokenBecause: () => undefined }

export async function openCatalog(options: CatalogOptions): Promise<Catalog> {
  const { db, clock, newUid, record, vault, custody = NO_CUSTODY } = options
  const fleet = emptyFleet()
  for (const { type, item } of await loadItems(db, vault)) putItem(fleet, type, item)
  const inTurn = oneAtATime()

  async function save<Type extends ItemType>(
    type: Type,
    wanted: ItemOf[Type],
    { uid = wanted.uid, by, isBlind = false, also }: SaveOptions<Type> = {},
  ): Promise<ItemOf[Type]> {
    const before = indexOf(fleet, type).byUid.get(uid)
    const now = clock.now()
    const item: ItemOf[Type] = { ...wanted, revision: wanted.revision + 1, ctime: wanted.ctime || now, mtime: now }
    const changes = type === 'system' ? checkCustody(before as System | undefined, item as System, isBlind) : []
    if (wanted.revision > 0 && before?.revision !== wanted.revision) throw stale(type, wanted.name)
    checkItem(type, item)
    checkAgainst(fleet, type, item, before)

    // Those that name it by its old name follow a rename in the same transaction.
    const followers = before && before.name !== item.name ? renamed(fleet, type, before.name, item.name, now) : []
    await db.transaction().execute(async (tx) => {
      const done =
        before && wanted.revision > 0
          ? await replaceItem(tx, type, before, item, vault)
          : await insertItem(tx, type, item, vault)
      if (!done) throw stale(type, wanted.name)
      for (const follower of followers) {
        if (!(await replaceItem(tx, follower.type, follower.before, follower.item, vault)))
          throw stale(follower.type, follower.item.name)
      }
      if (changes.some(({ change }) => change === 'released')) await putRelease(tx, item.uid, item.revision, now)
      await also?.(tx, item)
    })
    putItem(fleet, type, item, before)
    record('item.changed', { type, name: item.name, uid: item.uid, revision: item.revision })
    for (const { change, class: name } of changes)
      record(`machine.${change}`, { system: item.name, uid: item.uid, class: name, by })
    for (const follower of followers) {
      putItem(fleet, follower.type, follower.item, follower.before)
      const { name, uid, revision } = follower.item
      record('item.changed', { type: follower.type, name, uid, revision })
    }
    return item
  }

  /** Who lost it and who got it. @throws OrchestraError machine.taken */
  function checkCustody(before: System | undefined, after: System, isBlind: boolean): CustodyChange[] {
    const because = isBlind ? refusedBecause(before, classesOf(after), custody) : undefined
    if (because !== undefined) throw new OrchestraError('machine.taken', because, { field: 'mgmtClasses' })
    return custodyChanges(before, after, custody)
  }

  async function remove(
    type: ItemType,
    name: string,
    { recursive, revision }: { recursive: boolean; revision?: number | undefined },
  ): Promise<void> {
    const item = fleet[type].byName.get(name)
    if (!item) throw new OrchestraError('item.missing', `unknown ${type} name ${name}`)
    if (revision !== undefined && item.revision !== revision) throw stale(type, name)
    const dependents = dependentsOf(fleet, type, name)
    const [first] = dependents
    if (first && !recursive) {
      throw new OrchestraError('item.in-use', `removal would orphan ${first.type}: ${first.item.name}`)
    }
    const doomed = [...dependents.toReversed(), { type, item }]
    await db.transaction().execute(async (tx) => {
      for (const one of doomed) {
        if (!(await deleteItem(tx, one.item.uid, one.item.revision))) throw stale(one.type, one.item.name)
      }
    })
    for (const one of doomed) {
      takeItem(fleet, one.type, one.item)
      record('item.removed', { type: one.type, name: one.item.name, uid: one.item.uid })
    }
    fleet.lastModified = clock.now()
  }

  return {
    get: (type, name) => indexOf(fleet, type).byName.get(name),
    byUid: (type, uid) => indexOf(fleet, type).byUid.get(uid),
    list: (type) => indexOf(fleet, type).order.list(),
    having: (type, word, key) => {
      const { words } = indexOf(fleet, type)
      return words[word].get(word === 'class' ? key : key.toLowerCase()) ?? new Set()
    },
    systemByMac: (mac) => fleet.byMac.get(mac),
    systemByIp: (ip) => fleet.byIp.get(ip),
    lastModified: () => fleet.lastModified,
    changes: () => fleet.changes,
    draft: (type) => emptyItem(type, newUid()),
    save: (type, item, how) => inTurn(() => save(type, item, how)),
    remove: (type, name, how) => inTurn(() => remove(type, name, how)),
    custody,
  }
}

/** The rules that an object must keep beside the others. */
function checkAgainst<Type extends ItemType>(
  fleet: Fleet,
  type: Type,
  item: ItemOf[Type],
  before: ItemOf[Type] | undefined,
): void {
  const namesake = fleet[type].byName.get(item.name)
  if (namesake && namesake !== before) {
    throw new OrchestraError(
      'item.exists',
      `a ${type} named ${item.name} exists already; edit it, or choose another name`,
      { field: 'name' },
    )
  }
  for (const other of ITEM_TYPES) {
    const twin = fleet[other].byUid.get(item.uid)
    const isItself = twin === (before as unknown) && item.revision > 1
    if (twin && !isItself) {
      throw new OrchestraError('item.exists', `the uid ${item.uid} is that of ${other} ${twin.name}`, { field: 'uid' })
    }
  }
  const missing = missingParent(fleet, type, item)
  if (missing) throw new OrchestraError('item.missing', missing.because, { field: missing.field })
  if (type !== 'system') return
  for (const [name, { macAddress, ipAddress }] of Object.entries((item as System).interfaces)) {
    const byMac = macAddress === '' ? undefined : fleet.byMac.get(macAddress)
    if (byMac && byMac !== (before as unknown)) {
      throw new OrchestraError(
        'item.exists',
        `MAC address duplicate found "${macAddress}". Object with the conflict has the name "${byMac.name}"`,
        { field: `interfaces.${name}.macAddress` },
      )
    }
    const byIp = ipAddress === '' ? undefined : fleet.byIp.get(ipAddress)
    if (byIp && byIp !== (before as unknown)) {
      throw new OrchestraError(
        'item.exists',
        `IP address duplicate found "${ipAddress}". Object with the conflict has the name "${byIp.name}"`,
        { field: `interfaces.${name}.ipAddress` },
      )
    }
  }
}

interface Follower {
  readonly type: Dependent['type']
  readonly before: Dependent['item']
  readonly item: Dependent['item']
}

/** Those that name an object by its old name, with the new one. */
function renamed(fleet: Fleet, type: ItemType, from: string, to: string, now: number): Follower[] {
  return childrenOf(fleet, type, from).map(({ type: ofType, item }) => {
    const next = { ...item, revision: item.revision + 1, mtime: now }
    const key = ofType === type ? 'parent' : type
    return { type: ofType, before: item, item: { ...next, [key]: to } }
  })
}

function stale(type: ItemType, name: string): OrchestraError {
  return new OrchestraError(
    'item.stale',
    `${type} ${name} was changed by someone else in between; read it again and repeat your change`,
  )
}
