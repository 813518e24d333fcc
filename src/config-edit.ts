/** Changes in the text of orchestra.yaml that leave its comments and its order as they are. It opens nothing. */
import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { isJsonObject, type Json, type JsonObject } from './lib/json.ts'

/** Settings by their paths, `dhcp.subnets` or `dhcp.subnets.0.pool`; null takes one away. */
export type Changes = Readonly<Record<string, Json>>

const NEW = '# Settings of Orchestra; what each means is in src/SETTINGS.md.\n'

/** @throws Error when the text is no YAML, or is knotted so (anchors) that it cannot be changed piece by piece */
export function editConfig(text: string, changes: Changes): string {
  const document = parseDocument(text)
  if (document.errors.length > 0) throw new Error(document.errors[0]?.message.split('\n')[0])
  for (const [name, value] of Object.entries(changes)) {
    const path = name.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key))
    if (value === null) remove(document, path)
    else put(document, path, value)
  }
  const edited = document.toString({ lineWidth: 0 })
  return text.trim() === '' ? NEW + edited : edited
}

type Path = readonly (string | number)[]

function remove(document: Document, path: Path): void {
  if (!document.hasIn(path)) return
  document.deleteIn(path)
  // A group that holds nothing says nothing.
  const group = path.slice(0, -1)
  const left = document.getIn(group)
  if (group.length > 0 && isMap(left) && left.items.length === 0 && !left.comment) remove(document, group)
}

function put(document: Document, path: Path, value: Json): void {
  if (!isMap(document.contents)) document.contents = document.createNode({})
  // `dhcp:` with nothing behind it is no group yet.
  for (let depth = 1; depth < path.length; depth++) {
    const group = path.slice(0, depth)
    if (!isCollection(document.getIn(group, true))) document.setIn(group, document.createNode({}))
  }
  document.setIn(path, nodeOf(document, document.getIn(path, true), value))
}

/** The node that is there with another value in it, so that what is written beside it stays; else a new one. */
function nodeOf(document: Document, old: unknown, value: Json): unknown {
  if (isMap(old) && isJsonObject(value)) return intoMap(document, old, value)
  if (isSeq(old) && Array.isArray(value)) return intoList(document, old, value)
  if (isScalar(old) && typeof old.value === typeof value) {
    old.value = value
    return old
  }
  const made = document.createNode(value)
  if (isNode(old)) Object.assign(made, { commentBefore: old.commentBefore, spaceBefore: old.spaceBefore })
  // Behind a list it would stand on a line of its own.
  if (isScalar(old) && isScalar(made)) made.comment = old.comment ?? null
  return made
}

function intoMap(document: Document, old: YAMLMap, value: JsonObject): YAMLMap {
  for (const { key } of [...old.items]) if (!Object.hasOwn(value, nameOf(key))) old.delete(key)
  for (const [key, one] of Object.entries(value)) old.set(key, nodeOf(document, old.get(key, true), one))
  return old
}

/** An item that stays is known by its first value, or else by its place. */
function intoList(document: Document, old: YAMLSeq, value: readonly Json[]): YAMLSeq {
  const before = [...old.items]
  const marks = before.map((item) => markOf(isNode(item) ? (item.toJS(document) as Json) : null))
  const taken = new Set<number>()
  const matches = value.map((one) => {
    const at = marks.findIndex((mark, index) => mark === markOf(one) && !taken.has(index))
    if (at >= 0) taken.add(at)
    return at
  })
  old.items = value.map((one, index) => {
    const at = matches[index] ?? -1
    const isFree = at < 0 && value.length === before.length && !taken.has(index)
    return nodeOf(document, before[isFree ? index : at], one)
  })
  return old
}

function markOf(value: Json): string {
  return JSON.stringify(isJsonObject(value) ? Object.values(value)[0] : value) ?? ''
}

function nameOf(node: unknown): string {
  return String(isScalar(node) ? node.value : node)
}
