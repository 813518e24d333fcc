/** `orchestra distro|profile|system|mgmtclass add|edit|list|report|remove|copy|rename|find`, in Cobbler's words. */
import type { Command } from 'commander'
import type { JsonObject } from '../../lib/json.ts'
import { ITEM_TYPES, type ItemType, PLURALS } from '../../model/items.ts'
import { buildChange, changeInterface, mergeInPlace, withSecret } from '../change.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { FIELDS, optionOf } from '../fields.ts'
import { CliError, print } from '../io.ts'
import { isMatch, reportLines } from '../report.ts'

type Given = Readonly<Record<string, unknown>> & { readonly name: string; readonly newname: string }

const SUMMARY: { readonly [Type in ItemType]: string } = {
  distro: 'kernels and initial ramdisks',
  profile: 'what a kind of machine gets',
  system: 'machines, and their power',
  mgmtclass: 'management classes: words to find machines by',
}

/** Answers the commands of the nouns, so that others can add verbs. */
export function addItemCommands(program: Command, context: Context): { readonly [Type in ItemType]: Command } {
  const add = (type: ItemType) => addNoun(program, type, context)
  const [distro, profile, system, mgmtclass] = ITEM_TYPES
  return { distro: add(distro), profile: add(profile), system: add(system), mgmtclass: add(mgmtclass) }
}

function addNoun(program: Command, type: ItemType, { io, client }: Context): Command {
  const noun = program.command(type).description(SUMMARY[type])
  const fields = FIELDS[type]
  const all = apiPath(PLURALS[type])
  const one = (name: string) => apiPath(PLURALS[type], name)
  const names = (items: readonly JsonObject[]) => items.map(({ name }) => String(name))

  withFields(noun.command('add').requiredOption('--name <name>', 'its name'), type)
    .description(`make a ${type}`)
    .option('--clobber', 'replace the one that has this name')
    .action(async (given: Given) => {
      const change = buildChange(fields, await withSecret(io, given))
      const query = given['clobber'] === true ? '?replace=true' : ''
      await (await client()).send('POST', all + query, { name: given.name, ...change })
    })

  const edit = withFields(noun.command('edit').requiredOption('--name <name>', 'its name'), type)
    .description(`change a ${type}; what is not named stays`)
    .option('--in-place', 'add to options that are there instead of replacing them; "~key" takes one away')
  if (type === 'system') {
    edit.option('--delete-interface', 'take the --interface away').option('--rename-interface <name>', 'its new name')
  }
  edit.action(async (given: Given) => {
    const change = buildChange(fields, await withSecret(io, given))
    const needsBefore = ['inPlace', 'deleteInterface', 'renameInterface'].some((key) => given[key] !== undefined)
    if (!needsBefore && Object.keys(change).length === 0) throw new CliError('nothing to change: name a field')
    const { get, send } = await client()
    if (!needsBefore) return send('PATCH', one(given.name), change)
    const before = await get<JsonObject>(one(given.name))
    const merged = given['inPlace'] === true ? mergeInPlace(fields, change, before) : change
    const isAboutInterface = given['deleteInterface'] !== undefined || given['renameInterface'] !== undefined
    const whole = isAboutInterface ? changeInterface(given, merged, before) : merged
    return send('PATCH', one(given.name), whole, `"${before['revision']}"`)
  })

  noun
    .command('list')
    .description('names')
    .action(async () => {
      for (const name of names(await (await client()).get<JsonObject[]>(all))) print(io, `   ${name}`)
    })

  noun
    .command('report')
    .description('all that is known')
    .option('--name <name>', 'of one only')
    .action(async ({ name }: Partial<Given>) => {
      const { get } = await client()
      const items = name === undefined ? await get<JsonObject[]>(all) : [await get<JsonObject>(one(name))]
      for (const item of items) print(io, ...reportLines(fields, item), '')
    })

  noun
    .command('remove')
    .description(`remove a ${type}`)
    .requiredOption('--name <name>', 'its name')
    .option('--recursive', 'with everything that depends on it')
    .action(async ({ name, recursive }: Given) => {
      await (await client()).send('DELETE', one(name) + (recursive === true ? '?recursive=true' : ''))
    })

  const copy = noun.command('copy').requiredOption('--name <name>', 'the original')
  withFields(copy.requiredOption('--newname <name>', 'the copy'), type)
    .description(`make another ${type} like it${type === 'system' ? ', without its addresses' : ''}`)
    .action(async (given: Given) => {
      const change = buildChange(fields, await withSecret(io, given))
      await (await client()).send('POST', `${one(given.name)}/copy`, { ...change, name: given.newname })
    })

  noun
    .command('rename')
    .description(`give a ${type} another name`)
    .requiredOption('--name <name>', 'its name')
    .requiredOption('--newname <name>', 'its new name')
    .action(async ({ name, newname }: Given) => {
      await (await client()).send('PATCH', one(name), { name: newname })
    })

  const find = noun.command('find').description('names of those that match everything given (*, ? and […] work)')
  find.option('--name <glob>', 'by name')
  for (const field of fields) if (field.kind !== 'secret') find.addOption(optionOf({ ...field, help: '' }))
  find.action(async (given: Partial<Given>) => {
    const items = await (await client()).get<JsonObject[]>(all)
    print(io, ...names(items.filter((item) => isMatch(fields, given, item))))
  })
  return noun
}

function withFields(command: Command, type: ItemType): Command {
  for (const field of FIELDS[type]) command.addOption(optionOf(field))
  if (type !== 'system') return command
  return command
    .option('--interface <name>', 'the interface that the addresses are of (default: eth0)')
    .option('--power-pass-file <file>', 'a file that holds the power password')
}
