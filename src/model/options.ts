/** Options (kernel options, ks_meta) as text and back, by Cobbler's rules: cobbler 2.8.5 and 3.3.7 were run to find them. */
import type { Json } from '../lib/json.ts'
import type { Options } from './item.ts'

/**
 * `a=1 b c='two words' a=2` becomes `{a: ['1', '2'], b: null, c: 'two words'}`: words are split as a shell splits them, a
 * repeated key makes a list, a bare word has no value. Total: an unended quote runs to the end.
 */
export function parseOptions(text: string): Options {
  const options = new Map<string, Json>()
  for (const word of splitWords(text)) {
    const at = word.indexOf('=')
    const key = at < 0 ? word : word.slice(0, at)
    const value = at < 0 ? null : word.slice(at + 1)
    const before = options.get(key)
    if (before === undefined) options.set(key, value)
    else options.set(key, Array.isArray(before) ? [...before, value] : [before, value])
  }
  return Object.fromEntries(options)
}

/** Lists are parted by blanks; `delete` and nothing make an empty one. */
export function parseList(text: string): string[] {
  return text === 'delete' ? [] : splitWords(text)
}

/**
 * A kernel line: `k=v`, a bare `k` for no value, a repeated `k=v` for a list, values with blanks in double quotes. Always one
 * line: a line break in a value would be a command of the boot loader's.
 */
export function formatOptions(options: Options): string {
  return Object.entries(options)
    .flatMap(([key, value]) => (Array.isArray(value) ? value : [value]).map((one: Json) => formatOption(key, one)))
    .join(' ')
    .replace(/[\r\n]+/g, ' ')
}

function formatOption(key: string, value: Json): string {
  if (value === null || value === '' || value === '~') return oneLine(key)
  const text = oneLine(typeof value === 'string' ? value : JSON.stringify(value))
  return /\s/.test(text) ? `${oneLine(key)}="${text}"` : `${oneLine(key)}=${text}`
}

/** A line break in a value would begin a new command in whatever file this stands in. */
function oneLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]+/g, ' ')
}

/** Words as a shell splits them: blanks part, single and double quotes keep together, a backslash takes the next as it is. */
function splitWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (quote !== '') {
      if (char === quote) quote = ''
      else if (char === '\\' && quote === '"' && i + 1 < text.length) word += text.charAt(++i)
      else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (char === '\\' && i + 1 < text.length) {
      word = (word ?? '') + text.charAt(++i)
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + char
    }
  }
  if (word !== undefined) words.push(word)
  return words
}
