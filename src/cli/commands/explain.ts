/** `orchestra explain NAME|MAC`: what a machine would be told if it booted now, and beside each line where it comes from. */
import type { Command } from 'commander'
import {
  ARCHITECTURES,
  type ExplainedLine,
  type ExplainedOption,
  type Explanation,
  FIRMWARES,
  type Source,
  type Step,
} from '../../model/explanation.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson } from '../io.ts'

interface Given {
  readonly firmware?: string
  readonly arch?: string
  readonly netboot?: string
  readonly profile?: string
}

export function buildExplain(command: Command, { io, json, client }: Context): void {
  command
    .argument('<machine>', 'the system, or a MAC address, known or not')
    .option('--firmware <kind>', `as if it asked as ${orOf(FIRMWARES)}; else as it was last seen`)
    .option('--arch <word>', `as if it were ${orOf(ARCHITECTURES)}`)
    .option('--netboot <on|off>', 'as if netboot were on, or off')
    .option('--profile <name>', 'as if it had that profile; of an unknown machine: enlisted with it')
    .action(async (machine: string, given: Given) => {
      check('--firmware', given.firmware, FIRMWARES)
      check('--arch', given.arch, ARCHITECTURES)
      check('--netboot', given.netboot, ['on', 'off'])
      const { get } = await client()
      const query = new URLSearchParams({ ...given }).toString()
      const found = await get<Explanation>(apiPath('explain', machine) + (query === '' ? '' : `?${query}`))
      if (json) printJson(io, found)
      else print(io, ...linesOf(found))
    })
}

function check(option: string, value: string | undefined, words: readonly string[]): void {
  if (value !== undefined && !words.includes(value)) throw new CliError(`${option} is ${orOf(words)}, not "${value}"`)
}

const orOf = (words: readonly string[]): string => `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

function linesOf({ machine, asks, decision, steps }: Explanation): string[] {
  const { mac, system } = machine
  const who = system === null ? `${mac}, which is no system` : mac === null ? system : `${system} (${mac})`
  return [
    `${who}: ${decision.boot}: ${decision.because}`,
    `asks as ${asks.firmware} on ${asks.arch} (${asks.because})`,
    ...steps.flatMap((step) => ['', ...stepLines(step)]),
  ]
}

const MARKS: Readonly<Record<Step['outcome'], string>> = { ok: '', none: ': no', error: ': ERROR' }

function stepLines({ title, outcome, because, url, lines, options = [] }: Step): string[] {
  const rows = [...lines.map(({ text, from }) => ({ text, from })), ...options.map(optionRow)]
  return [`== ${title}${MARKS[outcome]}: ${because}`, ...(url === null ? [] : [`   ${url}`]), ...inColumns(rows)]
}

function optionRow({ code, name, value, from }: ExplainedOption): ExplainedLine {
  return { text: `${String(code).padStart(3)} ${name}: ${value}`, from }
}

/** A longer line goes beyond its column: a preseed's base64 would push the other column out of sight. */
const WIDEST = 72

function inColumns(rows: readonly ExplainedLine[]): string[] {
  const width = Math.min(WIDEST, Math.max(0, ...rows.map(({ text }) => text.length)))
  return rows.map(({ text, from }) => {
    const said = saidOf(from)
    return said === '' ? `   ${text}`.trimEnd() : `   ${text.padEnd(width)}  # ${said}`
  })
}

/** `templates/grub/install.cfg:3; profile web meta.locale` */
function saidOf(from: readonly Source[]): string {
  return from
    .map(({ kind, name, field, line }) => {
      if (kind === 'template' || kind === 'script') return line === null ? name : `${name}:${line}`
      if (kind === 'computed')
        return name === 'server' ? 'this server' : name === 'DHCP' ? 'DHCP' : `computed (${name})`
      return field === null ? `${kind} ${name}` : `${kind} ${name} ${field}`
    })
    .join('; ')
}
