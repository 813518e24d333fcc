/** The text of orchestra.yaml and the environment, through the one schema: the settings, or every fault at once. Opens nothing. */
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import type { Settings, settingsSchema } from './config-schema.ts'
import { bareType, inner } from './config-table.ts'
import { isJsonObject, type Json, type JsonObject } from './lib/json.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** `path` is a setting, the file, or a variable of the environment. */
export interface Fault {
  readonly path: string
  readonly message: string
}

export interface Written {
  /** Undefined: there is none. */
  readonly file: string | undefined
  readonly text: string
}

export interface Checked {
  readonly faults: readonly Fault[]
  /** Frozen; undefined when there are faults. */
  readonly settings: Settings | undefined
  /** What the file says, as it is written there. */
  readonly inFile: JsonObject
  /** The same with the environment over it. */
  readonly given: JsonObject
  /** Which variable sets which setting, `dhcp.subnets.0.pool`. */
  readonly variables: ReadonlyMap<string, string>
}

/** Environment names that belong to the command line, not to the settings. */
const RESERVED = new Set([
  'ORCHESTRA_CONFIG',
  'ORCHESTRA_SERVER',
  'ORCHESTRA_TOKEN',
  'ORCHESTRA_USER',
  'ORCHESTRA_PASSWORD',
])

export function checkConfig(written: Written, env: Environment, schema: ReturnType<typeof settingsSchema>): Checked {
  const faults: Fault[] = []
  const inFile = readYaml(written, faults)
  const given: Given = { ...inFile }
  const variables = new Map<string, string>()
  for (const [name, text] of Object.entries(env).sort()) {
    if (text === undefined || !name.startsWith('ORCHESTRA_') || RESERVED.has(name)) continue
    const path = name.slice('ORCHESTRA_'.length).toLowerCase().split('__')
    if (override(given, schema, path, name, text, faults)) variables.set(path.join('.'), name)
  }

  const result = schema.safeParse(given)
  if (result.success) faults.push(...overlaps(result.data))
  else faults.push(...result.error.issues.flatMap(describe))
  const settings = result.success && faults.length === 0 ? deepFreeze(result.data) : undefined
  return { faults, settings, inFile, given: given as JsonObject, variables }
}

type Given = { [key: string]: unknown }

function readYaml({ file = 'orchestra.yaml', text }: Written, faults: Fault[]): JsonObject {
  const document = parseDocument(text)
  if (document.errors.length > 0) {
    faults.push(...document.errors.map((error) => ({ path: file, message: error.message.split('\n')[0] ?? '' })))
    return {}
  }
  const value = document.toJS() as Json | undefined
  if (value === null || value === undefined) return {}
  if (isJsonObject(value)) return value
  const kind = Array.isArray(value) ? 'list' : typeof value
  faults.push({ path: file, message: `must hold settings (name: value), not a ${kind}` })
  return {}
}

/**
 * ORCHESTRA_HTTP__LISTEN is http.listen: two underscores part the names, numbers count in lists, values are YAML. Answers
 * whether it set something.
 */
function override(
  given: Given,
  schema: z.ZodType,
  path: readonly string[],
  name: string,
  text: string,
  faults: Fault[],
): boolean {
  const leaf = path.reduce<unknown>((at, key) => inner(at, key), schema)
  if (leaf === undefined) {
    faults.push({ path: name, message: `there is no setting ${path.join('.')}` })
    return false
  }
  let target: Given = given
  for (const key of path.slice(0, -1)) {
    const next = target[key]
    const copy = Array.isArray(next) ? [...next] : isJsonObject(next) ? { ...next } : {}
    target[key] = copy
    target = copy as Given
  }
  const value = readValue(leaf, text)
  if (value === undefined) faults.push({ path: name, message: `"${text}" is not valid YAML` })
  else target[path.at(-1) ?? ''] = value
  return value !== undefined
}

/** A value as people write it in one line, for a setting of this schema; undefined: it is no YAML. */
function readValue(leaf: unknown, text: string): unknown {
  const kind = bareType(leaf)
  if (kind === 'string') return text
  if (kind === 'boolean') {
    if (/^(true|yes|on|1)$/i.test(text)) return true
    if (/^(false|no|off|0)$/i.test(text)) return false
    return text
  }
  const document = parseDocument(text)
  return document.errors.length > 0 ? undefined : document.toJS()
}

function describe(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'there is no such setting' }))
  return [{ path: issue.path.join('.') || 'configuration', message: issue.message }]
}

function overlaps({ dhcp }: Settings): Fault[] {
  if (dhcp.enabled && dhcp.subnets.length === 0) {
    return [{ path: 'dhcp.subnets', message: 'DHCP is enabled, but no subnet is listed that it shall serve' }]
  }
  return dhcp.subnets.flatMap((one, index) =>
    dhcp.subnets.slice(0, index).some((other) => other.subnet.network === one.subnet.network)
      ? [{ path: `dhcp.subnets.${index}.subnet`, message: `${one.subnet.network} is listed twice` }]
      : [],
  )
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null)
    for (const inside of Object.values(Object.freeze(value))) deepFreeze(inside)
  return value
}
