/** The schema of the settings as a table: the name, the meaning, the default and the kind of each. It reads nothing else. */
import { isJsonObject, type Json } from './lib/json.ts'

export const KINDS = ['text', 'number', 'boolean', 'choice', 'list', 'table'] as const
export type SettingKind = (typeof KINDS)[number]

export interface SettingRow {
  /** `dhcp.subnets`; of a column its last word. */
  readonly name: string
  readonly meaning: string
  /** As it would be written; null: none. */
  readonly default: Json
  readonly kind: SettingKind
  /** Of a choice. */
  readonly choices: readonly string[]
  /** It is one, or has one in it. */
  readonly secret: boolean
  /** Of a table: what each of its items has. */
  readonly items: readonly SettingRow[]
}

/** What zod keeps inside its schemas: enough of it to walk a path and to tell texts from the rest. */
interface Schema {
  readonly def: Definition
  meta?(): { readonly description?: string; readonly secret?: boolean } | undefined
}

interface Definition {
  readonly type: string
  readonly innerType?: Schema
  readonly in?: Schema
  readonly out?: Schema
  readonly shape?: Readonly<Record<string, Schema>>
  readonly element?: Schema
  readonly entries?: Readonly<Record<string, string>>
  readonly defaultValue?: unknown
}

/** From the outermost coat (its default, its description) to the bare schema. */
function coatsOf(schema: unknown): Schema[] {
  const coats: Schema[] = []
  for (let next = schema as Schema | undefined; next?.def; ) {
    coats.push(next)
    const { innerType, type, in: before, out } = next.def
    next = innerType ?? (type === 'pipe' ? (before?.def.type === 'transform' ? out : before) : undefined)
  }
  return coats
}

function definition(schema: unknown): Definition | undefined {
  return coatsOf(schema).at(-1)?.def
}

/** `string`, `boolean` …: what zod calls it, under all coats. */
export function bareType(schema: unknown): string | undefined {
  return definition(schema)?.type
}

/** One step along a path; undefined: there is no such setting. */
export function inner(schema: unknown, key: string): unknown {
  const found = definition(schema)
  if (found?.shape) return Object.hasOwn(found.shape, key) ? found.shape[key] : undefined
  return found?.type === 'array' && /^\d+$/.test(key) ? found.element : undefined
}

/** All settings in the order of the schema. */
export function settingRows(schema: unknown, path = ''): SettingRow[] {
  return Object.entries(definition(schema)?.shape ?? {}).flatMap(([key, one]) => {
    const name = path === '' ? key : `${path}.${key}`
    return definition(one)?.shape ? settingRows(one, name) : [rowOf(name, one)]
  })
}

function rowOf(name: string, schema: Schema): SettingRow {
  const [coats, found] = [coatsOf(schema), definition(schema)]
  const said = coats.map((coat) => coat.meta?.() ?? {})
  const items = found?.element && definition(found.element)?.shape ? settingRows(found.element) : []
  return {
    name,
    meaning: said.find(({ description }) => description !== undefined)?.description ?? '',
    default: (coats.find(({ def }) => def.defaultValue !== undefined)?.def.defaultValue as Json | undefined) ?? null,
    kind: kindOf(found, items.length > 0),
    choices: found?.type === 'enum' ? Object.values(found.entries ?? {}) : [],
    secret: said.some(({ secret }) => secret === true) || items.some(({ secret }) => secret),
    items,
  }
}

function kindOf(found: Definition | undefined, isTable: boolean): SettingKind {
  if (found?.type === 'array') return isTable ? 'table' : 'list'
  if (found?.type === 'enum') return 'choice'
  return found?.type === 'number' || found?.type === 'boolean' ? found.type : 'text'
}

/** What a secret is shown as; written back, it stays what it is. */
export const MASK = '********'

/** A value as it may be shown. */
export function masked({ secret, items }: SettingRow, value: Json): Json {
  if (!secret || value === null) return value
  if (!Array.isArray(value)) return MASK
  const secrets = new Set(items.flatMap((item) => (item.secret ? [item.name] : [])))
  return value.map((item) =>
    isJsonObject(item)
      ? Object.fromEntries(Object.entries(item).map(([key, one]) => [key, secrets.has(key) ? MASK : one]))
      : MASK,
  )
}
