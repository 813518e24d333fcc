/**
 * XML in and out: a bounded tree of elements with their namespaces, and its text again. There is no DTD and no entity but
 * XML's own five. What the elements mean is request-xml.ts. Pure.
 */
import { type SaxesAttributeNS, SaxesParser } from 'saxes'
import { DecodeError } from '../lib/bytes.ts'

export interface Element {
  readonly prefix: string
  readonly namespace: string
  readonly name: string
  readonly attributes: readonly Attribute[]
  readonly children: readonly (Element | string)[]
}

export interface Attribute {
  readonly prefix: string
  readonly namespace: string
  readonly name: string
  readonly value: string
}

/** A body that is larger is not read to its end. */
export const MAX_XML_BYTES = 1024 * 1024
const MAX_DEPTH = 64
const MAX_ELEMENTS = 10_000
/** A namespace is written once for each name in an answer. */
const MAX_NAMESPACE = 1024
const MAX_NAME = 256

/** @throws DecodeError for what is not one well-formed document, or not a modest one */
export function parseXml(bytes: Uint8Array): Element {
  const root: (Element | string)[] = []
  const stack: (Element & { children: (Element | string)[] })[] = []
  let count = 0
  const takeText = (text: string) => void stack.at(-1)?.children.push(text)

  const parser = new SaxesParser({ xmlns: true, position: false, defaultXMLVersion: '1.0', forceXMLVersion: true })
  parser.on('error', (error) => {
    throw new DecodeError(`not well-formed: ${error.message}`)
  })
  parser.on('doctype', () => {
    throw new DecodeError('a document type is not taken')
  })
  parser.on('text', takeText)
  parser.on('cdata', takeText)
  parser.on('opentag', ({ prefix, uri, local, attributes }) => {
    if (++count > MAX_ELEMENTS || stack.length >= MAX_DEPTH) throw new DecodeError('too many elements')
    if (uri.length > MAX_NAMESPACE || local.length > MAX_NAME) throw new DecodeError('a name is too long')
    stack.push({ prefix, namespace: uri, name: local, attributes: attributesOf(attributes), children: [] })
  })
  parser.on('closetag', () => {
    const element = stack.pop()
    if (element) (stack.at(-1)?.children ?? root).push(element)
  })
  parser.write(textOf(bytes)).close()

  const [document] = root
  if (document === undefined || typeof document === 'string') throw new DecodeError('no document')
  return document
}

/** Declarations are written anew where they are needed. */
function attributesOf(attributes: Readonly<Record<string, SaxesAttributeNS>>): Attribute[] {
  return Object.values(attributes)
    .filter(({ prefix, name }) => prefix !== 'xmlns' && name !== 'xmlns')
    .map(({ prefix, uri, local, value }) => ({ prefix, namespace: uri, name: local, value }))
}

/** UTF-8, or UTF-16 that says so with its first two bytes: what every XML reader must take. */
function textOf(bytes: Uint8Array): string {
  const label =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8'
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    throw new DecodeError(`not ${label}`)
  }
}

/**
 * An element with all declarations that it needs, to be put anywhere.
 * @param limit characters; declarations are repeated, so that the text may be much longer than what was read
 * @throws DecodeError above the limit
 */
export function writeXml(element: Element, limit: number): string {
  let length = 0
  const write = (one: Element | string, scope: ReadonlyMap<string, string>): string => {
    if (typeof one === 'string') return counted(escapeXml(one))
    const inner = new Map(scope)
    const declared: string[] = []
    const declare = (prefix: string, namespace: string) => {
      if (prefix === 'xml' || (inner.get(prefix) ?? '') === namespace) return
      inner.set(prefix, namespace)
      declared.push(` xmlns${prefix && ':'}${prefix}="${escapeXml(namespace)}"`)
    }
    declare(one.prefix, one.namespace)
    for (const { prefix, namespace } of one.attributes) if (prefix !== '') declare(prefix, namespace)
    const attributes = one.attributes.map(
      ({ prefix, name, value }) => ` ${qualified(prefix, name)}="${escapeXml(value)}"`,
    )
    const tag = qualified(one.prefix, one.name)
    const start = counted(`<${tag}${declared.join('')}${attributes.join('')}`)
    if (one.children.length === 0) return `${start}/>`
    return `${start}>${one.children.map((child) => write(child, inner)).join('')}</${tag}>`
  }
  const counted = (text: string) => {
    length += text.length
    if (length > limit) throw new DecodeError(`more than ${limit} characters in one value`)
    return text
  }
  return write(element, new Map())
}

function qualified(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}:${name}`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\r': '&#13;',
}

/** For text and attributes alike, of XML and of HTML. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\r]/g, (sign) => ENTITIES[sign] ?? sign)
}
