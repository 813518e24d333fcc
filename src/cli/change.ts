/** The options of a command line become a change of an object, as the REST API takes it. */
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts'
import { type Field, givenFor, parseField } from './fields.ts'
import { CliError, type Io, tell } from './io.ts'

type Given = Readonly<Record<string, unknown>>

/** Cobbler's, where none is named. */
const FIRST_INTERFACE = 'eth0'

export function buildChange(fields: readonly Field[], given: Given): JsonObject {
  const values = (of: Field['of']) =>
    Object.fromEntries(
      fields.flatMap((field): [string, Json][] => {
        const text = field.of === of ? givenFor(field, given) : undefined
        return text === undefined ? [] : [[field.key, parseField(field, text)]]
      }),
    )
  const [power, nic] = [values('power'), values('interface')]
  const interfaces = {
    ...((given['interface'] !== undefined || Object.keys(nic).length > 0) && { [interfaceName(given)]: nic }),
  }
  return {
    ...values('item'),
    ...(Object.keys(power).length > 0 && { power }),
    ...(Object.keys(interfaces).length > 0 && { interfaces }),
  }
}

function interfaceName(given: Given): string {
  return typeof given['interface'] === 'string' ? given['interface'] : FIRST_INTERFACE
}

/** `--in-place`: options are laid over what is there, and `~key` takes a key away. */
export function mergeInPlace(fields: readonly Field[], change: JsonObject, before: JsonObject): JsonObject {
  const merged = fields.flatMap(({ kind, key }): [string, Json][] => {
    const [old, added] = [before[key], change[key]]
    if (kind !== 'options' || !isJsonObject(added)) return []
    const all = { ...(isJsonObject(old) && old), ...added }
    const gone = Object.keys(added).filter((word) => word.startsWith('~'))
    return [
      [key, Object.fromEntries(Object.entries(all).filter(([k]) => !gone.includes(k) && !gone.includes(`~${k}`)))],
    ]
  })
  return { ...change, ...Object.fromEntries(merged) }
}

/** `--delete-interface` and `--rename-interface`, which need to know what is there. */
export function changeInterface(given: Given, change: JsonObject, before: JsonObject): JsonObject {
  const all = isJsonObject(before['interfaces']) ? before['interfaces'] : {}
  const [name, to] = [interfaceName(given), given['renameInterface']]
  const old = all[name]
  if (!isJsonObject(old))
    throw new CliError(`there is no interface ${name} (there are: ${Object.keys(all).join(', ')})`)
  if (given['deleteInterface'] === true) return { ...change, interfaces: { [name]: null } }
  if (typeof to !== 'string' || to === name) return change
  if (all[to] !== undefined) throw new CliError(`there is an interface ${to} already`)
  const changed = isJsonObject(change['interfaces']) ? change['interfaces'][name] : undefined
  return { ...change, interfaces: { [name]: null, [to]: { ...old, ...(isJsonObject(changed) && changed) } } }
}

/** A password from where it does not show; Cobbler's way, as an argument, works and is warned of. */
export async function withSecret(io: Io, given: Given): Promise<Given> {
  const { powerPass, powerPassFile } = given
  if (typeof powerPassFile === 'string') {
    return { ...given, powerPass: (await readSecretFile(io, powerPassFile)).replace(/\r?\n$/, '') }
  }
  if (powerPass === '-') return { ...given, powerPass: await io.readSecret('Power password: ') }
  if (typeof powerPass === 'string' && powerPass !== '') {
    tell(
      io,
      'orchestra: a password among the arguments shows in the list of processes; --power-pass - asks for it instead',
    )
  }
  return given
}

async function readSecretFile(io: Io, path: string): Promise<string> {
  try {
    return await io.readFile(path)
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}
