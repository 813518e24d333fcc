/** The If header (RFC 4918 section 10.4): parsed, and held against the state of resources. Pure. */
import { DecodeError } from '../lib/bytes.ts'

export interface StateList {
  /** The tag before the list, as it was written; undefined: the request's own resource. */
  readonly resource: string | undefined
  /** All of them must hold. */
  readonly conditions: readonly StateCondition[]
}

export interface StateCondition {
  readonly not: boolean
  readonly is: 'token' | 'etag'
  readonly value: string
}

export interface ResourceState {
  /** With its quotes; undefined: it has none. */
  readonly etag: string | undefined
  /** Of the locks that cover it. */
  readonly tokens: ReadonlySet<string>
}

const PIECE = /\s*(?:(\()|(\))|(Not)(?=[\s<[])|<([^<>\s]*)>|\[((?:W\/)?"[^"]*")\])/iy

/** @throws DecodeError */
export function parseIf(header: string): StateList[] {
  const lists: StateList[] = []
  let resource: string | undefined
  let open: StateCondition[] | undefined
  let not = false
  let isTagUsed = true

  const text = header.trimEnd()
  PIECE.lastIndex = 0
  while (PIECE.lastIndex < text.length) {
    const at = PIECE.lastIndex
    const [piece, left, right, no, token, etag] = PIECE.exec(text) ?? []
    if (piece === undefined) throw new DecodeError(`If: what stands at "${text.slice(at, at + 20)}" is not understood`)
    if (left !== undefined) {
      if (open) throw new DecodeError('If: a list in a list')
      open = []
    } else if (right !== undefined) {
      if (!open || open.length === 0 || not) throw new DecodeError('If: a list without conditions')
      lists.push({ resource, conditions: open })
      open = undefined
      isTagUsed = true
    } else if (no !== undefined) {
      if (!open || not) throw new DecodeError('If: "Not" where no condition begins')
      not = true
    } else if (open && token !== undefined) {
      open.push({ not, is: 'token', value: token })
      not = false
    } else if (open && etag !== undefined) {
      open.push({ not, is: 'etag', value: etag })
      not = false
    } else if (token !== undefined) {
      // Tagged lists and lists without a tag do not mix.
      if (!isTagUsed || (resource === undefined && lists.length > 0))
        throw new DecodeError('If: a tag without its list')
      resource = token
      isTagUsed = false
    } else throw new DecodeError('If: an entity tag outside of a list')
  }
  if (open || !isTagUsed || lists.length === 0) throw new DecodeError('If: it ends too early')
  return lists
}

/** All tokens that were submitted: to have named one anywhere in the header is enough (RFC 4918 section 10.4.1). */
export function submittedTokens(lists: readonly StateList[]): Set<string> {
  return new Set(
    lists.flatMap(({ conditions }) => conditions.flatMap(({ is, value }) => (is === 'token' ? [value] : []))),
  )
}

/** True when one list holds. */
export async function isTrue(
  lists: readonly StateList[],
  stateOf: (resource: string | undefined) => Promise<ResourceState>,
): Promise<boolean> {
  for (const { resource, conditions } of lists) {
    const state = await stateOf(resource)
    if (conditions.every((condition) => matches(condition, state) !== condition.not)) return true
  }
  return false
}

function matches({ is, value }: StateCondition, { etag, tokens }: ResourceState): boolean {
  // Strong comparison: a weak tag matches nothing, since none of ours is.
  return is === 'etag' ? value === etag : tokens.has(value)
}
