/** Options (kernel options, ks_meta) as people edit them: one on each line, and back by Cobbler's own rules. */

import type { Options } from '../../model/item.ts'
import { formatOptions, parseOptions } from '../../model/options.ts'

/** Undefined: lines would not say all that is in them; they are edited as JSON then. */
export function linesOf(options: Options): string | undefined {
  const text = Object.entries(options)
    .map(([key, value]) => formatOptions({ [key]: value }))
    .join('\n')
  return JSON.stringify(parseOptions(text)) === JSON.stringify(options) ? text : undefined
}

export function optionsOf(lines: string): Options {
  return parseOptions(lines.replaceAll('\n', ' '))
}
