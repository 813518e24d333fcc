/**
 * An object as it goes out, written straight to XML: for the answers that have thousands. Most fields of most objects are
 * as they were on the object before, and are then not written anew.
 */
import type { ItemOf, ItemType } from '../model/items.ts'
import { ITEM_TYPES } from '../model/items.ts'
import type { Interface, System } from '../model/system.ts'
import { encodeMember, encodeValue } from './encode.ts'
import type { Field } from './field.ts'
import { fieldsOf, showField } from './fields.ts'
import { interfaceFields } from './interface-fields.ts'
import { Encoded, isArray, isStruct, type Struct, type Value } from './value.ts'

type Write<Of> = (item: Of, withSecrets: boolean) => string

/** What has been written, for as long as the object lives: a saved object never changes, it is replaced. */
const written = { open: new WeakMap<object, Encoded>(), masked: new WeakMap<object, Encoded>() }
/** Bytes that are kept at most: some 5,500 systems. Of more, those that came later are written each time. */
const KEPT = 40 * 1024 * 1024
let kept = 0
const forgotten = new FinalizationRegistry<number>((bytes) => {
  kept -= bytes
})

/** The same as encodeValue(showItem(…)), and faster. */
export function writeItem<Type extends ItemType>(type: Type, item: ItemOf[Type], withSecrets: boolean): Encoded {
  const known = withSecrets ? written.open : written.masked
  const before = known.get(item)
  if (before) return before
  const write = WRITERS.get(type) as Write<ItemOf[Type]>
  const encoded = new Encoded(Buffer.from(write(item, withSecrets)))
  const { length } = encoded.bytes
  // A draft changes hands, not itself; but it will hardly be read twice.
  if (item.revision > 0 && kept + length <= KEPT) {
    kept += length
    known.set(item, encoded)
    forgotten.register(item, length)
  }
  return encoded
}

function writerOf<Of>(fields: readonly Field<Of>[]): Write<Of> {
  const members = fields.map(memberWriter)
  return (item, withSecrets) => {
    let xml = '<value><struct>'
    for (const member of members) xml += member(item, withSecrets)
    return `${xml}</struct></value>`
  }
}

/** Remembers the last value by what it is, which for structs and lists is enough: values never change. */
function memberWriter<Of>(field: Field<Of>): Write<Of> {
  const ofInterfaces = field.names[0] === 'interfaces'
  let last: Value | undefined
  let xml = ''
  return (item, withSecrets) => {
    const shown = ofInterfaces ? undefined : asOne(showField(field, item, withSecrets))
    if (shown !== undefined && shown === last) return xml
    const value = shown === undefined ? writeInterfaces(item as System) : encodeValue(shown)
    last = shown
    xml = field.names.map((name) => encodeMember(name, value)).join('')
    return xml
  }
}

const NO_LIST: readonly Value[] = []
const NO_STRUCT: Struct = {}

/** All that is empty is one and the same. */
function asOne(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (isArray(value)) return value.length === 0 ? NO_LIST : value
  if (!isStruct(value)) return value
  for (const _ in value) return value
  return NO_STRUCT
}

const writeInterface: Write<Interface> = writerOf(interfaceFields)

function writeInterfaces({ interfaces }: System): string {
  let xml = '<value><struct>'
  for (const [name, nic] of Object.entries(interfaces)) xml += encodeMember(name, writeInterface(nic, true))
  return `${xml}</struct></value>`
}

const WRITERS: ReadonlyMap<ItemType, unknown> = new Map(ITEM_TYPES.map((type) => [type, writerOf(fieldsOf(type))]))
