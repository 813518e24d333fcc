/** `orchestra template …`: what machines are given texts from: read, checked, seen as a machine would, and changed. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson } from '../io.ts'

interface Entry {
  readonly path: string
  readonly origin: string
  readonly language: string
  readonly usedBy: readonly string[]
}

interface Whole extends Entry {
  readonly text: string
  readonly builtIn: string | null
  readonly revision: string
}

interface Version {
  readonly version: number
  readonly at: number
  readonly by: string | null
  readonly comment: string
  readonly text: string | null
}

interface Problem {
  readonly line: number | null
  readonly severity: string
  readonly message: string
}

interface Given {
  readonly file?: string
  readonly comment?: string
  readonly force?: true
  readonly revision?: string
  readonly system?: string
  readonly profile?: string
  readonly builtIn?: true
  readonly version?: string
}

export function buildTemplate(command: Command, context: Context): void {
  const { io, json, client } = context
  const named = (name: string, summary: string) =>
    command.command(`${name} <path>`).description(`${summary} (PATH as preseeds/default.seed)`)
  const one = (of: string, path: string) => apiPath(of, ...path.split('/'))
  const textOf = async (path: string, { file }: Given) =>
    file === undefined ? (await (await client()).get<Whole>(one('templates', path))).text : await io.readFile(file)

  command
    .command('list')
    .description('all of them, where each comes from, and who uses it')
    .action(async () => {
      const all = await (await client()).get<Entry[]>(apiPath('templates'))
      if (json) return printJson(io, all)
      const width = Math.max(0, ...all.map(({ path }) => path.length))
      print(
        io,
        ...all.map(({ path, origin, language, usedBy }) =>
          `${path.padEnd(width)}  ${origin.padEnd(8)}  ${language.padEnd(10)}  ${usedBy.join(', ')}`.trimEnd(),
        ),
      )
    })

  named('show', 'the text that is in force')
    .option('--built-in', 'what it would be without a text of the site')
    .option('--version <number>', 'what it said before, by its number in the history')
    .action(async (path: string, { builtIn, version }: Given) => {
      const { get } = await client()
      if (version !== undefined) {
        const versions = await get<Version[]>(one('template-versions', path))
        const found = versions.find((old) => String(old.version) === version)
        if (!found)
          throw new CliError(`there is no version ${version} of ${path}; orchestra template history shows them`)
        return json ? printJson(io, found) : printText(context, found.text ?? '')
      }
      const file = await get<Whole>(one('templates', path))
      if (json) return printJson(io, file)
      if (builtIn && file.builtIn === null) throw new CliError(`nothing of that name is built in: ${path}`)
      printText(context, builtIn ? (file.builtIn ?? '') : file.text)
    })

  named('lint', 'what is wrong with it, line by line (exit code 2: it would not be saved)')
    .option('--file <file>', 'a text that is not saved yet')
    .action(async (path: string, given: Given) => {
      const text = await textOf(path, given)
      const { problems } = await (await client()).send<{ problems: Problem[] }>('POST', apiPath('template-lint'), {
        path,
        text,
      })
      if (json) printJson(io, problems)
      else print(io, ...problems.map((problem) => lineOf(given.file ?? path, problem)))
      if (problems.some(({ severity }) => severity === 'error')) throw new CliError('', 2)
    })

  named('preview', 'what a machine would be given')
    .option('--file <file>', 'with a text that is not saved yet')
    .option('--system <name>', 'that machine')
    .option('--profile <name>', 'a machine of that profile')
    .action(async (path: string, given: Given) => {
      const { system, profile } = given
      const body = {
        ...{ path, text: await textOf(path, given) },
        ...(system !== undefined && { system }),
        ...(profile !== undefined && { profile }),
      }
      const made = await (await client()).send<{ text: string; problems: Problem[] }>(
        'POST',
        apiPath('template-preview'),
        body,
      )
      if (json) printJson(io, made)
      else printText(context, made.text)
      const isFaulty = made.problems.some(({ severity }) => severity === 'error')
      const told = made.problems.map((problem) => lineOf(given.file ?? path, problem)).join('\n')
      if (!json && told !== '') print({ stdout: io.stderr }, ...told.split('\n'))
      if (isFaulty && made.text === '') throw new CliError('', 2)
    })

  named('save', "put the site's own text in its place; machines are given it at once")
    .requiredOption('--file <file>', 'the text')
    .option('--comment <words>', 'why, for the history')
    .option('--revision <revision>', 'only if it still is at this one (from show --json)')
    .option('--force', 'also a text that does not lint')
    .action(async (path: string, given: Given) => {
      const { comment, force, revision } = given
      const body = { text: await textOf(path, given), ...(comment !== undefined && { comment }) }
      const { send } = await client()
      const to = one('templates', path) + (force ? '?force=true' : '')
      const saved = await send<Whole>('PUT', to, body, revision === undefined ? {} : { revision })
      if (json) printJson(io, saved)
    })

  named('reset', 'go back to what is built in').action(async (path: string) => {
    await (await client()).send('DELETE', one('templates', path))
  })

  named('history', 'what it said before, the newest first').action(async (path: string) => {
    const versions = await (await client()).get<Version[]>(one('template-versions', path))
    if (json) return printJson(io, versions)
    print(
      io,
      ...versions.map(({ version, at, by, comment, text }) => {
        const time = new Date(at).toISOString().slice(0, 16).replace('T', ' ')
        const size = text === null ? 'removed' : `${text.split('\n').length - 1} lines`
        return `${version}  ${time}  ${by ?? '-'}  ${size}  ${comment}`.trimEnd()
      }),
    )
  })
}

function printText({ io }: Context, text: string): void {
  if (text !== '') print(io, ...text.replace(/\n$/, '').split('\n'))
}

/** As compilers write it. */
function lineOf(file: string, { line, severity, message }: Problem): string {
  return `${file}:${line === null ? '' : `${line}:`} ${severity}: ${message}`
}
