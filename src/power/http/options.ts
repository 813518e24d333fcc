/** `power_options` of a driver that speaks HTTP: words like `auth=basic`, each known or refused by name. */
import { parseOptions } from '../../model/options.ts'

/** The options by name; a bare word has an empty value. A string is the sentence on what is wrong. */
export function readOptions(text: string, known: readonly string[]): ReadonlyMap<string, string> | string {
  const options = new Map<string, string>()
  for (const [name, value] of Object.entries(parseOptions(text))) {
    // A misspelt `insecure` must not pass silently, nor a misspelt `fingerprint`.
    if (!known.includes(name)) return `"${name}" is no option of power_options here; known: ${known.join(', ')}`
    if (Array.isArray(value)) return `${name}= stands twice in power_options`
    options.set(name, value === null ? '' : String(value))
  }
  return options
}

/** Yes or no; undefined for neither. A bare word is a yes. */
export function yesOrNo(value: string | undefined): boolean | undefined {
  if (value === undefined || /^(no|0|false)$/i.test(value)) return false
  return /^(yes|1|true|)$/i.test(value) ? true : undefined
}
