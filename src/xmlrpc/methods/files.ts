/** Templates and snippets of Cobbler's kind: listed, read, written and removed, by 2.x's full paths and 3.x's names. */
import { INHERIT } from '../../model/item.ts'
import type { FileDeed } from '../../services/cobbler-files.ts'
import { belowTemplates } from '../../services/cobbler-texts.ts'
import { cobblerFault, Fault } from '../fault.ts'
import { type Context, callerOf, type Method, textArg } from '../method.ts'
import { isBytes, isTruthy, type Value } from '../value.ts'

/** What is called what in the two dialects. */
interface Kind {
  readonly kind: 'templates' | 'snippets'
  /** Where these lie on a Cobbler 2 server. */
  readonly folder: string
  /** For 3.x's faults. */
  readonly words: string
  /** For 2.x's faults. */
  readonly word: string
}

const TEMPLATES: Kind = {
  kind: 'templates',
  folder: '/var/lib/cobbler/kickstarts/',
  words: 'automatic installation template',
  word: 'kickstart',
}
const SNIPPETS: Kind = {
  kind: 'snippets',
  folder: '/var/lib/cobbler/snippets/',
  words: 'automatic installation snippet',
  word: 'snippet',
}

const list = (name: string, { kind }: Kind, prefix: string): Method => ({
  name,
  auth: 'token',
  params: ['token'],
  required: 1,
  call: ({ cobbler }) => cobbler.files.list(kind).map((path) => prefix + path),
})

/** A name relative to the folder. @throws Fault in 3.x's words for one that leads out of it */
function relativePath({ kind, words, folder }: Kind, given: string): string {
  const refuse = (why: string) => new Fault(`<class 'ValueError'>:Invalid ${words} file location ${given}, it ${why}`)
  if (given.includes('..')) throw refuse('must not contain ..')
  const path = kind === 'templates' ? belowTemplates(given) : given.replace(folder, '')
  if (path === '' || path.startsWith('/')) throw refuse('must be a path relative to the folder of such files')
  return path
}

const read = (name: string, kind: Kind): Method => ({
  name,
  auth: 'write',
  params: ['file_path', 'token'],
  required: 2,
  call: ({ cobbler }, args) => {
    const path = relativePath(kind, textArg(args, 0, 'file_path'))
    const text = cobbler.files.read(kind.kind, path)
    if (text === undefined) throw new Fault(`<class 'OSError'>:${kind.words} ${path} file not found`)
    return text
  },
})

const write = (name: string, kind: Kind): Method => ({
  name,
  auth: 'admin',
  params: ['file_path', 'data', 'token'],
  required: 3,
  call: async (context, args) => {
    const path = relativePath(kind, textArg(args, 0, 'file_path'))
    await context.cobbler.files.write(kind.kind, path, dataOf(args[1] ?? null), deedOf(context))
    return true
  },
})

const remove = (name: string, kind: Kind): Method => ({
  name,
  auth: 'admin',
  params: ['file_path', 'token'],
  required: 2,
  call: async (context, args) => {
    const path = relativePath(kind, textArg(args, 0, 'file_path'))
    if (kind.kind === 'templates') refuseWhenInUse(context, path)
    if (await context.cobbler.files.remove(kind.kind, path, deedOf(context))) return true
    throw new Fault(`<class 'OSError'>:${kind.words} ${path} file not found`)
  },
})

/** read_or_write_…(path, is_read, data, token): the number -1 as data removes the file. */
const readOrWrite = (name: string, kind: Kind): Method => ({
  name,
  auth: 'write',
  params: ['file_path', 'is_read', 'new_data', 'token'],
  required: 4,
  call: async (context, args) => {
    const { files } = context.cobbler
    const given = textArg(args, 0, 'file_path')
    const path = given.startsWith(kind.folder) ? given.slice(kind.folder.length) : given
    if (path === '' || path.startsWith('/') || path.includes('..')) {
      throw cobblerFault(`unable to view or edit ${kind.word} in this location`)
    }
    if (isTruthy(args[1])) {
      const text = files.read(kind.kind, path)
      if (text === undefined) throw cobblerFault(`${kind.word} not found: ${given}`)
      return text
    }
    if (context.caller?.role !== 'admin') {
      throw cobblerFault(`authorization failure for user ${context.caller?.user ?? ''}`)
    }
    if (args[2] !== -1) {
      await files.write(kind.kind, path, dataOf(args[2] ?? null), deedOf(context))
      return true
    }
    if (kind.kind === 'templates') refuseWhenInUse(context, path)
    await files.remove(kind.kind, path, deedOf(context))
    return true
  },
})

/** For the file's history. */
function deedOf(context: Context): FileDeed {
  return { by: callerOf(context).user, comment: 'by XML-RPC' }
}

function dataOf(value: Value): string {
  return isBytes(value) ? Buffer.from(value).toString('utf8') : textArg([value], 0, 'data')
}

function refuseWhenInUse(context: Context, path: string): void {
  const [user] = usersOf(context, path)
  if (user) throw cobblerFault(`attempt to delete in-use file: ${path} (of ${user})`)
}

/** Which objects name it: `profile trixie`. */
function usersOf({ catalog }: Context, path: string): string[] {
  return (['profile', 'system', 'image'] as const).flatMap((type) =>
    catalog
      .list(type)
      .filter(({ autoinstall }) => autoinstall !== INHERIT && belowTemplates(autoinstall) === path)
      .map(({ name }) => `${type} ${name}`),
  )
}

const isInUse = (name: string): Method => ({
  name,
  auth: 'token',
  params: ['file_path', 'token'],
  required: 2,
  call: (context, args) => usersOf(context, belowTemplates(textArg(args, 0, 'file_path'))).length > 0,
})

export const fileMethods: readonly Method[] = [
  list('get_kickstart_templates', TEMPLATES, TEMPLATES.folder),
  list('get_autoinstall_templates', TEMPLATES, ''),
  list('get_snippets', SNIPPETS, SNIPPETS.folder),
  list('get_autoinstall_snippets', SNIPPETS, ''),
  isInUse('is_kickstart_in_use'),
  isInUse('is_autoinstall_in_use'),
  readOrWrite('read_or_write_kickstart_template', TEMPLATES),
  readOrWrite('read_or_write_snippet', SNIPPETS),
  read('read_autoinstall_template', TEMPLATES),
  write('write_autoinstall_template', TEMPLATES),
  remove('remove_autoinstall_template', TEMPLATES),
  read('read_autoinstall_snippet', SNIPPETS),
  write('write_autoinstall_snippet', SNIPPETS),
  remove('remove_autoinstall_snippet', SNIPPETS),
]
