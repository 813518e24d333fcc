/** `power_options`: words and `name=value` pairs, parted by blanks. */
import { parseOptions } from '../model/options.ts'

export interface PowerOptions {
  has(word: string): boolean
  /** Undefined when it is not there; empty for `name=`. */
  get(name: string): string | undefined
  readonly pairs: ReadonlyMap<string, string>
}

export function readOptions(text: string): PowerOptions {
  const words = Object.entries(parseOptions(text))
  const pairs = new Map(words.map(([name, value]) => [name, value === null ? '' : String(value)]))
  return { has: (word) => pairs.has(word), get: (name) => pairs.get(name), pairs }
}
