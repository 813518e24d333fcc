/** What XML-RPC can carry, as plain values: a call's arguments and its answer. How it is written is codec.ts. */
import type { Json } from '../lib/json.ts'

export type Value = null | boolean | number | string | Double | Encoded | Uint8Array | readonly Value[] | Struct
/** Structs that come in have no prototype: a member named `__proto__` is a member like any other. */
export interface Struct {
  readonly [key: string]: Value
}

/** A number that goes out as `<double>` even when it is whole: Cobbler's times and versions are floats. */
export class Double {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** A value of an answer that is written already. */
export class Encoded {
  /** A whole `<value>` in UTF-8. */
  readonly bytes: Buffer
  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}

/** An answer of many values, each made only when it is written: five thousand systems at once would hold up the others. */
export class Rows {
  /** Can be gone through again, and is then the same. */
  readonly each: () => Iterable<Value>
  constructor(each: () => Iterable<Value>) {
    this.each = each
  }
}

export function isStruct(value: Value): value is Struct {
  if (typeof value !== 'object' || value === null || isArray(value) || isBytes(value)) return false
  return !(value instanceof Double) && !(value instanceof Encoded)
}

/** `Array.isArray` does not narrow readonly arrays. */
export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function isBytes(value: Value): value is Uint8Array {
  return value instanceof Uint8Array
}

/** The same as JSON, which is what is stored; bytes are read as UTF-8. */
export function toJson(value: Value): Json {
  if (isBytes(value)) return Buffer.from(value).toString('utf8')
  if (value instanceof Double) return value.value
  if (value instanceof Encoded) return value.bytes.toString()
  if (isArray(value)) return value.map(toJson)
  if (isStruct(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toJson(one)]))
  return value
}

/** Python's idea of truth, by which Cobbler reads its flags: anything that is not nothing. */
export function isTruthy(value: Value | undefined): boolean {
  if (value === undefined || value === null) return false
  if (value instanceof Double) return value.value !== 0
  if (value instanceof Encoded) return true
  if (isArray(value) || isBytes(value)) return value.length > 0
  if (isStruct(value)) return Object.keys(value).length > 0
  return Boolean(value)
}
