/** A field of the table on the command line and in an object: its options, where it lives, its text as a value and back. */
import { type Command, Option } from 'commander'
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts'
import { INHERIT } from '../model/item.ts'
import { emptyItem, type ItemType } from '../model/items.ts'
import { parseList, parseOptions } from '../model/options.ts'
import { emptyInterface } from '../model/system.ts'
import { FIELD_ROWS, type FieldKind, type FieldRow, INTERFACE_ROWS } from './field-table.ts'
import { CliError } from './io.ts'

export interface Field {
  /** Cobbler's names for it; the first is the one under which `other` keeps it. */
  readonly names: readonly string[]
  /** As `report` prints them, one for each name. */
  readonly labels: readonly string[]
  /** Every name that is taken, as options: `mac-address`. */
  readonly options: readonly string[]
  readonly kind: FieldKind
  readonly help: string
  /** Where it stands in the object: by itself, in `power`, or in each of `interfaces`. */
  readonly of: 'item' | 'power' | 'interface'
  /** The model's name for it; undefined: it is kept in `other`. */
  readonly key: string | undefined
  /** What it reads as when `other` does not have it. */
  readonly initial: Json
}

/** Where the model's word is not Cobbler's in camel case. */
const OWN: Readonly<Record<string, string>> = { ks_meta: 'meta', if_gateway: 'gateway', is_dir: 'isDirectory' }

const tables = new Map<ItemType, readonly Field[]>()

export function fieldsOf(type: ItemType): readonly Field[] {
  const known = tables.get(type)
  if (known) return known
  const item: object = emptyItem(type, '')
  const nic: object = emptyInterface()
  const fields = [
    ...FIELD_ROWS[type].map((row) => fieldOf(row, item)),
    ...(type === 'system' ? INTERFACE_ROWS.map((row) => ({ ...fieldOf(row, nic), of: 'interface' as const })) : []),
  ]
  tables.set(type, fields)
  return fields
}

function fieldOf([allNames, kind, labels, initial = '', help = '']: FieldRow, holder: object): Field {
  const [names = [], more = []] = allNames.split(' | ').map((part) => part.split(' '))
  const [first = ''] = names
  const shared = {
    names,
    labels: labels.split(', '),
    options: [...names, ...more].map((name) => name.replaceAll('_', '-')),
    kind,
    help,
    initial,
  }
  const power = 'power' in holder && isJsonObject(holder.power) ? holder.power : {}
  const powerKey = first.replace(/^power_/, '')
  if (first !== powerKey && Object.hasOwn(power, powerKey)) return { ...shared, of: 'power', key: powerKey }
  const key = names.map((name) => OWN[name] ?? camelCase(name)).find((word) => Object.hasOwn(holder, word))
  return { ...shared, of: 'item', key }
}

function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** The first name in the help, the others beside it, unseen. */
export function addField(command: Command, { options, kind, help, labels }: Field): void {
  const value = { text: 'text', secret: 'text', flag: 'yes|no', list: 'words', options: 'options', number: 'number' }[
    kind
  ]
  options.forEach((name, index) => {
    const option = new Option(`--${name} <${value}>`, help || labels[0])
    command.addOption(index === 0 ? option : option.hideHelp())
  })
}

/** The text that was given for a field under any of its names; undefined when it was not. */
export function givenFor(
  { options }: Pick<Field, 'options'>,
  given: Readonly<Record<string, unknown>>,
): string | undefined {
  for (const option of options) {
    const value = given[option.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())]
    if (typeof value === 'string') return value
  }
  return undefined
}

/** @throws CliError when the text is none of that kind */
export function parseField({ kind, options }: Field, text: string): Json {
  if (text === INHERIT) return text
  switch (kind) {
    case 'text':
    case 'secret':
      return text
    case 'list':
      return parseList(text)
    case 'options':
      return parseOptions(text)
    case 'number': {
      if (text.trim() === '' || !Number.isFinite(Number(text)))
        throw new CliError(`--${options[0]} is a number, not "${text}"`)
      return Number(text)
    }
    case 'flag': {
      const isYes = asFlag(text)
      if (isYes === undefined) throw new CliError(`--${options[0]} is yes or no, not "${text}"`)
      return isYes
    }
  }
}

/** Cobbler's words for yes, and the same for no. */
export function asFlag(text: string): boolean | undefined {
  if (/^(true|1|on|yes|y)$/i.test(text)) return true
  return /^(false|0|off|no|n)$/i.test(text) ? false : undefined
}

/** The value of a field in what holds it: the object, its power settings, or one of its interfaces. */
export function readField({ key, names, initial }: Field, holder: JsonObject): Json {
  if (key !== undefined) return holder[key] ?? null
  const kept = holder['other']
  const [name = ''] = names
  return isJsonObject(kept) && Object.hasOwn(kept, name) ? (kept[name] ?? null) : initial
}

/** The values laid out as an object has them: those that the model does not know, in `other`. */
export function placeFields(values: readonly (readonly [Field, Json])[]): JsonObject {
  const own = values.flatMap(([{ key }, value]) => (key === undefined ? [] : [[key, value] as const]))
  const other = values.flatMap(([{ key, names }, value]) =>
    key === undefined ? [[names[0] ?? '', value] as const] : [],
  )
  return { ...Object.fromEntries(own), ...(other.length > 0 && { other: Object.fromEntries(other) }) }
}
