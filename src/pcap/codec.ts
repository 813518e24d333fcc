/**
 * pcapng, values to bytes: the format of packet captures that Wireshark, tshark and tcpdump read
 * (draft-ietf-opsawg-pcapng). One section, one Ethernet interface, times in milliseconds; all of it little-endian.
 *
 * Packets are blocks of their own, so a capture is a section header, whatever blocks were kept, and the statistics.
 */

export interface CapturedPacket {
  /** Milliseconds since 1970. */
  readonly at: number
  /** As the server sees it. */
  readonly way: 'in' | 'out'
  /** An Ethernet frame from its destination address on, without its check sequence; or the beginning of one. */
  readonly frame: Uint8Array
  /** Bytes that it had on the wire; more than there are, when its end was not kept. */
  readonly length: number
  readonly comment?: string | undefined
}

export interface Section {
  readonly program: string
  readonly comment: string
  readonly interfaceName: string
  readonly interfaceComment: string
}

export interface Statistics {
  readonly at: number
  /** Packets that were seen and not kept. */
  readonly dropped: number
}

const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE = 1
const STATISTICS = 5
const PACKET = 6

const BYTE_ORDER = 0x1a2b3c4d
const LENGTH_UNKNOWN = 0xffffffff
const ETHERNET = 1

/** Numbers of options (section 3.5 for comments, 4.1 and on for the others). */
const OPTION = { end: 0, comment: 1, program: 4, name: 2, resolution: 9, flags: 2, dropped: 5 } as const
const MILLISECONDS = 3
const WAY = { in: 1, out: 2 } as const
/** An option's length has two bytes. */
const LONGEST_TEXT = 65_000

/** Section header and interface description: what every capture begins with. */
export function encodeSection({ program, comment, interfaceName, interfaceComment }: Section): Buffer {
  const version = words(1, 0)
  const header = block(SECTION_HEADER, [
    ...[longs(BYTE_ORDER), version, longs(LENGTH_UNKNOWN, LENGTH_UNKNOWN)],
    ...options([OPTION.comment, textOf(comment)], [OPTION.program, textOf(program)]),
  ])
  const description = block(INTERFACE, [
    ...[words(ETHERNET, 0), longs(0)],
    ...options(
      [OPTION.name, textOf(interfaceName)],
      [OPTION.comment, textOf(interfaceComment)],
      [OPTION.resolution, Buffer.of(MILLISECONDS)],
    ),
  ])
  return Buffer.concat([header, description])
}

export function encodePacket({ at, way, frame, length, comment }: CapturedPacket): Buffer {
  return block(PACKET, [
    longs(0, ...timeOf(at), frame.length, length),
    padded(frame),
    ...options(...(comment === undefined || comment === '' ? [] : [[OPTION.comment, textOf(comment)] as const]), [
      OPTION.flags,
      longs(WAY[way]),
    ]),
  ])
}

export function encodeStatistics({ at, dropped }: Statistics): Buffer {
  return block(STATISTICS, [longs(0, ...timeOf(at)), ...options([OPTION.dropped, longs(...low64(dropped).reverse())])])
}

/** Its type, its length, what is in it, and its length again. */
function block(type: number, parts: readonly Buffer[]): Buffer {
  const length = 12 + parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([longs(type, length), ...parts, longs(length)], length)
}

function options(...given: readonly (readonly [number, Uint8Array])[]): Buffer[] {
  return [...given.flatMap(([code, value]) => [words(code, value.length), padded(value)]), words(OPTION.end, 0)]
}

function padded(bytes: Uint8Array): Buffer {
  const rest = (4 - (bytes.length % 4)) % 4
  return Buffer.concat([bytes, Buffer.alloc(rest)])
}

/** Cut at a character, so that what is left is UTF-8 still. */
function textOf(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length <= LONGEST_TEXT) return bytes
  let end = LONGEST_TEXT
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.subarray(0, end)
}

/** The upper half first. */
function low64(value: number): [number, number] {
  return [Math.floor(value / 0x1_0000_0000), value % 0x1_0000_0000]
}

const timeOf = (at: number): [number, number] => low64(Math.max(0, Math.round(at)))

function longs(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4)
  return bytes
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, index * 2)
  return bytes
}
