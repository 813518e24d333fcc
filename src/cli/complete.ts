/** What the last word of a command line could become: commands, verbs, options, and names that the daemon knows. */
import { Command } from 'commander'
import type { ItemType } from '../model/items.ts'
import { COMMANDS } from './commands.ts'
import type { Context } from './context.ts'
import { fieldsOf } from './fields.ts'
import { fetchNames } from './names.ts'
import { isNoun } from './nouns.ts'

/** Options whose value is the name of an object. */
const NAMES_OF: Readonly<Record<string, ItemType>> = {
  '--distro': 'distro',
  '--profile': 'profile',
  '--image': 'image',
  '--mgmt-classes': 'mgmtclass',
  '--repos': 'repo',
  '--source-repos': 'repo',
  '--menu': 'menu',
  '--packages': 'package',
  '--files': 'file',
  '--system': 'system',
}
const GLOBAL = ['--server=', '--token-file=', '--json', '--help']
/** Of the daemon itself, which are not among the client's commands. */
const DAEMON = ['serve', 'config', 'doctor']

/** @param words what follows the program's name; the last one is being typed, and may be empty */
export async function complete(words: readonly string[], context: Context): Promise<string[]> {
  const last = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  return (await candidates(before, last, context)).filter((word) => word.startsWith(last)).sort()
}

async function candidates(before: readonly string[], last: string, context: Context): Promise<readonly string[]> {
  const [first, second] = before.filter((word) => !word.startsWith('-'))
  const entry = COMMANDS.find(({ name, aliases }) => name === first || aliases?.includes(first ?? ''))
  if (!entry) {
    const names = COMMANDS.filter(({ isHidden }) => !isHidden).flatMap(({ name, aliases = [] }) => [name, ...aliases])
    return last.startsWith('-') ? GLOBAL : first === undefined ? [...names, ...DAEMON] : []
  }
  const command = new Command(first)
  const build = await entry.load()
  build(command, context, second)
  const type = isNoun(first) ? first : undefined
  if (type === undefined) {
    if (first === 'completion') return ['bash', 'zsh', 'fish']
    return await ofCommand(command, undefined, before, last, context)
  }
  const verb = command.commands.find((one) => one.name() === second)
  if (verb) return await ofCommand(verb, type, before, last, context)
  const { verbsOf } = await import('./commands/items.ts')
  return last.startsWith('-') ? GLOBAL : second === undefined ? verbsOf(type) : []
}

async function ofCommand(
  command: Command,
  type: ItemType | undefined,
  before: readonly string[],
  last: string,
  context: Context,
): Promise<readonly string[]> {
  const at = last.indexOf('=')
  if (at > 0)
    return (await valuesOf(last.slice(0, at), command, type, context)).map((value) => last.slice(0, at + 1) + value)
  const previous = before.at(-1) ?? ''
  const takesValue = command.options.some(({ long, required }) => long === previous && required)
  if (takesValue) return await valuesOf(previous, command, type, context)
  const given = new Set(before.map((word) => word.split('=')[0]))
  const own = command.options.flatMap(({ long, required }) => (long ? [required ? `${long}=` : long] : []))
  return [...own, ...GLOBAL].filter((option) => !given.has(option.replace(/=$/, '')))
}

async function valuesOf(
  option: string,
  command: Command,
  type: ItemType | undefined,
  { client }: Context,
): Promise<readonly string[]> {
  const isNew = command.name() === 'add'
  const field = type && fieldsOf(type).find(({ options }) => options.includes(option.slice(2)))
  if (field?.kind === 'flag') return ['yes', 'no']
  const of = option === '--name' ? (isNew ? undefined : type) : option === '--parent' ? type : NAMES_OF[option]
  if (of === undefined) return []
  // Whoever presses TAB wants no story of a daemon that is not there.
  return await client()
    .then((server) => fetchNames(server, of))
    .then(
      (names) => names[of] ?? [],
      () => [],
    )
}
