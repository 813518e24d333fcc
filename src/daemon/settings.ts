/** What people see and change of the settings while the daemon runs: orchestra.yaml is written, and served at the next start. */
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type Config, isWritable, readConfig, sentenceOf, writeConfig } from '../config.ts'
import { checkConfig, type Environment, type Fault } from '../config-check.ts'
import { type Changes, editConfig } from '../config-edit.ts'
import type { Settings } from '../config-schema.ts'
import { inner, MASK, masked, type SettingRow, settingRows } from '../config-table.ts'
import type { SettingsRoutesOptions, SettingsView } from '../http/routes/settings.ts'
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts'
import { oneAtATime } from '../lib/one-at-a-time.ts'
import { OrchestraError } from '../model/errors.ts'

export interface SettingsNeeds {
  /** From `--config`. */
  readonly named: string | undefined
  readonly env: Environment
  /** What is served now. */
  readonly running: () => Settings
}

/** Whoever may log in as admin may not therefore run programs on this host, or move what it keeps. */
const IN_THE_FILE_ALONE: Readonly<Record<string, string>> = {
  data: 'where everything is kept is set in the file or the environment alone',
  'power.drivers': 'the programs of this host that are run are set in the file or the environment alone',
}

export function openSettings({ named, env, running }: SettingsNeeds): SettingsRoutesOptions['settings'] {
  const inTurn = oneAtATime()

  function lookAt(given: Changes): { config: Config; text: string; faults: Fault[] } {
    const config = readConfig(named, env)
    const rows = settingRows(config.schema)
    const refused = Object.keys(given).flatMap((path) => refusalOf(path, rows, config) ?? [])
    const { changes, faults } = withSecrets(given, rows, config)
    if (refused.length > 0) return { config, text: config.text, faults: [...refused, ...faults] }
    try {
      const text = editConfig(config.text, changes)
      const checked = checkConfig({ file: config.place, text }, env, config.schema)
      const isSaid = Object.entries(changes).every(([path, value]) =>
        isDeepStrictEqual(valueAt(checked.inFile, path) ?? null, value),
      )
      const knotted = isSaid || checked.faults.length > 0 ? [] : [KNOTTED(config.place)]
      return { config, text, faults: [...faults, ...checked.faults, ...knotted] }
    } catch (error) {
      return { config, text: config.text, faults: [{ path: config.place, message: (error as Error).message }] }
    }
  }

  return {
    view: () => viewOf(readConfig(named, env), running()),
    check: (changes) => lookAt(changes).faults,

    change: (changes) =>
      inTurn(async () => {
        const { config, text, faults } = lookAt(changes)
        const [first] = faults
        if (first) {
          throw new OrchestraError('item.invalid', faults.map(sentenceOf).join('; '), { field: first.path })
        }
        if (text === config.text) return config.place
        await writeConfig(config.place, text).catch((cause: NodeJS.ErrnoException) => {
          const why = `${config.place} cannot be written (${cause.code ?? cause.message}); change it by hand, or let this user write there`
          throw new OrchestraError('item.invalid', why, { cause })
        })
        return config.place
      }),
  }
}

const KNOTTED = (path: string): Fault => ({
  path,
  message: 'cannot be changed piece by piece, as it is written (anchors?); change it by hand',
})

function viewOf(config: Config, running: Settings): SettingsView {
  const { file, place, faults, settings, text, given, inFile, schema } = config
  return {
    file: file === undefined ? null : place,
    place,
    writable: isWritable(place),
    pending: settings !== undefined && !isDeepStrictEqual(settings, running),
    faults: [...faults],
    revision: createHash('sha256').update(text).digest('hex').slice(0, 16),
    values: settingRows(schema).map((row) => {
      const { name, default: unset } = row
      const isSet = valueAt(inFile, name) !== undefined
      return {
        path: name,
        value: masked(row, asList(row, valueAt(given, name) ?? unset)),
        origin: variableOf(name, config) !== undefined ? 'environment' : isSet ? 'file' : 'default',
        ...columnOf(row),
        locked: lockOf(name, config) ?? null,
        items: row.items.map((item) => ({ name: item.name, ...columnOf(item) })),
      }
    }),
  }
}

/** A list may be written in one line, parted by commas. */
function asList({ kind }: SettingRow, value: Json): Json {
  return kind === 'list' && typeof value === 'string' ? value.split(/[,\s]+/).filter((word) => word !== '') : value
}

function columnOf({ default: unset, meaning, kind, choices, secret }: SettingRow) {
  return { default: unset, meaning, kind, choices: [...choices], secret }
}

function lockOf(path: string, config: Config): string | undefined {
  const variable = variableOf(path, config)
  if (variable !== undefined) return `${variable} in the environment of the daemon sets it; change it there`
  return Object.entries(IN_THE_FILE_ALONE).find(([name]) => isWithin(path, name))?.[1]
}

/** The one that sets it, a part of it, or what it is part of. */
function variableOf(path: string, { variables }: Config): string | undefined {
  return [...variables].find(([set]) => isWithin(set, path) || isWithin(path, set))?.[1]
}

function isWithin(path: string, of: string): boolean {
  return path === of || path.startsWith(`${of}.`)
}

function refusalOf(path: string, rows: readonly SettingRow[], config: Config): Fault | undefined {
  const row = rows.find(({ name }) => isWithin(path, name))
  const isThere = path.split('.').reduce<unknown>((at, key) => inner(at, key), config.schema) !== undefined
  if (!row || !isThere) {
    const inside = rows.find(({ name }) => isWithin(name, path))
    const message = inside ? `is a group; name a setting in it, as ${inside.name}` : 'there is no such setting'
    return { path, message }
  }
  if (row.secret && path !== row.name)
    return { path, message: `there are secrets in it: change ${row.name} as a whole` }
  const locked = lockOf(path, config)
  return locked === undefined ? undefined : { path, message: locked }
}

/** A secret that comes back as it was shown stays what it is; in a table that of the item with the same first value. */
function withSecrets(given: Changes, rows: readonly SettingRow[], { inFile }: Config) {
  const faults: Fault[] = []
  const changes: Record<string, Json> = {}
  for (const [path, value] of Object.entries(given)) {
    const row = rows.find(({ name }) => name === path)
    if (row?.secret && Array.isArray(value)) {
      const before = valueAt(inFile, path)
      changes[path] = value.map((item, index) => {
        const kept = isJsonObject(item) ? unmasked(item, row, Array.isArray(before) ? before : []) : item
        if (kept === undefined) faults.push({ path: `${path}.${index}`, message: NO_SECRET })
        return kept ?? item
      })
    } else if (!row?.secret || value !== MASK) changes[path] = value
  }
  return { changes, faults }
}

const NO_SECRET = 'its secret is not known here; write it'

function unmasked(item: JsonObject, { items }: SettingRow, before: readonly Json[]): JsonObject | undefined {
  const hidden = items.flatMap(({ name, secret }) => (secret && item[name] === MASK ? [name] : []))
  if (hidden.length === 0) return item
  const key = items[0]?.name ?? ''
  const old = before.filter(isJsonObject).find((one) => one[key] === item[key])
  return old && { ...item, ...Object.fromEntries(hidden.map((name) => [name, old[name] ?? ''])) }
}

function valueAt(from: JsonObject, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)]
    return isJsonObject(at ?? null) ? (at as JsonObject)[key] : undefined
  }, from)
}
