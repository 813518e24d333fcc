/**
 * Drafts: what Cobbler's clients change one field at a time before they save it. A handle names an object (`system::node1`)
 * or one that is still to be (`___NEW___system::…`); it belongs to no token and no session.
 *
 * An editor's changes are kept apart from everyone else's, with the object as it was at the first of them; a save replaces
 * exactly that. Whoever comes second is told, and his changes are dropped: they were made to something else. So are those
 * of one who would take a machine that somebody has.
 */
import type { Clock } from '../lib/clock.ts'
import { classesOf } from '../model/custody.ts'
import { OrchestraError } from '../model/errors.ts'
import { type ItemOf, type ItemType, isItemType } from '../model/items.ts'
import type { System } from '../model/system.ts'
import type { Catalog } from './catalog.ts'
import {
  type AnyItem,
  type Draft,
  type Edit,
  type Editor,
  emptyDraft,
  isNew,
  newHandle,
  openShelf,
} from './draft-shelf.ts'

export interface Drafts {
  /** The handle of a new object. */
  create(type: ItemType): string
  /** The handle of a saved object. @throws OrchestraError item.missing */
  open(type: ItemType, name: string, editor: Editor | undefined): string
  /** Looks whether there is such an object. @throws OrchestraError item.missing */
  find(type: ItemType, handle: string): void
  /** The object with this editor's changes. @throws OrchestraError item.missing */
  read<Type extends ItemType>(type: Type, handle: string, editor: Editor): ItemOf[Type]
  /** Adds a change. @throws OrchestraError item.missing, and what the change throws; it is then not made */
  edit<Type extends ItemType>(type: Type, handle: string, editor: Editor, edit: Edit<Type>): void
  /**
   * Saves the changes. Nothing changed since the handle was taken or saved last: nothing to do. Stale changes are dropped, and
   * those that would take a machine from somebody; what the catalog refuses for another reason stays, so that it can be mended.
   * @param mustBeNew refuse a name that is used
   * @throws OrchestraError item.missing | item.stale | machine.taken | what Catalog.save throws
   */
  save<Type extends ItemType>(type: Type, handle: string, editor: Editor, mustBeNew: boolean): Promise<void>
}

export interface DraftsOptions {
  readonly catalog: Catalog
  readonly clock: Clock
  /** Letters and digits that nobody guesses. */
  readonly newId: () => string
  /** False for a token that has expired or was logged out. */
  readonly isAlive: (token: string) => boolean
}

/** A program that takes a machine saves at once, or never. */
const LOSER_COMES = 30_000

export function openDrafts({ catalog, clock, newId, isAlive }: DraftsOptions): Drafts {
  const { remember, drop, recall, adopt } = openShelf({ clock, isAlive })

  /** The saved object that a handle names. */
  function stored<Type extends ItemType>(type: Type, handle: string): ItemOf[Type] | undefined {
    if (!isNew(handle)) return catalog.get(type, nameOf(type, handle))
    const uid = newDraft(type, handle).savedUid
    return uid === undefined ? undefined : catalog.byUid(type, uid)
  }

  function newDraft(type: ItemType, handle: string): Draft {
    const draft = recall(handle, undefined)
    if (!draft || draft.type !== type) throw new OrchestraError('item.missing', `unknown ${type} handle ${handle}`)
    return draft
  }

  function find<Type extends ItemType>(type: Type, handle: string): ItemOf[Type] | undefined {
    const item = stored(type, handle)
    if (item) return item
    // A new object that was saved and then removed by somebody is gone, whatever its handle says.
    if (isNew(handle) && newDraft(type, handle).savedUid === undefined) return undefined
    throw new OrchestraError('item.missing', `unknown ${type} name ${nameOf(type, handle)}`)
  }

  function draftOf(type: ItemType, handle: string, editor: Editor): Draft {
    if (isNew(handle)) return newDraft(type, handle)
    return recall(handle, editor) ?? { ...emptyDraft(type, handle), editor }
  }

  /** A save answers one program; so many others that changed the same draft are still to come with theirs. */
  function expectLosers(draft: Draft, count: number): void {
    draft.losers = Math.max(count, 0)
    draft.losersUntil = clock.now() + LOSER_COMES
  }

  function isTaken(system: System): boolean {
    const classes = classesOf(system)
    return catalog.custody.pairs.some(({ acquired }) => classes.includes(acquired))
  }

  function present<Type extends ItemType>(type: Type, handle: string, draft: Draft): ItemOf[Type] {
    const item = draft.item ?? find(type, handle) ?? catalog.draft(type)
    return item as ItemOf[Type]
  }

  return {
    create(type) {
      const handle = newHandle(type, newId())
      remember({ ...emptyDraft(type, handle), item: catalog.draft(type) })
      return handle
    },

    open(type, name, editor) {
      if (!catalog.get(type, name)) throw new OrchestraError('item.missing', `unknown ${type} name ${name}`)
      const handle = `${type}::${name}`
      // From now on a save of this editor with nothing changed is known to be just that.
      if (editor && !recall(handle, editor)) remember({ ...emptyDraft(type, handle), editor })
      return handle
    },

    find: (type, handle) => void find(type, handle),
    read: (type, handle, editor) => present(type, handle, draftOf(type, handle, editor)),

    edit(type, handle, editor, edit) {
      const draft = draftOf(type, handle, editor)
      const before = present(type, handle, draft)
      const item = edit.apply(before)
      if (draft.item === undefined) draft.base = before
      draft.item = item
      draft.isDropped = false
      draft.edits.push(edit as unknown as Edit<ItemType>)
      if (edit.writesClasses && !isNew(handle) && isTaken(item as System)) draft.takes++
      remember(draft)
    },

    async save(type, handle, editor, mustBeNew) {
      find(type, handle)
      const draft = isNew(handle) ? newDraft(type, handle) : (recall(handle, editor) ?? adopt(handle, editor))
      if (draft && draft.losers > 0 && clock.now() < draft.losersUntil) {
        // It is one of them who asks, unless another has made changes of another kind meanwhile: then it may be that one.
        if (draft.edits.length === draft.takes) expectLosers(draft, draft.losers + draft.takes - 1)
        if (draft.item) drop(draft)
        throw lost(type, handle)
      }
      if (!draft || draft.isDropped) {
        // Perhaps the daemon was started anew between change and save. To say yes would be to lose the change in silence.
        throw new OrchestraError('item.stale', `there are no changes of ${handle} to save; make them again`)
      }
      const { base, savedUid, takes } = draft
      const count = draft.edits.length
      // Changes of the classes that take nothing: a machine that is given back by one while another takes it.
      const rivals = draft.edits.filter(({ writesClasses }) => writesClasses).length - takes
      const item = draft.item as ItemOf[typeof type] | undefined
      if (mustBeNew && catalog.get(type, item?.name ?? nameOf(type, handle))) {
        throw new OrchestraError('item.exists', "An object already exists with that name. Try 'edit'?")
      }
      if (!item) return void remember(draft)
      if (takes > 0 && !isTaken(item as System)) {
        // One program takes it, another with the same token does not: a yes to either would be a lie to the other.
        expectLosers(draft, takes)
        drop(draft)
        throw lost(type, handle)
      }
      try {
        const saved = await catalog.save(type, item, {
          ...(base && { uid: base.uid }),
          by: editor.user,
          isBlind: draft.edits.some(({ writesClasses }) => writesClasses),
        })
        draft.takes -= takes
        expectLosers(draft, takes - 1)
        draft.savedUid = isNew(handle) ? saved.uid : savedUid
        // Changes that came in while the save was under way are of the same editor: they go on top of it.
        const late = draft.edits.slice(count)
        draft.edits = late
        draft.base = late.length > 0 ? saved : undefined
        draft.item = late.length > 0 ? late.reduce((changed, edit) => edit.apply(changed), saved as AnyItem) : undefined
        remember(draft)
      } catch (error) {
        const isLost =
          error instanceof OrchestraError && (error.code === 'item.stale' || error.code === 'machine.taken')
        if (isLost && draft.item === item) {
          expectLosers(draft, rivals > 0 ? takes : takes - 1)
          drop(draft)
        } else if (isLost) {
          // Another save of the same draft was faster; this one is told now.
          draft.losers = Math.max(draft.losers - 1, 0)
        }
        throw error
      }
    },
  }
}

function lost(type: ItemType, handle: string): OrchestraError {
  const sentence = `${type} ${handle.slice(handle.indexOf('::') + 2)} is acquired already: another program with the same login was faster; take another`
  return new OrchestraError('machine.taken', sentence)
}

/** @throws OrchestraError item.missing for a handle that is none of this type */
function nameOf(type: ItemType, handle: string): string {
  const at = handle.indexOf('::')
  const word = at < 0 ? '' : handle.slice(0, at)
  if (!isItemType(word) || word !== type) throw new OrchestraError('item.missing', `unknown ${type} handle ${handle}`)
  return handle.slice(at + 2)
}
