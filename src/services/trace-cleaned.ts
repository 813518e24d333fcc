/** What machines said of themselves, made fit to be kept and shown. */
import type { Sighted } from '../model/trace.ts'

/** Much of it was said by machines: one line each, of a bounded length, without control characters. */
export function cleaned(seen: Sighted): Sighted {
  const { text, because, path } = seen
  return {
    ...seen,
    text: plain(text, 300),
    ...(because !== undefined && { because: plain(because, 500) }),
    ...(path !== undefined && { path: plain(path, 200) }),
  }
}

const ALWAYS_PLAIN = /^[\x20-\x7e]*$/
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

function plain(text: string, most: number): string {
  const clean = ALWAYS_PLAIN.test(text) ? text : text.replace(UNPRINTABLE, ' ')
  return clean.length > most ? `${clean.slice(0, most - 1)}…` : clean
}
