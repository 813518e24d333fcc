/** One field as Cobbler's clients know it: its names, its kind, and where it lives in an object of ours. */
import type { Json, JsonObject } from '../lib/json.ts'
import { INHERIT, type Item } from '../model/item.ts'
import type { Kind } from './kinds.ts'
import * as kinds from './kinds.ts'
import { Double, type Value } from './value.ts'

export interface Field<Of> {
  /** All of them are in every answer and all are taken: clients of two dialects read the same object. */
  readonly names: readonly string[]
  /** More names that are taken on modify; never shown. */
  readonly aliases: readonly string[]
  readonly kind: Kind
  /** Never shown to a reader without a token that may write. */
  readonly isSecret: boolean
  readonly read: (item: Of) => Json
  /** As it goes out, where that is not just what is stored. */
  readonly show: ((item: Of) => Value) | undefined
  /** @throws OrchestraError item.invalid */
  readonly write: (item: Of, value: Value) => Of
}

interface Extras<Of> {
  readonly aliases?: readonly string[]
  readonly isSecret?: boolean
  readonly show?: (item: Of) => Value
  /** `<<inherit>>` is stored as it is; otherwise it becomes nothing. */
  readonly inherits?: boolean
}

/** A field that the model has, under another name. */
export function own<Of>(names: string, kind: Kind, key: keyof Of & string, extras: Extras<Of> = {}): Field<Of> {
  return field(names, kind, extras, {
    read: (item) => item[key] as Json,
    write: (item, value) => ({ ...item, [key]: value }),
  })
}

/** A field that Orchestra keeps and does not act on. */
export function kept<Of extends { readonly other: JsonObject }>(
  names: string,
  kind: Kind,
  initial: Json,
  extras: Extras<Of> = {},
): Field<Of> {
  const [key = ''] = names.split(' ')
  const read = (item: Of): Json => (Object.hasOwn(item.other, key) ? (item.other[key] ?? null) : initial)
  return field(
    names,
    kind,
    // Null is stored as an empty text and shown as null again.
    { inherits: true, ...(initial === null && { show: (item: Of) => read(item) || null }), ...extras },
    { read, write: (item, value) => ({ ...item, other: { ...item.other, [key]: value } }) },
  )
}

/** A field that follows from the others: writing it is taken and changes nothing. */
export function derived<Of>(names: string, kind: Kind, read: (item: Of) => Json): Field<Of> {
  return { ...field(names, kind, {}, { read, write: (item) => item }), write: (item) => item }
}

/** Milliseconds inside, a double of seconds outside. */
export function time<Of extends Item>(name: 'ctime' | 'mtime'): Field<Of> {
  return field(
    name,
    kinds.number,
    { show: (item) => new Double(item[name] / 1000) },
    {
      read: (item) => item[name] / 1000,
      write: (item, value) => ({ ...item, [name]: Math.round(Number(value) * 1000) }),
    },
  )
}

/** What a masked secret reads as. Written back, it leaves the secret as it is. */
export const MASK = '********'

export function field<Of>(
  names: string,
  kind: Kind,
  { aliases = [], isSecret = false, inherits = false, show }: Extras<Of>,
  { read, write }: { read: (item: Of) => Json; write: (item: Of, value: Json) => Of },
): Field<Of> {
  const all = names.split(' ')
  const [label = ''] = all
  return {
    names: all,
    aliases,
    kind,
    isSecret,
    read,
    show,
    write(item, value) {
      if (isSecret && value === MASK) return item
      if (value === INHERIT) return write(item, inherits ? INHERIT : kind.none)
      return write(item, kind.parse(value, label))
    },
  }
}
