/** `orchestra trace NAME|MAC`: what was seen of a machine's boot, with the time between, and what that means; with -f live. */
import type { Command } from 'commander'
import { asMac } from '../../model/address.ts'
import type { TraceEntry } from '../../model/trace.ts'
import type { Verdict } from '../../model/verdict.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { follow } from '../follow.ts'
import { CliError, print, printJson } from '../io.ts'

type ToldVerdict = Pick<Verdict, 'verdict' | 'fault' | 'says'> & {
  readonly missing?: string | null
  readonly evidence?: { readonly at: number; readonly text: string } | null
  readonly next?: string | null
}

interface Boot {
  readonly id: number
  readonly system: string | null
  readonly mac: string | null
  readonly started: number
  readonly ended: number | null
  readonly dropped: number
  readonly verdict: ToldVerdict
  readonly entries: readonly TraceEntry[]
}

interface Frame {
  readonly id: number
  readonly boot: number
  readonly started: number
  readonly system: string | null
  readonly mac: string | null
  readonly entry?: TraceEntry
  readonly verdict?: ToldVerdict
}

interface Given {
  readonly follow?: true
  readonly untilReady?: true
  readonly list?: true
  readonly boot?: string
  readonly pcap?: string
}

export function buildTrace(command: Command, context: Context): void {
  command
    .argument('<machine>', 'the system, or a MAC address')
    .option('-f, --follow', 'go on with what is seen, until interrupted; as JSON, one object a line')
    .option(
      '--until-ready',
      'the same, but end when it is ready (exit code 0), or when something is wrong with its boot (2)',
    )
    .option('--boot <number>', 'that boot, by its number in the list; else the last')
    .option('--list', 'its boots, the last first')
    .option('--pcap <file>', 'write the packets of that boot to a file that Wireshark reads (pcapng)')
    .action(async (machine: string, { follow: isFollowing, untilReady, list, boot, pcap }: Given) => {
      if (boot !== undefined && !/^\d{1,15}$/.test(boot)) throw new CliError(`--boot is a number, not "${boot}"`)
      const mac = asMac(machine)
      const path = mac ? apiPath('machines', mac, 'boots') : apiPath('systems', machine, 'boots')
      if (isFollowing || untilReady) {
        const { verdict } = await follow<Frame>(context, {
          what: 'what is seen',
          // After a restart the daemon tells the boot from its beginning.
          path: () => `${path}?follow=1`,
          isSeen: (frame, last) => frame.id <= last.id,
          lines: frameLines,
          ...(untilReady && { isLast: ({ verdict }) => verdict?.fault === true || verdict?.verdict === 'ready' }),
        })
        if (verdict?.fault) throw new CliError('', 2)
        return
      }
      const { io, json, client } = context
      const { get, bytes } = await client()
      const boots = await get<Omit<Boot, 'entries'>[]>(`${path}?limit=100`)
      if (list) {
        if (json) printJson(io, boots)
        else
          print(
            io,
            ...boots.map((one) => `${one.id}  ${timeOf(one.started)}  ${one.verdict.verdict}: ${one.verdict.says}`),
          )
        return
      }
      const wanted = boot === undefined ? boots[0] : boots.find(({ id }) => id === Number(boot))
      if (!wanted) throw new CliError(boot === undefined ? `nothing was seen of ${machine} yet` : noBoot(machine, boot))
      if (pcap !== undefined) {
        const capture = await bytes(apiPath('boots', `${wanted.id}`, 'pcap'))
        await io.writeFile(pcap, capture)
        if (json) printJson(io, { boot: wanted.id, file: pcap, bytes: capture.length })
        else print(io, `the packets of boot ${wanted.id} are in ${pcap} (${sizeOf(capture.length)})`)
        return
      }
      const whole = await get<Boot>(apiPath('boots', `${wanted.id}`))
      if (json) printJson(io, whole)
      else print(io, ...linesOf(whole))
    })
}

const noBoot = (machine: string, boot: string) =>
  `there is no boot ${boot} of ${machine}; orchestra trace ${machine} --list shows which there are`

function frameLines(frame: Frame, before: Frame | undefined): string[] {
  const { boot, entry, verdict, started } = frame
  const head = boot === before?.boot ? [] : [headOf({ ...frame, id: boot })]
  if (entry) return [...head, lineOf(entry, started, undefined)]
  return verdict?.fault ? [...head, ...verdictLines(verdict)] : head
}

function linesOf(boot: Boot): string[] {
  const { entries, started, dropped, verdict } = boot
  const lines = entries.map((entry, index) => lineOf(entry, started, entries[index - 1]))
  const more = dropped === 0 ? [] : [`(${dropped} more were dropped)`]
  return [headOf(boot), ...lines, ...more, ...verdictLines(verdict)]
}

function headOf({ id, system, mac, started }: Pick<Boot, 'id' | 'system' | 'mac' | 'started'>): string {
  const who = system === null ? (mac ?? 'a machine') : mac === null ? system : `${system} (${mac})`
  return `boot ${id} of ${who}, ${timeOf(started)}`
}

/** Seconds since the beginning, those since the line before, who saw it, and what. */
function lineOf(entry: TraceEntry, started: number, before: TraceEntry | undefined): string {
  const { at, until, times, kind, outcome, text, because, bytes, milliseconds } = entry
  const step = before ? `+${seconds(at - (before.until ?? before.at))}` : ''
  const facts = [
    bytes === undefined ? '' : sizeOf(bytes),
    milliseconds === undefined ? '' : `${seconds(milliseconds)} s`,
    times === undefined ? '' : `${times} times, until ${seconds((until ?? at) - started)}`,
  ].filter((fact) => fact !== '')
  const more = facts.length === 0 ? '' : ` (${facts.join(', ')})`
  const why = because === undefined || text.includes(because) ? '' : `; ${because}`
  const mark = outcome === 'ok' ? ' ' : '!'
  return `${seconds(at - started).padStart(8)} ${step.padStart(8)}  ${mark} ${kind.padEnd(8)}  ${text}${more}${why}`
}

function verdictLines({ fault, says, missing, evidence, next }: ToldVerdict): string[] {
  return [
    `${fault ? 'verdict' : 'so far'}: ${says}`,
    ...(missing ? [`  missing: ${missing}`] : []),
    ...(evidence && fault ? [`  evidence: ${timeOf(evidence.at)} ${evidence.text}`] : []),
    ...(next ? [`  next: ${next}`] : []),
  ]
}

const seconds = (milliseconds: number): string => (Math.max(0, milliseconds) / 1000).toFixed(2)

function sizeOf(bytes: number): string {
  if (bytes < 10_000) return `${bytes} bytes`
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}
