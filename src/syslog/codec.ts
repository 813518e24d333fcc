/**
 * Syslog messages from bytes: RFC 3164 as installers really send it (often without a host, sometimes without a time or a
 * priority), RFC 5424, and the frames of a TCP stream (RFC 6587). There is nothing to encode: nobody is ever answered.
 *
 * Pure. What a message says about its time and host is passed over: when and from where it came is the server's to know.
 */
import { asBuffer, DecodeError } from '../lib/bytes.ts'

export interface SyslogMessage {
  /** RFC 5424, 6.2.1: 0 emergency to 7 debug. */
  readonly severity: number
  /** The tag, without its process id; empty when there was none. */
  readonly app: string
  /** One line, without control characters, of a bounded length. */
  readonly message: string
}

/** More than RFC 5424 (6.1) asks of anybody; the rest of a longer message is not read. */
const MOST_BYTES = 8192
const MOST_TEXT = 2000
const MOST_APP = 48
/** RFC 3164, 4.3.3: user.notice, for those who do not say. */
const NO_PRIORITY = 13
/** Facility 23, severity 7. */
const MOST_PRIORITY = 191

/** @throws DecodeError for a message without a word in it */
export function decode(bytes: Uint8Array): SyslogMessage {
  const text = asBuffer(bytes).toString('utf8', 0, MOST_BYTES)
  const { priority, rest } = splitPriority(text)
  const { app, message } = readStructured(rest) ?? readLoose(rest)
  const said = { severity: priority % 8, app: clean(app, MOST_APP), message: clean(message, MOST_TEXT) }
  if (said.app === '' && said.message === '') throw new DecodeError('a syslog message without a word')
  return said
}

function splitPriority(text: string): { priority: number; rest: string } {
  const found = /^<(\d{1,3})>/.exec(text)
  const priority = Number(found?.[1])
  if (!found || priority > MOST_PRIORITY) return { priority: NO_PRIORITY, rest: text }
  return { priority, rest: text.slice(found[0].length) }
}

type Said = Pick<SyslogMessage, 'app' | 'message'>

/** RFC 5424, 6: version, time, host, program, process and message id, then structured data. */
const HEADER = /^1 (?:-|\d{4}-\d\d-\d\dT\S{1,32}) \S{1,255} (\S{1,48}) \S{1,128} \S{1,32} /
const STRUCTURED_DATA = /^(?:-|(?:\[[^\s=\]"]{1,32}(?: [^\s=\]"]{1,32}="(?:[^"\\\]]|\\.)*")*\])+)(?: |$)/s

/** Undefined when it is not of that form. What is in the structured data is about the message, and not kept. */
function readStructured(text: string): Said | undefined {
  const header = HEADER.exec(text)
  if (!header) return undefined
  const rest = text.slice(header[0].length)
  const data = STRUCTURED_DATA.exec(rest)
  const app = header[1] === '-' ? '' : (header[1] ?? '')
  return { app, message: data ? rest.slice(data[0].length) : rest }
}

/** `Nov  3 08:00:00`, with a year or a fraction too; and what rsyslog forwards with. */
const TIME =
  /^(?:[A-Z][a-z]{2} [ \d]\d(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d{1,9})?:?|\d{4}-\d\d-\d\dT[\d:.]{5,20}(?:Z|[+-]\d\d:?\d\d)?) /
const HOST = /^(?:-|[A-Za-z0-9][\w.:-]{0,254}) /
/** `name:`, `name[pid]:` or `name[pid]`. */
const TAG = /^([^\s:[\]<>]{1,64})(?:\[[^\]\s]{1,32}\]:?|:)(?:\s|$)/

/** RFC 3164, 4.1, of which every part may be missing. What fits nowhere is message: no word is lost. */
function readLoose(text: string): Said {
  const time = TIME.exec(text)
  const rest = text.slice(time?.[0].length ?? 0)
  const own = TAG.exec(rest)
  if (own) return { app: own[1] ?? '', message: rest.slice(own[0].length) }
  // A host is told from the message's first word by the tag behind it; without a time nobody sends one.
  const host = time && HOST.exec(rest)
  const behind = host ? rest.slice(host[0].length) : ''
  const tag = TAG.exec(behind)
  if (tag) return { app: tag[1] ?? '', message: behind.slice(tag[0].length) }
  return { app: '', message: rest }
}

/** For people's eyes: no escape sequences, no control, format or line breaking characters. */
function clean(text: string, most: number): string {
  const plain = text
    .replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  // Cut where a character ends.
  return plain.length <= most ? plain : `${plain.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** Longer frames are none. */
const MOST_FRAME = 65_536

export interface Frames {
  readonly messages: readonly Uint8Array[]
  /** The beginning of the next one. */
  readonly rest: Uint8Array
}

/**
 * The whole messages at the beginning of a stream: with their length in front (RFC 6587, 3.4.1), or each ended by a line
 * feed (3.4.2), told from each other message by message.
 * @throws DecodeError for a length that nobody may send
 */
export function splitStream(bytes: Uint8Array): Frames {
  const buffer = asBuffer(bytes)
  const messages: Uint8Array[] = []
  let at = 0
  while (at < buffer.length) {
    const counted = /^([1-9]\d{0,6})(?: |$)/.exec(buffer.toString('latin1', at, at + 8))
    const isWhole = counted?.[0].endsWith(' ')
    if (counted && !isWhole) break
    const start = at + (counted?.[0].length ?? 0)
    const length = counted ? Number(counted[1]) : lineLength(buffer, start)
    if (length > MOST_FRAME) throw new DecodeError(`a syslog frame of ${length} bytes`)
    const end = start + length
    // A line is whole with its line feed.
    if (counted ? end > buffer.length : end === buffer.length && length < MOST_FRAME) break
    if (length > 0) messages.push(buffer.subarray(start, end))
    at = counted || length === MOST_FRAME ? end : end + 1
  }
  return { messages, rest: buffer.subarray(at) }
}

/** Up to the line feed, or as far as there is anything; a line without end is cut. */
function lineLength(buffer: Buffer, start: number): number {
  const end = buffer.indexOf(0x0a, start)
  return Math.min((end < 0 ? buffer.length : end) - start, MOST_FRAME)
}
