/**
 * What every object of Orchestra has in common: a name for people, a uid for machines, a revision for compare-and-swap.
 *
 * Fields that Cobbler's clients write and Orchestra does not act on are kept in `other`, under Cobbler's names, so that
 * what was written can be read back: nothing is lost.
 */
import type { Json, JsonObject } from '../lib/json.ts'
import { OrchestraError } from './errors.ts'

/** "Take it from the parent": what Cobbler sends on the wire, and what is stored. */
export const INHERIT = '<<inherit>>'
export type Inheritable<Value> = Value | typeof INHERIT

export interface Item {
  /** 32 hexadecimal digits unless a client has set it; letters, digits, `.`, `_`, `-`, `=` (it goes through shell and YAML). */
  readonly uid: string
  readonly name: string
  /** 0 for an object that was never saved; raised by one on each save. */
  readonly revision: number
  /** Milliseconds since 1970. */
  readonly ctime: number
  readonly mtime: number
  readonly comment: string
  readonly owners: Inheritable<readonly string[]>
  readonly mgmtClasses: Inheritable<readonly string[]>
  /** Cobbler's fields that Orchestra keeps and does not act on, by Cobbler's names. */
  readonly other: JsonObject
}

/** Kernel options and ks_meta: a value, a list of values for a repeated key, or null for a bare word. */
export type Options = { readonly [key: string]: Json }

/** Cobbler 3.3 `[a-zA-Z0-9_\-.:]*`, and 2.8's `+`. */
const NAME = /^[A-Za-z0-9_\-.:+]+$/

/** @throws OrchestraError item.invalid */
export function checkName(name: string): void {
  if (name === '') throw new OrchestraError('item.invalid', 'Name is required', { field: 'name' })
  if (!NAME.test(name) || name.length > 255) {
    throw new OrchestraError('item.invalid', `Invalid characters in name: '${name}'`, { field: 'name' })
  }
}

export function checkUid(uid: string): void {
  if (!/^[A-Za-z0-9._=-]{1,128}$/.test(uid)) {
    throw new OrchestraError('item.invalid', `Invalid uid: '${uid}' (letters, digits, ".", "_", "-" and "=")`, {
      field: 'uid',
    })
  }
}
