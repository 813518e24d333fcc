/** `orchestra status`: installs, and how far they are, as the table that Cobbler prints. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { print, printJson } from '../io.ts'
import { asctime } from '../task.ts'

interface Install {
  readonly system: string
  readonly ip: string
  readonly started: number | null
  readonly ended: number | null
  readonly seen: number
  readonly state: 'installing' | 'finished' | 'stalled'
}

export function buildStatus(command: Command, { io, json, client }: Context): void {
  command.action(async () => {
    const installs = await (await client()).get<Install[]>(apiPath('status'))
    if (json) return printJson(io, installs)
    const row = (cells: readonly string[]) =>
      `${cells
        .slice(0, 3)
        .map((cell, index) => cell.padEnd([15, 20, 25][index] ?? 0))
        .join('|')}|${cells[3] ?? ''}`
    print(io, row(['ip', 'target', 'start', 'state']))
    for (const { system, ip, started, seen, ...install } of installs) {
      const state = stateOf(install.state, started ?? seen, io.clock.now())
      print(io, row([ip, `system:${system}`, started === null ? '' : asctime(started), state]))
    }
  })
}

function stateOf(state: Install['state'], started: number, now: number): string {
  if (state !== 'installing') return state === 'stalled' ? 'unknown/stalled' : state
  const seconds = Math.max(0, Math.floor((now - started) / 1000))
  return `installing (${Math.floor(seconds / 60)}m ${seconds % 60}s)`
}
