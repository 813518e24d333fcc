/** `power_options`: words and `name=value` pairs, parted by blanks or commas. */
export interface PowerOptions {
  has(word: string): boolean
  /** Undefined when it is not there; empty for `name=`. */
  get(name: string): string | undefined
  readonly pairs: ReadonlyMap<string, string>
}

export function readOptions(text: string): PowerOptions {
  const pairs = new Map<string, string>()
  for (const word of text.split(/[\s,]+/)) {
    if (word === '') continue
    const at = word.indexOf('=')
    if (at < 0) pairs.set(word, '')
    else pairs.set(word.slice(0, at), word.slice(at + 1))
  }
  return { has: (word) => pairs.has(word), get: (name) => pairs.get(name), pairs }
}
