/** An object as `report` prints it, and whether it matches what `find` looks for. */
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts'
import { formatOptions, parseList } from '../model/options.ts'
import { asFlag, type Field, givenFor, readField } from './fields.ts'
import { python } from './python.ts'

/** Cobbler's layout: the name, then every field by the order of its Cobbler name, then each interface in the same way. */
export function reportLines(fields: readonly Field[], item: JsonObject): string[] {
  const of = (place: Field['of']) => fields.filter((field) => field.of === place)
  const power = objectIn(item, 'power')
  return [
    line('Name', String(item['name'])),
    line('UID', String(item['uid'])),
    ...sorted([...linesOf(of('item'), item), ...linesOf(of('power'), power)]),
    ...interfacesOf(item).flatMap(([name, nic]) => [
      line('Interface ===== ', name),
      ...sorted(linesOf(of('interface'), nic)),
    ]),
  ]
}

type NamedLine = readonly [name: string, line: string]

function linesOf(fields: readonly Field[], holder: JsonObject): NamedLine[] {
  return fields.flatMap((field) => {
    const value = readField(field, holder)
    return field.names.flatMap((name, index): NamedLine[] => {
      const label = field.labels[index]
      return label === undefined ? [] : [[name, line(label, python(value))]]
    })
  })
}

function sorted(lines: readonly NamedLine[]): string[] {
  return lines.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
}

/** Cobbler's width. */
function line(label: string, value: string): string {
  return `${label.padEnd(30)} : ${value}`
}

/** Cobbler's rules: texts are globs without case, every wanted word is in a list, any interface may match. */
export function isMatch(fields: readonly Field[], given: Readonly<Record<string, unknown>>, item: JsonObject): boolean {
  const isNamed = (key: 'name' | 'uid') => typeof given[key] !== 'string' || isLike(String(item[key]), given[key])
  if (!isNamed('name') || !isNamed('uid')) return false
  return fields.every((field) => {
    const wanted = givenFor(field, given)
    if (wanted === undefined) return true
    if (field.of === 'item') return matchesField(readField(field, item), wanted)
    if (field.of === 'power') return matchesField(readField(field, objectIn(item, 'power')), wanted)
    return interfacesOf(item).some(([, nic]) => matchesField(readField(field, nic), wanted))
  })
}

function matchesField(value: Json, wanted: string): boolean {
  if (typeof value === 'boolean') return value === (asFlag(wanted) ?? false)
  if (Array.isArray(value)) {
    return wanted === '' ? value.length === 0 : parseList(wanted).every((word) => value.includes(word))
  }
  if (isJsonObject(value)) {
    const said = new Set(parseList(formatOptions(value)))
    return wanted === '' ? said.size === 0 : parseList(wanted).every((word) => said.has(word))
  }
  return isLike(String(value ?? ''), wanted)
}

/** Shell globs: `*`, `?` and `[…]`. */
function isLike(text: string, glob: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
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

export function interfacesOf(item: JsonObject): [string, JsonObject][] {
  return Object.entries(objectIn(item, 'interfaces')).flatMap(([name, nic]): [string, JsonObject][] =>
    isJsonObject(nic) ? [[name, nic]] : [],
  )
}
