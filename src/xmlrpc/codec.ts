/**
 * XML-RPC calls and answers, bytes to values (xmlrpc.com/spec, with `nil` and `i8` as Apache and Python write them). They are
 * written by encode.ts; what a call means is dispatch.ts.
 *
 * Pure: no socket, no clock. Strict on structure, with bounds; it fails in one way, DecodeError. There is no DTD, and no
 * entity but XML's own five.
 */
import { SaxesParser } from 'saxes'
import { DecodeError } from '../lib/bytes.ts'
import { Double, isStruct, type Struct, type Value } from './value.ts'

export interface Call {
  readonly method: string
  readonly args: readonly Value[]
}

export type Answer = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly fault: string }

/** What stands in a document of either kind. */
interface Document {
  readonly method: string | undefined
  readonly params: readonly Value[]
  readonly fault: readonly Value[] | undefined
}

/** Open tags at once: an array or a struct within another takes three. */
const MAX_DEPTH = 200
const MAX_VALUES = 250_000

/** Which element may stand in which. The others hold text. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  methodCall: ['methodName', 'params'],
  methodResponse: ['params', 'fault'],
  fault: ['value'],
  params: ['param'],
  param: ['value'],
  value: ['string', 'int', 'i4', 'i8', 'boolean', 'double', 'dateTime.iso8601', 'base64', 'nil', 'array', 'struct'],
  array: ['data'],
  data: ['value'],
  struct: ['member'],
  member: ['name', 'value'],
}

const SCALARS: Readonly<Record<string, (text: string) => Value>> = {
  string: (text) => text,
  int: parseInteger,
  i4: parseInteger,
  i8: parseInteger,
  boolean: parseBoolean,
  double: parseDouble,
  // No method of Cobbler takes a date: its text says all.
  'dateTime.iso8601': (text) => text.trim(),
  base64: parseBase64,
  nil: () => null,
}

interface Frame {
  readonly tag: string
  text: string
  readonly values: Value[]
  members: Record<string, Value> | undefined
  name: string | undefined
}

/** @throws DecodeError for anything that is not one whole methodCall */
export function decodeCall(bytes: Uint8Array): Call {
  const { method, params } = decode(bytes, 'methodCall')
  if (method === undefined || method === '') throw new DecodeError('no methodName')
  return { method, args: params }
}

/** @throws DecodeError for anything that is not one whole methodResponse */
export function decodeAnswer(bytes: Uint8Array): Answer {
  const { params, fault } = decode(bytes, 'methodResponse')
  if (fault) {
    const [value = null] = fault
    const text = value !== null && isStruct(value) ? value['faultString'] : undefined
    return { ok: false, fault: typeof text === 'string' ? text : 'a fault without a text' }
  }
  const [value = null] = params
  if (params.length !== 1) throw new DecodeError('no methodResponse with one value')
  return { ok: true, value }
}

function decode(bytes: Uint8Array, root: 'methodCall' | 'methodResponse'): Document {
  const stack: Frame[] = [frameOf('')]
  let method: string | undefined
  let params: readonly Value[] = []
  let fault: readonly Value[] | undefined
  let count = 0

  const top = (): Frame => {
    const frame = stack.at(-1)
    if (!frame) throw new DecodeError('XML-RPC elements do not match')
    return frame
  }
  const takeText = (text: string) => {
    const frame = top()
    const holdsText = (frame.tag !== '' && !(frame.tag in CHILDREN)) || frame.tag === 'value'
    if (holdsText) frame.text += text
    else if (text.trim() !== '') throw new DecodeError(`text in <${frame.tag}>, where elements belong`)
  }

  const parser = new SaxesParser({ position: false, defaultXMLVersion: '1.0', forceXMLVersion: true })
  parser.on('error', (error) => {
    throw new DecodeError(`not well-formed: ${error.message}`)
  })
  parser.on('doctype', () => {
    throw new DecodeError('a document type is not taken')
  })
  parser.on('text', takeText)
  parser.on('cdata', takeText)
  parser.on('opentag', ({ name }) => {
    const tag = plainTag(name)
    const parent = top()
    const isPlaced = parent.tag === '' ? tag === root : CHILDREN[parent.tag]?.includes(tag)
    if (!isPlaced) throw new DecodeError(`<${name.slice(0, 50)}> in <${parent.tag}>`)
    if (parent.tag === 'value' && parent.values.length > 0) throw new DecodeError('two values in one <value>')
    if (stack.length > MAX_DEPTH) throw new DecodeError(`values nested deeper than ${Math.floor(MAX_DEPTH / 3)}`)
    if (tag === 'value' && ++count > MAX_VALUES) throw new DecodeError(`more than ${MAX_VALUES} values`)
    stack.push(frameOf(tag))
  })
  parser.on('closetag', () => {
    const frame = top()
    stack.pop()
    if (frame.tag === 'methodName') method = frame.text.trim()
    else if (frame.tag === 'params') params = frame.values
    else if (frame.tag === 'fault') fault = frame.values
    else closeInto(top(), frame)
  })
  parser.write(textOf(bytes)).close()
  return { method, params, fault }
}

function frameOf(tag: string): Frame {
  return { tag, text: '', values: [], members: undefined, name: undefined }
}

/** Apache writes its additions as ex:nil and ex:i8. */
function plainTag(name: string): string {
  return name.startsWith('ex:') ? name.slice(3) : name
}

/** What an element has come to, put where its parent keeps it. */
function closeInto(parent: Frame, { tag, text, values, members, name }: Frame): void {
  switch (tag) {
    case 'param':
    case 'data':
      parent.values.push(...one(tag, values))
      return
    case 'value':
      // White space beside a typed value is layout; a value without a type is a string, blanks and all.
      if (values.length > 0 && text.trim() !== '') throw new DecodeError('text beside a typed value')
      parent.values.push(values[0] ?? (values.length > 0 ? null : text))
      return
    case 'array':
      if (values.length !== 1) throw new DecodeError('an array without <data>')
      parent.values.push(values[0] ?? [])
      return
    case 'name':
      parent.name = text
      return
    case 'member':
      if (name === undefined || values.length !== 1) throw new DecodeError('a member is one name and one value')
      parent.members ??= Object.create(null) as Record<string, Value>
      parent.members[name] = values[0] ?? null
      return
    case 'struct':
      parent.values.push(members ?? (Object.create(null) as Struct))
      return
    case 'methodCall':
    case 'methodResponse':
      return
    default:
      parent.values.push(SCALARS[tag]?.(text) ?? null)
  }
}

function one(tag: string, values: readonly Value[]): readonly Value[] {
  if (tag === 'data') return [values]
  if (values.length !== 1) throw new DecodeError('a param is one value')
  return values
}

const ENCODINGS: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'iso-8859-1': 'latin1',
}

function textOf(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 200)).toString('latin1')
  const label = /^[^>]*\bencoding\s*=\s*["']([^"']*)["']/.exec(head)?.[1] ?? 'utf-8'
  const encoding = ENCODINGS[label.toLowerCase()]
  if (encoding === undefined) throw new DecodeError(`encoding ${label.slice(0, 50)} is not known; use UTF-8`)
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    throw new DecodeError(`bytes that are not ${label}`)
  }
}

function parseInteger(text: string): number {
  const value = Number(text)
  if (!/^\s*[+-]?\d+\s*$/.test(text) || !Number.isSafeInteger(value))
    throw new DecodeError(`not an integer: ${cut(text)}`)
  return value === 0 ? 0 : value
}

function parseDouble(text: string): Value {
  const value = Number(text)
  if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) || !Number.isFinite(value))
    throw new DecodeError(`not a double: ${cut(text)}`)
  return new Double(value)
}

function parseBoolean(text: string): boolean {
  const word = text.trim()
  if (word === '1' || word === 'true') return true
  if (word === '0' || word === 'false') return false
  throw new DecodeError(`not a boolean: ${cut(text)}`)
}

function parseBase64(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(digits) || digits.length % 4 !== 0) throw new DecodeError('not base64')
  return Buffer.from(digits, 'base64')
}

function cut(text: string): string {
  return JSON.stringify(text.slice(0, 50))
}
