/**
 * XML-RPC as the Ensemble client of 2011 reads and writes it. Reading keeps the types apart that the wire keeps apart, and
 * knows nothing newer: no nil, no i8, no second kind of boolean.
 */
import { SaxesParser } from 'saxes'
import { type Dial, exchange, TransportError } from './ensemble-client-http.ts'

export type Value = string | number | boolean | readonly Value[] | Struct
export interface Struct {
  readonly [name: string]: Value
}

/** The server's refusal. Which one it is, the client tells by a part of the text. */
export class Fault extends Error {
  override readonly name = 'Fault'
}

export interface RpcServer {
  readonly host: string
  readonly port: number
  readonly dial?: Dial | undefined
}

/** @throws Fault, or TransportError for anything that is no XML-RPC answer in an HTTP answer of status 200 */
export async function callMethod(server: RpcServer, method: string, args: readonly Value[]): Promise<Value> {
  const body = Buffer.from(writeCall(method, args))
  const { host, port, dial } = server
  const headers = [
    ['User-Agent', 'Twisted/XMLRPClib'],
    ['Content-type', 'text/xml'],
  ] as const
  const answer = await exchange({ method: 'POST', host, port, path: '/cobbler_api', headers, body }, dial)
  if (answer.status !== 200) throw new TransportError(`${method}: HTTP status ${answer.status}`)
  return readAnswer(answer.body, method)
}

export function writeCall(method: string, args: readonly Value[]): string {
  const params = args.map((arg) => `<param>\n${write(arg)}</param>\n`).join('')
  return `<?xml version='1.0'?>\n<methodCall>\n<methodName>${escapeXml(method)}</methodName>\n<params>\n${params}</params>\n</methodCall>\n`
}

function write(value: Value): string {
  if (typeof value === 'string') return `<value><string>${escapeXml(value)}</string></value>\n`
  if (typeof value === 'boolean') return `<value><boolean>${value ? 1 : 0}</boolean></value>\n`
  if (typeof value === 'number') return `<value><int>${value}</int></value>\n`
  if (isList(value)) return `<value><array><data>\n${value.map(write).join('')}</data></array></value>\n`
  const members = Object.entries(value).map(
    ([name, one]) => `<member>\n<name>${escapeXml(name)}</name>\n${write(one)}</member>\n`,
  )
  return `<value><struct>\n${members.join('')}</struct></value>\n`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function isStruct(value: Value | undefined): value is Struct {
  return typeof value === 'object' && !Array.isArray(value)
}

interface Element {
  readonly name: string
  readonly children: Element[]
  text: string
}

function readAnswer(bytes: Buffer, method: string): Value {
  const fail = (because: string) => new TransportError(`${method}: ${because} in ${bytes.toString().slice(0, 300)}`)
  const root = parse(bytes, fail)
  if (root.name !== 'methodResponse') throw fail(`<${root.name}>`)
  const [only, ...more] = root.children
  if (!only || more.length > 0) throw fail('not one element in the answer')
  if (only.name === 'fault') {
    const fault = readValue(child(only, 'value', fail), fail)
    const text = isStruct(fault) ? fault['faultString'] : undefined
    if (typeof text !== 'string' || !isStruct(fault) || typeof fault['faultCode'] !== 'number')
      throw fail('a fault without code and text')
    throw new Fault(text)
  }
  if (only.name !== 'params') throw fail(`<${only.name}>`)
  return readValue(child(child(only, 'param', fail), 'value', fail), fail)
}

type Fail = (because: string) => TransportError

function parse(bytes: Buffer, fail: Fail): Element {
  const parser = new SaxesParser()
  const document: Element = { name: '', children: [], text: '' }
  const open = [document]
  parser.on('opentag', ({ name }) => {
    const element = { name, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  const addText = (text: string) => {
    const element = open.at(-1)
    if (element) element.text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => void open.pop())
  parser.on('error', (error) => {
    throw fail(error.message)
  })
  parser.write(bytes.toString('utf8')).close()
  return document.children[0] ?? document
}

function child({ children, name }: Element, wanted: string, fail: Fail): Element {
  const [only, ...more] = children
  if (only?.name !== wanted || more.length > 0) throw fail(`<${name}> that holds no <${wanted}> alone`)
  return only
}

function readValue(value: Element, fail: Fail): Value {
  // Text without a type is a string.
  if (value.children.length === 0) return value.text
  const [typed] = value.children
  if (!typed || value.children.length > 1 || value.text.trim() !== '') throw fail('a value of two types')
  const { name, text } = typed
  switch (name) {
    case 'string':
      return text
    case 'int':
    case 'i4':
      if (!/^-?\d+$/.test(text)) throw fail(`the int "${text}"`)
      return Number(text)
    case 'double':
      if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) throw fail(`the double "${text}"`)
      return Number(text)
    case 'boolean':
      if (text !== '0' && text !== '1') throw fail(`the boolean "${text}"`)
      return text === '1'
    case 'array':
      return child(typed, 'data', fail).children.map((one) => {
        if (one.name !== 'value') throw fail(`<${one.name}> in an array`)
        return readValue(one, fail)
      })
    case 'struct':
      return Object.fromEntries(typed.children.map((member) => readMember(member, fail)))
    default:
      throw fail(`a value of type <${name}>`)
  }
}

function readMember({ name, children }: Element, fail: Fail): [string, Value] {
  const [key, value, ...more] = children
  if (name !== 'member' || key?.name !== 'name' || value?.name !== 'value' || more.length > 0)
    throw fail('a member that is not a name and a value')
  return [key.text, readValue(value, fail)]
}
