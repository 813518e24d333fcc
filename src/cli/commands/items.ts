/** `orchestra distro|profile|system|… add|edit|list|report|remove|copy|rename|find`, in Cobbler's words. */
import type { Command } from 'commander'
import type { JsonObject } from '../../lib/json.ts'
import type { ItemType } from '../../model/items.ts'
import { buildChange, changeInterface, mergeInPlace, needsBefore, withKept, withSecret } from '../change.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { addField, fieldsOf } from '../fields.ts'
import { CliError, print, printJson } from '../io.ts'
import { fetchNames } from '../names.ts'
import { pluralOf } from '../nouns.ts'
import { isMatch, reportLines } from '../report.ts'
import { buildDumpvars, buildGetAutoinstall } from './autoinstall.ts'
import { buildEnroll } from './enroll.ts'
import { buildPower, POWER_VERBS } from './power.ts'

type Given = Readonly<Record<string, unknown>> & { readonly name: string; readonly newname: string }
type BuildVerb = (command: Command, type: ItemType, context: Context) => void

interface Verb {
  readonly summary: string
  readonly build: BuildVerb
  /** Undefined: of every noun. */
  readonly of?: readonly ItemType[]
  /** Cobbler 2's name. */
  readonly alias?: string
}

const INSTALLED: readonly ItemType[] = ['profile', 'system']

const VERBS: Readonly<Record<string, Verb>> = {
  add: { summary: 'make one', build: buildAdd },
  edit: { summary: 'change one; what is not named stays', build: buildEdit },
  copy: { summary: 'make another one like it', build: buildCopy },
  rename: { summary: 'give it another name', build: buildRename },
  remove: { summary: 'remove one', build: buildRemove },
  list: { summary: 'names', build: buildList },
  find: { summary: 'names of those that match everything given (*, ? and […] work)', build: buildFind },
  report: { summary: 'all that is known', build: buildReport },
  dumpvars: { summary: 'what templates are given, after inheritance', build: buildDumpvars, of: INSTALLED },
  'get-autoinstall': {
    summary: 'the preseed that the installer would be given',
    build: buildGetAutoinstall,
    of: INSTALLED,
    alias: 'getks',
  },
  ...Object.fromEntries(
    Object.entries(POWER_VERBS).map(([verb, summary]): [string, Verb] => [
      verb,
      { summary, build: (command, _type, context) => buildPower(command, context, verb), of: ['system'] },
    ]),
  ),
  enroll: {
    summary: 'make a system of a machine that asked for something, and that nobody knew',
    build: (command, _type, context) => buildEnroll(command, context),
    of: ['system'],
  },
  autoadd: {
    summary: "Cobbler's; says what Orchestra does instead",
    of: ['repo'],
    build: (command) =>
      command.allowUnknownOption().action(() => {
        throw new CliError(
          'Orchestra knows no repositories that go with a distro: name each with "repo add --mirror=URL"',
        )
      }),
  },
}

/** The verbs that a noun has, for completion. */
export function verbsOf(type: ItemType): string[] {
  return Object.entries(VERBS).flatMap(([name, { of, alias }]) =>
    of === undefined || of.includes(type) ? [name, ...(alias === undefined ? [] : [alias])] : [],
  )
}

/** All verbs by name; the options only of the one that is meant, for a system has a hundred. */
export function buildNoun(noun: Command, type: ItemType, context: Context, meant: string | undefined): void {
  for (const [name, { summary, build, of, alias }] of Object.entries(VERBS)) {
    if (of !== undefined && !of.includes(type)) continue
    const isMeant = meant !== undefined && (meant === name || meant === alias)
    const verb = noun.command(isMeant ? meant : name).description(summary)
    if (isMeant) build(verb, type, context)
  }
}

const allOf = (type: ItemType) => apiPath(pluralOf(type))
const oneOf = (type: ItemType, name: string) => apiPath(pluralOf(type), name)

function buildAdd(command: Command, type: ItemType, context: Context): void {
  withFields(command.requiredOption('--name <name>', 'its name'), type)
    .option('--clobber', 'replace the one that has this name')
    .action(async (given: Given) => {
      const change = buildChange(fieldsOf(type), await withSecret(context, given))
      const query = given['clobber'] === true ? '?replace=true' : ''
      const { send } = await context.client()
      saved(context, await send('POST', allOf(type) + query, { name: given.name, ...change }))
    })
}

function buildEdit(command: Command, type: ItemType, context: Context): void {
  withFields(command.requiredOption('--name <name>', 'its name'), type).option(
    '--in-place',
    'add to options that are there instead of replacing them; "~key" takes one away',
  )
  if (type === 'system') {
    // Cobbler's documents write it with and without a value.
    command.option('--delete-interface [name]', 'take the --interface away')
    command.option('--rename-interface <name>', 'its new name')
  }
  command.action(async (given: Given) => {
    const change = buildChange(fieldsOf(type), await withSecret(context, given))
    const [one, isAlone] = [oneOf(type, given.name), !needsBefore(change, given)]
    if (isAlone && Object.keys(change).length === 0) throw new CliError('nothing to change: name a field')
    const { get, send } = await context.client()
    if (isAlone) return saved(context, await send('PATCH', one, change))
    const before = await get<JsonObject>(one)
    const merged = given['inPlace'] === true ? mergeInPlace(fieldsOf(type), change, before) : change
    const kept = withKept(merged, before)
    const isAboutInterface = given['deleteInterface'] !== undefined || given['renameInterface'] !== undefined
    const whole = isAboutInterface ? changeInterface(given, kept, before) : kept
    return saved(context, await send('PATCH', one, whole, { revision: Number(before['revision']) }))
  })
}

function buildCopy(command: Command, type: ItemType, context: Context): void {
  const named = command.requiredOption('--name <name>', 'the original').requiredOption('--newname <name>', 'the copy')
  withFields(named, type).action(async (given: Given) => {
    const change = buildChange(fieldsOf(type), await withSecret(context, given))
    const { get, send } = await context.client()
    const one = oneOf(type, given.name)
    const whole = needsBefore(change, {}) ? withKept(change, await get<JsonObject>(one)) : change
    saved(context, await send('POST', `${one}/copy`, { ...whole, name: given.newname }))
  })
}

function buildRename(command: Command, type: ItemType, context: Context): void {
  command
    .requiredOption('--name <name>', 'its name')
    .requiredOption('--newname <name>', 'its new name')
    .action(async ({ name, newname }: Given) => {
      const { send } = await context.client()
      saved(context, await send('PATCH', oneOf(type, name), { name: newname }))
    })
}

function buildRemove(command: Command, type: ItemType, { client }: Context): void {
  command
    .requiredOption('--name <name>', 'its name')
    .option('--recursive', 'with everything that depends on it')
    .action(async ({ name, recursive }: Given) => {
      const { send } = await client()
      await send('DELETE', oneOf(type, name) + (recursive === true ? '?recursive=true' : ''))
    })
}

function buildList(command: Command, type: ItemType, { io, json, client }: Context): void {
  command.action(async () => {
    const names = (await fetchNames(await client(), type))[type] ?? []
    if (json) printJson(io, names)
    else print(io, ...names.map((name) => `   ${name}`))
  })
}

function buildReport(command: Command, type: ItemType, { io, json, client }: Context): void {
  command.option('--name <name>', 'of one only').action(async ({ name }: Partial<Given>) => {
    const { get } = await client()
    const items = name === undefined ? await get<JsonObject[]>(allOf(type)) : [await get<JsonObject>(oneOf(type, name))]
    if (json) printJson(io, items)
    else for (const item of items) print(io, ...reportLines(fieldsOf(type), item), '')
  })
}

function buildFind(command: Command, type: ItemType, { io, json, client }: Context): void {
  command.option('--name <glob>', 'by name').option('--uid <glob>', 'by uid')
  const fields = fieldsOf(type).filter(({ kind }) => kind !== 'secret')
  for (const field of fields) addField(command, field)
  command.action(async (given: Partial<Given>) => {
    const items = await (await client()).get<JsonObject[]>(allOf(type))
    const names = items.filter((item) => isMatch(fields, given, item)).map(({ name }) => String(name))
    if (json) printJson(io, names)
    else print(io, ...names)
  })
}

function withFields(command: Command, type: ItemType): Command {
  for (const field of fieldsOf(type)) addField(command, field)
  if (type !== 'system') return command
  return command
    .option('--interface <name>', 'the interface that the addresses are of (default: eth0)')
    .option('--power-pass-file <file>', 'a file that holds the power password')
}

/** Silent, as Cobbler is; for programs the object as it is now. */
function saved({ io, json }: Context, item: unknown): void {
  if (json) printJson(io, item)
}
