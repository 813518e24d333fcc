/** The options of a command line become a change of an object, as the REST API takes it. */
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts'
import type { Context } from './context.ts'
import { type Field, givenFor, parseField, placeFields } from './fields.ts'
import { CliError, tell } from './io.ts'

type Given = Readonly<Record<string, unknown>>

/** Cobbler's, where none is named. */
const FIRST_INTERFACE = 'eth0'

export function buildChange(fields: readonly Field[], given: Given): JsonObject {
  const valuesOf = (of: Field['of']) =>
    placeFields(
      fields.flatMap((field): [Field, Json][] => {
        const text = field.of === of ? givenFor(field, given) : undefined
        return text === undefined ? [] : [[field, parseField(field, text)]]
      }),
    )
  const [power, nic] = [valuesOf('power'), valuesOf('interface')]
  const isAboutInterface = given['interface'] !== undefined || Object.keys(nic).length > 0
  return {
    ...valuesOf('item'),
    ...(Object.keys(power).length > 0 && { power }),
    ...(isAboutInterface && { interfaces: { [interfaceName(given)]: nic } }),
  }
}

function interfaceName({ interface: name, deleteInterface }: Given): string {
  if (typeof name === 'string') return name
  return typeof deleteInterface === 'string' ? deleteInterface : FIRST_INTERFACE
}

/**
 * True when the change alone does not say what the object will be: the API replaces `other` whole, and management classes
 * say whose a machine is, which only one who has looked may write.
 */
export function needsBefore(change: JsonObject, given: Given): boolean {
  if (change['mgmtClasses'] !== undefined) return true
  if (['inPlace', 'deleteInterface', 'renameInterface'].some((key) => given[key] !== undefined)) return true
  return (
    change['other'] !== undefined ||
    Object.values(objectOf(change['interfaces'])).some((nic) => 'other' in objectOf(nic))
  )
}

/** What Orchestra only keeps is added to what it keeps already. */
export function withKept(change: JsonObject, before: JsonObject): JsonObject {
  const interfaces = Object.entries(objectOf(change['interfaces'])).map(([name, nic]): [string, Json] => {
    return [name, isJsonObject(nic) ? joinOther(nic, objectOf(objectOf(before['interfaces'])[name])) : nic]
  })
  return { ...joinOther(change, before), ...(interfaces.length > 0 && { interfaces: Object.fromEntries(interfaces) }) }
}

function joinOther(change: JsonObject, before: JsonObject): JsonObject {
  if (!isJsonObject(change['other'])) return change
  return { ...change, other: { ...objectOf(before['other']), ...change['other'] } }
}

/** `--in-place`: options are laid over what is there, and `~key` takes a key away. */
export function mergeInPlace(fields: readonly Field[], change: JsonObject, before: JsonObject): JsonObject {
  const merge = ({ key, names: [name = ''] }: Field, over: JsonObject, under: JsonObject): [string, Json][] => {
    const word = key ?? name
    const added = over[word]
    return isJsonObject(added) ? [[word, mergeOptions(objectOf(under[word]), added)]] : []
  }
  const ofOptions = fields.filter(({ kind, of }) => kind === 'options' && of === 'item')
  const own = ofOptions.filter(({ key }) => key !== undefined).flatMap((field) => merge(field, change, before))
  const other = ofOptions
    .filter(({ key }) => key === undefined)
    .flatMap((field) => merge(field, objectOf(change['other']), objectOf(before['other'])))
  return {
    ...change,
    ...Object.fromEntries(own),
    ...(isJsonObject(change['other']) && { other: { ...change['other'], ...Object.fromEntries(other) } }),
  }
}

function mergeOptions(before: JsonObject, added: JsonObject): JsonObject {
  const gone = new Set(Object.keys(added).filter((word) => word.startsWith('~')))
  const all = Object.entries({ ...before, ...added })
  return Object.fromEntries(all.filter(([key]) => !gone.has(key) && !gone.has(`~${key}`)))
}

/** `--delete-interface` and `--rename-interface`, which need to know what is there. */
export function changeInterface(given: Given, change: JsonObject, before: JsonObject): JsonObject {
  const all = objectOf(before['interfaces'])
  const [name, to] = [interfaceName(given), given['renameInterface']]
  const old = all[name]
  if (!isJsonObject(old))
    throw new CliError(`there is no interface ${name} (there are: ${Object.keys(all).join(', ') || 'none'})`)
  if (given['deleteInterface'] !== undefined) return { ...change, interfaces: { [name]: null } }
  if (typeof to !== 'string' || to === name) return change
  if (all[to] !== undefined) throw new CliError(`there is an interface ${to} already`)
  const changed = objectOf(objectOf(change['interfaces'])[name])
  return { ...change, interfaces: { [name]: null, [to]: { ...old, ...changed } } }
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

/** A password from where it does not show; Cobbler's way, as an argument, works and is warned of. */
export async function withSecret({ io, name }: Context, given: Given): Promise<Given> {
  const { powerPass, powerPassFile } = given
  if (typeof powerPassFile === 'string') {
    return { ...given, powerPass: (await readSecretFile({ io }, powerPassFile)).replace(/\r?\n$/, '') }
  }
  if (powerPass === '-') return { ...given, powerPass: await io.readSecret('Power password: ') }
  if (typeof powerPass === 'string' && powerPass !== '') {
    tell(
      io,
      `${name}: a password among the arguments shows in the list of processes; --power-pass - asks for it instead`,
    )
  }
  return given
}

/** @throws CliError */
async function readSecretFile({ io }: Pick<Context, 'io'>, path: string): Promise<string> {
  try {
    return await io.readFile(path)
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}
