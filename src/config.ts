/**
 * The configuration: orchestra.yaml and the environment through one schema, checked whole, all faults at once.
 * The only place that reads either.
 */
import { existsSync, readFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { type Settings, settingsSchema } from './config-schema.ts'
import { isJsonObject } from './lib/json.ts'

export type Loaded =
  | { readonly ok: true; readonly settings: Settings; readonly file: string | undefined }
  | { readonly ok: false; readonly faults: readonly string[] }

/** Environment names that belong to the command line, not to the settings. */
const RESERVED = new Set([
  'ORCHESTRA_CONFIG',
  'ORCHESTRA_SERVER',
  'ORCHESTRA_TOKEN',
  'ORCHESTRA_USER',
  'ORCHESTRA_PASSWORD',
])

export type Environment = Readonly<Record<string, string | undefined>>

/** @param file from `--config`; unset: ORCHESTRA_CONFIG, then orchestra.yaml here, then /etc/orchestra/orchestra.yaml. */
export function loadConfig(file: string | undefined, env: Environment): Loaded {
  const isRoot = userInfo().uid === 0
  const dataFolder = isRoot
    ? '/var/lib/orchestra'
    : join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'orchestra')
  const schema = settingsSchema({ isRoot, dataFolder })

  const wanted = file ?? env['ORCHESTRA_CONFIG']
  const found = wanted ?? ['orchestra.yaml', '/etc/orchestra/orchestra.yaml'].find((path) => existsSync(path))
  const faults: string[] = []
  const given = found === undefined ? {} : readYaml(found, faults)
  for (const [name, text] of Object.entries(env).sort()) {
    if (text !== undefined && name.startsWith('ORCHESTRA_') && !RESERVED.has(name))
      override(given, schema, name, text, faults)
  }

  const result = schema.safeParse(given)
  if (!result.success) faults.push(...result.error.issues.flatMap(describe))
  if (!result.success || faults.length > 0) return { ok: false, faults }
  faults.push(...overlaps(result.data))
  return faults.length > 0 ? { ok: false, faults } : { ok: true, settings: deepFreeze(result.data), file: found }
}

type Given = { [key: string]: unknown }

function readYaml(file: string, faults: string[]): Given {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    faults.push(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`)
    return {}
  }
  const document = parseDocument(text)
  if (document.errors.length > 0) {
    faults.push(...document.errors.map((error) => `${file}: ${error.message.split('\n')[0]}`))
    return {}
  }
  const value: unknown = document.toJS()
  if (value === null || value === undefined) return {}
  if (isJsonObject(value)) return { ...value }
  faults.push(`${file}: must hold settings (name: value), not a ${Array.isArray(value) ? 'list' : typeof value}`)
  return {}
}

/** ORCHESTRA_HTTP__LISTEN is http.listen: two underscores part the names, numbers count in lists, values are YAML. */
function override(given: Given, schema: z.ZodType, name: string, text: string, faults: string[]): void {
  const path = name.slice('ORCHESTRA_'.length).toLowerCase().split('__')
  const leaf = path.reduce<unknown>((at, key) => inner(at, key), schema)
  if (leaf === undefined) {
    faults.push(`${name}: there is no setting ${path.join('.')}`)
    return
  }
  let target: Given = given
  for (const key of path.slice(0, -1)) {
    const next = target[key]
    const copy = Array.isArray(next) ? [...next] : isJsonObject(next) ? { ...next } : {}
    target[key] = copy
    target = copy as Given
  }
  const value = readValue(leaf, text)
  if (value === undefined) faults.push(`${name}: "${text}" is not valid YAML`)
  else target[path.at(-1) ?? ''] = value
}

function readValue(leaf: unknown, text: string): unknown {
  const kind = bare(leaf)
  if (kind === 'string') return text
  if (kind === 'boolean') {
    if (/^(true|yes|on|1)$/i.test(text)) return true
    if (/^(false|no|off|0)$/i.test(text)) return false
    return text
  }
  const document = parseDocument(text)
  return document.errors.length > 0 ? undefined : document.toJS()
}

/** What zod keeps inside its schemas: enough of it to walk a path and to tell text from the rest. */
interface Definition {
  readonly type: string
  readonly innerType?: unknown
  readonly in?: unknown
  readonly out?: unknown
  readonly shape?: Readonly<Record<string, unknown>>
  readonly element?: unknown
}

function definition(schema: unknown): Definition | undefined {
  let found = (schema as { def?: Definition } | undefined)?.def
  while (found && (found.innerType !== undefined || found.type === 'pipe')) {
    const within =
      found.innerType ?? ((found.in as { def?: Definition }).def?.type === 'transform' ? found.out : found.in)
    found = (within as { def?: Definition }).def
  }
  return found
}

const bare = (schema: unknown): string | undefined => definition(schema)?.type

function inner(schema: unknown, key: string): unknown {
  const found = definition(schema)
  if (found?.shape) return Object.hasOwn(found.shape, key) ? found.shape[key] : undefined
  return found?.type === 'array' && /^\d+$/.test(key) ? found.element : undefined
}

function describe(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${[...issue.path, key].join('.')}: there is no such setting`)
  return [`${path || 'configuration'}: ${issue.message}`]
}

function overlaps({ dhcp }: Settings): string[] {
  if (dhcp.enabled && dhcp.subnets.length === 0)
    return ['dhcp.subnets: DHCP is enabled, but no subnet is listed that it shall serve']
  return dhcp.subnets.flatMap((one, index) =>
    dhcp.subnets.slice(0, index).some((other) => other.subnet.network === one.subnet.network)
      ? [`dhcp.subnets.${index}.subnet: ${one.subnet.network} is listed twice`]
      : [],
  )
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null)
    for (const inside of Object.values(Object.freeze(value))) deepFreeze(inside)
  return value
}
