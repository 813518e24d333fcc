/** `orchestra config show` and `config set`: the settings of the daemon, where each comes from, and new ones for its next start. */
import type { Command } from 'commander'
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson, safeJson, tell } from '../io.ts'

interface Setting {
  readonly path: string
  readonly value: Json
  readonly origin: string
  readonly kind: string
  readonly secret: boolean
}

interface Shown {
  readonly file: string | null
  readonly place: string
  readonly pending: boolean
  readonly faults: readonly { readonly path: string; readonly message: string }[]
  readonly values: readonly Setting[]
}

export function buildConfig(command: Command, { io, json, client }: Context): void {
  command
    .command('show')
    .description('all settings of the running daemon, and where each comes from')
    .action(async () => {
      const shown = await (await client()).get<Shown>(apiPath('settings'))
      if (json) return printJson(io, shown)
      const { values, file, place, pending, faults } = shown
      const [paths, texts] = [values.map(({ path }) => path), values.map(({ value }) => wordOf(value))]
      const [wide, wider] = [paths, texts].map((words) => Math.min(40, Math.max(...words.map((word) => word.length))))
      for (const [index, { path, origin }] of values.entries())
        print(io, `${path.padEnd(wide ?? 0)}  ${(texts[index] ?? '').padEnd(wider ?? 0)}  ${origin}`)
      tell(io, file === null ? `There is no file; changes would go to ${place}.` : `The file is ${file}.`)
      for (const { path, message } of faults) tell(io, `fault: ${path}: ${message}`)
      if (pending) tell(io, 'It says something else than what runs: "orchestra restart" makes it so.')
    })

  command
    .command('set <settings...>')
    .description('write settings into orchestra.yaml: http.listen=:8080; nothing behind the "=" is the default again')
    .addHelpText('after', '\nA setting without "=" is read from standard input: for secrets, which are no arguments.')
    .action(async (words: string[]) => {
      const server = await client()
      const { values } = await server.get<Shown>(apiPath('settings'))
      const changes: { [path: string]: Json } = {}
      for (const word of words) {
        const [path = '', ...rest] = word.split('=')
        const row = values.find((one) => path === one.path || path.startsWith(`${one.path}.`))
        if (rest.length > 0 && row?.secret && rest.join('=') !== '') {
          throw new CliError(`${row.path} has a secret in it: name it alone, and give its value on standard input`)
        }
        const text = rest.length > 0 ? rest.join('=') : await io.readSecret(`${path}: `)
        changes[path] = await readValue(text, row?.path === path ? row.kind : 'yaml', path)
      }
      const written = await server.send<JsonObject>('PATCH', apiPath('settings'), { changes })
      if (json) return printJson(io, written)
      tell(io, `Written to ${String(written['file'])}; "orchestra restart" makes it so.`)
    })
}

/** Texts are taken as they are, all else is YAML. */
async function readValue(text: string, kind: string, path: string): Promise<Json> {
  if (text === '') return null
  if (kind === 'text' || kind === 'choice') return text
  if (kind === 'list' && !text.startsWith('[')) return text.split(/[,\s]+/).filter((word) => word !== '')
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text)
  if (document.errors.length > 0) throw new CliError(`the value of ${path} is not valid YAML: ${text}`)
  return document.toJS() as Json
}

function wordOf(value: Json): string {
  if (value === null) return '-'
  if (Array.isArray(value) && !value.some(isJsonObject)) return value.join(', ') || '-'
  return typeof value === 'string' ? value : safeJson(value)
}
