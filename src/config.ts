/** The configuration: which orchestra.yaml is meant, read and written. The only place that opens it; config-check.ts understands it. */
import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { type Checked, checkConfig, type Environment, type Fault } from './config-check.ts'
import { type Settings, settingsSchema } from './config-schema.ts'
import { writeBelow } from './lib/files.ts'

export type { Environment }

export type Loaded =
  | { readonly ok: true; readonly settings: Settings; readonly file: string | undefined }
  | { readonly ok: false; readonly faults: readonly string[] }

export interface Config extends Checked {
  /** Undefined: there is none, and all is default or environment. */
  readonly file: string | undefined
  /** Where it is, or would be written. */
  readonly place: string
  readonly text: string
  readonly schema: ReturnType<typeof settingsSchema>
}

/** @param file from `--config`; unset: ORCHESTRA_CONFIG, then the first of `usualPlaces` that is there */
export function loadConfig(file: string | undefined, env: Environment): Loaded {
  const { settings, faults, file: found } = readConfig(file, env)
  return settings ? { ok: true, settings, file: found } : { ok: false, faults: faults.map(sentenceOf) }
}

export function sentenceOf({ path, message }: Fault): string {
  return `${path}: ${message}`
}

/** The same with all that there is to know of it. Reads the file anew. */
export function readConfig(named: string | undefined, env: Environment): Config {
  const isRoot = userInfo().uid === 0
  const dataFolder = isRoot
    ? '/var/lib/orchestra'
    : join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'orchestra')
  const schema = settingsSchema({ isRoot, dataFolder })
  const wanted = named ?? env['ORCHESTRA_CONFIG']
  const inData = join(env['ORCHESTRA_DATA'] ?? dataFolder, 'orchestra.yaml')
  const file = wanted ?? ['orchestra.yaml', '/etc/orchestra/orchestra.yaml', inData].find((path) => existsSync(path))
  const { text, faults } = file === undefined ? { text: '', faults: [] } : readText(file)
  const checked = checkConfig({ file, text }, env, schema)
  const all = [...faults, ...checked.faults]
  return {
    ...checked,
    ...{ faults: all, settings: all.length > 0 ? undefined : checked.settings },
    ...{ file, place: resolve(file ?? inData), text, schema },
  }
}

function readText(file: string): { text: string; faults: Fault[] } {
  try {
    return { text: readFileSync(file, 'utf8'), faults: [] }
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return { text: '', faults: [{ path: file, message: `cannot be read (${code})` }] }
  }
}

/** Whether `writeConfig` may: a neighbor of the file is made first. */
export function isWritable(place: string): boolean {
  try {
    accessSync(dirname(realOf(place)), constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Whole or not at all. A file that is there keeps its mode, and a link to it stays a link; a new one is its owner's alone. */
export async function writeConfig(place: string, text: string): Promise<void> {
  const real = realOf(place)
  const mode = existsSync(real) ? statSync(real).mode & 0o777 : 0o600
  await writeBelow(dirname(real), basename(real), text, mode)
}

function realOf(place: string): string {
  return existsSync(place) ? realpathSync(place) : place
}
