/**
 * Where the daemon of this machine keeps its data, found as its configuration finds it but without reading all of that:
 * half of the time that a command takes would be spent on settings that it does not need.
 */
import { join } from 'node:path'
import { isJsonObject } from '../lib/json.ts'

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isRoot: boolean
  readonly home: () => string
  /** The text of a file; undefined when it is not there or not to be read. */
  readonly read: (path: string) => Promise<string | undefined>
}

/** Undefined when the configuration cannot be understood. */
export async function findDataFolder({ env, isRoot, home, read }: Surroundings): Promise<string | undefined> {
  // The environment goes before the file.
  if (env['ORCHESTRA_DATA']) return env['ORCHESTRA_DATA']
  const named = env['ORCHESTRA_CONFIG']
  const usual = isRoot
    ? '/var/lib/orchestra'
    : join(env['XDG_DATA_HOME'] ?? join(home(), '.local', 'share'), 'orchestra')
  const places = ['orchestra.yaml', '/etc/orchestra/orchestra.yaml', join(usual, 'orchestra.yaml')]
  const paths = named === undefined ? places : [named]
  let text: string | undefined
  for (const path of paths) text ??= await read(path)
  const set = text?.includes('data') ? await readData(text) : undefined
  return set ?? usual
}

async function readData(text: string): Promise<string | undefined> {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text)
  const settings: unknown = document.errors.length > 0 ? undefined : document.toJS()
  return isJsonObject(settings) && typeof settings['data'] === 'string' ? settings['data'] : undefined
}
