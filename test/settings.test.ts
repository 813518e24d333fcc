/** The settings in SETTINGS.md are the settings of the schema: every one of them, with its default. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { settingsSchema } from '../src/config-schema.ts'
import { type SettingRow, settingRows } from '../src/config-table.ts'
import { ROOT } from './support/source.ts'

const schema = settingsSchema({ isRoot: true, dataFolder: '/var/lib/orchestra' })
const page = readFileSync(`${ROOT}/src/SETTINGS.md`, 'utf8')
const row = /^\| `([a-z0-9_.[\]]+)` \| (?:`([^|]*)`)? ?\| (.*) \|$/gm
const rows = Array.from(page.matchAll(row), ([, name, value, meaning]) => ({ name: name ?? '', value, meaning }))

/** What zod keeps of a schema, as far as names go. */
interface Definition {
  readonly type: string
  readonly innerType?: { readonly def: Definition }
  readonly in?: { readonly def: Definition }
  readonly out?: { readonly def: Definition }
  readonly shape?: Readonly<Record<string, { readonly def: Definition }>>
  readonly element?: { readonly def: Definition }
}

function namesOf(definition: Definition, path: string): string[] {
  if (definition.innerType) return namesOf(definition.innerType.def, path)
  if (definition.in && definition.out) {
    return namesOf(definition.in.def.type === 'transform' ? definition.out.def : definition.in.def, path)
  }
  if (definition.shape) {
    const inside = path === '' ? '' : `${path}.`
    return Object.entries(definition.shape).flatMap(([key, { def }]) => namesOf(def, inside + key))
  }
  const items = definition.element ? namesOf(definition.element.def, `${path}[]`) : []
  return [path, ...items.filter((name) => name !== `${path}[]`)]
}

/** `value` laid over `before` at a path. */
function nested(before: unknown, [key, ...inner]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  const kept = (before ?? {}) as Record<string, unknown>
  return { ...kept, [key]: nested(kept[key], inner, value) }
}

function withDefaults(names: (name: string) => boolean): object {
  const given: Record<string, unknown> = {}
  for (const { name, value } of rows) {
    if (value === undefined || !names(name)) continue
    const [key = '', ...inner] = name.replace(/^.*\[\]\./, '').split('.')
    given[key] = nested(given[key], inner, parse(value))
  }
  return given
}

test('SETTINGS.md names every setting, and no other, in the order of the schema', () => {
  expect(rows.map(({ name }) => name)).toEqual(namesOf((schema as unknown as { def: Definition }).def, ''))
})

test('each setting has one meaning, in the schema, on the page and in the console', () => {
  const meaningsOf = ({ name, meaning, items }: SettingRow, before = ''): string[][] => [
    [before + name, meaning],
    ...items.flatMap((item) => meaningsOf(item, `${before}${name}[].`)),
  ]
  const meanings = settingRows(schema).flatMap((one) => meaningsOf(one))
  expect(rows.map(({ name, meaning }) => [name, meaning])).toEqual(meanings)
  expect(meanings.filter(([, meaning]) => meaning === '')).toEqual([])
})

test('what a password or a key is, is masked', () => {
  const secret = settingRows(schema).flatMap(({ name, items, secret }) => [
    ...(secret ? [name] : []),
    ...items.flatMap((item) => (item.secret ? [`${name}[].${item.name}`] : [])),
  ])
  expect(secret).toEqual(['admin.password', 'webhooks', 'webhooks[].secret'])
})

/** One item of each list, with what it must have. */
const ITEMS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'dhcp.subnets': { subnet: '10.77.0.0/24' },
  classes: { available: 'free', acquired: 'taken' },
  'power.drivers': { type: 'rack', program: '/usr/local/bin/rack' },
  webhooks: { url: 'https://hooks.example/orchestra', secret: 'sixteen letters!' },
}

test('the defaults in SETTINGS.md are those of the daemon', () => {
  expect(schema.parse(withDefaults((name) => !name.includes('[]')))).toEqual(schema.parse({}))
  for (const [list, item] of Object.entries(ITEMS)) {
    const told = withDefaults((name) => name.startsWith(`${list}[]`))
    const parsed = (one: object) => schema.parse(nested({}, list.split('.'), [one]))
    expect(parsed({ ...item, ...told })).toEqual(parsed(item))
  }
  // A default that the page leaves out is one that does not exist.
  const unsaid = rows.filter(({ value }) => value === undefined).map(({ name }) => name)
  expect(unsaid).toEqual(rows.map(({ name }) => name).filter((name) => defaultAt(name) === undefined))
})

function defaultAt(name: string): unknown {
  const [list = '', item, ofItem] = name.split('[].')
  // What an item of an item has not, is not there.
  if (ofItem !== undefined) return undefined
  const at = (value: unknown, path: string) =>
    path.split('.').reduce<unknown>((found, key) => (found as Record<string, unknown> | undefined)?.[key], value)
  if (item === undefined) return at(schema.parse({}), list)
  const given = ITEMS[list] ?? {}
  if (item in given) return undefined
  return at((at(schema.parse(nested({}, list.split('.'), [given])), list) as unknown[])[0], KEYS[item] ?? item)
}

/** Of those that have another name inside. */
const KEYS: Readonly<Record<string, string>> = {
  lease_seconds: 'leaseSeconds',
  pool: 'pools',
  conflict_check: 'conflictCheck',
  ipv6_router_seconds: 'ipv6RouterSeconds',
}
