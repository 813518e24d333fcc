/** An object as `report` prints it, and whether it matches what `find` looks for. */
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts'
import { parseList } from '../model/options.ts'
import { asFlag, type Field, formatField, givenFor } from './fields.ts'

export function reportLines(fields: readonly Field[], item: JsonObject): string[] {
  const lines = (of: Field['of'], holder: JsonObject) =>
    fields.filter((field) => field.of === of).map((field) => line(field.label, formatField(field, holder[field.key])))
  return [
    line('Name', String(item['name'])),
    line('UID', String(item['uid'])),
    ...lines('item', item),
    ...lines('power', objectIn(item, 'power')),
    ...interfacesOf(item).flatMap(([name, nic]) => [line('Interface =====', name), ...lines('interface', nic)]),
  ]
}

/** Cobbler's width. */
function line(label: string, value: string): string {
  return `${label.padEnd(30)} : ${value}`.trimEnd()
}

/** Cobbler's rules: texts are globs without case, every wanted word is in a list, any interface may match. */
export function isMatch(fields: readonly Field[], given: Readonly<Record<string, unknown>>, item: JsonObject): boolean {
  if (typeof given['name'] === 'string' && !isLike(String(item['name']), given['name'])) return false
  return fields.every((field) => {
    const wanted = givenFor(field, given)
    if (wanted === undefined) return true
    if (field.of === 'item') return matchesField(field, wanted, item[field.key])
    if (field.of === 'power') return matchesField(field, wanted, objectIn(item, 'power')[field.key])
    return interfacesOf(item).some(([, nic]) => matchesField(field, wanted, nic[field.key]))
  })
}

function matchesField(field: Field, wanted: string, value: Json | undefined): boolean {
  if (typeof value === 'boolean') return value === (asFlag(wanted) ?? false)
  if (Array.isArray(value)) {
    return wanted === '' ? value.length === 0 : parseList(wanted).every((word) => value.includes(word))
  }
  if (isJsonObject(value)) {
    const said = new Set(formatField(field, value).split(' '))
    return wanted === '' ? said.size === 0 : parseList(wanted).every((word) => said.has(word))
  }
  return isLike(String(value ?? ''), wanted)
}

/** Shell globs: `*`, `?` and `[…]`. */
function isLike(text: string, glob: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.')
    .replace(/\[!/g, '[^')
  try {
    return new RegExp(`^${pattern}$`, 'is').test(text)
  } catch {
    return text.toLowerCase() === glob.toLowerCase() // a bracket that is no class
  }
}

function objectIn(item: JsonObject, key: string): JsonObject {
  const value = item[key]
  return isJsonObject(value) ? value : {}
}

function interfacesOf(item: JsonObject): [string, JsonObject][] {
  return Object.entries(objectIn(item, 'interfaces')).flatMap(([name, nic]): [string, JsonObject][] =>
    isJsonObject(nic) ? [[name, nic]] : [],
  )
}
