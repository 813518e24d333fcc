/** Options that do not fit behind the header, in fields of the header that are free (option 52, RFC 2132 section 9.3). */
import { FILE_ROOM, SNAME_ROOM } from './codec.ts'
import { type DhcpOptions, fitOptions, OPTION, ofU8, sizeOf } from './options.ts'

/** Options by the field that they stand in. */
export interface LaidOut {
  readonly options: DhcpOptions
  /** In place of what these fields say otherwise. */
  readonly file?: DhcpOptions
  readonly sname?: DhcpOptions
}

/** Where the NUL of a text would be is the END of options. */
const END = 1
const OVERLOAD_SIZE = sizeOf(ofU8(0))

/**
 * The options that fit into `room` bytes and the fields that are free. Nothing is put there that fits elsewhere: old firmware
 * reads the fields and not the options.
 */
export function layOut(options: DhcpOptions, room: number, free: { readonly file: boolean }): LaidOut {
  if (sizeOfAll(options) < room) return { options }
  const main = fitOptions(options, room)
  const first = fitOptions(options, room - OVERLOAD_SIZE)
  const file = free.file ? fitOptions(without(options, first), FILE_ROOM + END) : new Map()
  const sname = fitOptions(without(options, first, file), SNAME_ROOM + END)
  const used = (file.size > 0 ? 1 : 0) | (sname.size > 0 ? 2 : 0)
  if (used === 0) return { options: main }
  // What a relay sent stays the last.
  const relayInfo = first.get(OPTION.relayInfo)
  first.delete(OPTION.relayInfo)
  first.set(OPTION.overload, ofU8(used))
  if (relayInfo) first.set(OPTION.relayInfo, relayInfo)
  return { options: first, ...(file.size > 0 && { file }), ...(sname.size > 0 && { sname }) }
}

/** Without the END behind them. */
function sizeOfAll(options: DhcpOptions): number {
  let size = 0
  for (const value of options.values()) size += sizeOf(value)
  return size
}

function without(options: DhcpOptions, ...placed: readonly DhcpOptions[]): DhcpOptions {
  return new Map([...options].filter(([code]) => !placed.some((one) => one.has(code))))
}
