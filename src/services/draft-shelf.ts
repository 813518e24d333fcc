/** Where drafts lie until they are saved: by handle and editor, in memory, within bounds of number and time. */
import type { Clock } from '../lib/clock.ts'
import type { ItemOf, ItemType } from '../model/items.ts'

/** Who edits: one token of one user. Two programs of one user are two editors. */
export interface Editor {
  readonly user: string
  readonly token: string
}

/** A change to one field. */
export interface Edit<Type extends ItemType> {
  readonly field: string
  /** It writes the management classes, of which one may mean that the machine is taken. */
  readonly writesClasses?: boolean
  readonly apply: (item: ItemOf[Type]) => ItemOf[Type]
}

const NEW = '___NEW___'
/** Longer than a token lives, so that its user can log in again and save; after that, unsaved changes are gone. */
const IDLE_LIFE = 7_200_000
/** How long the handle of a new object still works after its save. */
const SAVED_LIFE = 600_000
const MAX_DRAFTS = 50_000

export type AnyItem = ItemOf[ItemType]

export interface Draft {
  readonly type: ItemType
  readonly handle: string
  /** Undefined for a new object: whoever holds its random handle may go on with it. */
  readonly editor: Editor | undefined
  /** As it was in the catalog at the first change; undefined when nothing is changed, or nothing was saved yet. */
  base: AnyItem | undefined
  /** The base with the changes; undefined when nothing is changed. */
  item: AnyItem | undefined
  edits: Edit<ItemType>[]
  /** How many of the changes would take the machine. */
  takes: number
  /**
   * Programs that share a token share a draft, and whose save it is cannot be told. Of several that take a machine in it
   * one gets it; so many others will still ask, and must hear no: until all have, or the time is over, nobody hears yes.
   */
  losers: number
  losersUntil: number
  /** The last changes were dropped, and none were made since: there is nothing to say yes to. */
  isDropped: boolean
  /** Of the object that a new one became. */
  savedUid: string | undefined
  expires: number
}

export interface Shelf {
  /** Keeps a draft from now on; the longest unused ones make room. */
  remember(draft: Draft): Draft
  /** Drops what was changed, and remembers that; the handle of an object that was new goes on naming it. */
  drop(draft: Draft): void
  recall(handle: string, editor: Editor | undefined): Draft | undefined
  /**
   * A token may run out between a change and its save; the client logs in again and repeats only the save. Then what the
   * dead token has left is this editor's.
   */
  adopt(handle: string, editor: Editor): Draft | undefined
}

/** @param isAlive false for a token that has expired or was logged out */
export function openShelf({ clock, isAlive }: { clock: Clock; isAlive: (token: string) => boolean }): Shelf {
  /** Least recently used first. */
  const drafts = new Map<string, Draft>()

  function remember(draft: Draft): Draft {
    const now = clock.now()
    for (const [key, old] of drafts) {
      if (old.expires > now && drafts.size < MAX_DRAFTS) break
      drafts.delete(key)
    }
    const key = keyOf(draft.handle, draft.editor)
    drafts.delete(key)
    draft.expires = now + (draft.savedUid === undefined ? IDLE_LIFE : SAVED_LIFE)
    drafts.set(key, draft)
    return draft
  }

  function drop(draft: Draft): void {
    drafts.delete(keyOf(draft.handle, draft.editor))
    if (isNew(draft.handle) && draft.savedUid === undefined) return
    Object.assign(draft, { base: undefined, item: undefined, edits: [], takes: 0, isDropped: true })
    remember(draft)
  }

  function recall(handle: string, editor: Editor | undefined): Draft | undefined {
    const draft = drafts.get(keyOf(handle, editor))
    return draft && draft.expires > clock.now() ? draft : undefined
  }

  function adopt(handle: string, editor: Editor): Draft | undefined {
    const left = [...drafts.values()].filter(
      (draft) =>
        draft.handle === handle &&
        draft.edits.length > 0 &&
        draft.editor?.user === editor.user &&
        draft.expires > clock.now() &&
        !isAlive(draft.editor.token),
    )
    const [only] = left
    if (!only || left.length > 1) return undefined
    drafts.delete(keyOf(handle, only.editor))
    return remember({ ...only, editor })
  }

  return { remember, drop, recall, adopt }
}

export function isNew(handle: string): boolean {
  return handle.startsWith(NEW)
}

export function newHandle(type: ItemType, id: string): string {
  return `${NEW}${type}::${id}`
}

/** Nothing changed yet. */
export function emptyDraft(type: ItemType, handle: string): Omit<Draft, 'editor'> & { editor: undefined } {
  return {
    type,
    handle,
    editor: undefined,
    base: undefined,
    item: undefined,
    edits: [],
    takes: 0,
    losers: 0,
    losersUntil: 0,
    isDropped: false,
    savedUid: undefined,
    expires: 0,
  }
}

function keyOf(handle: string, editor: Editor | undefined): string {
  return handle.startsWith(NEW) || !editor ? handle : `${handle}\n${editor.token}`
}
