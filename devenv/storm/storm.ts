/** A storm: so many light machines are turned on within so many seconds, and how far each came is counted. */
import { setTimeout as wait } from 'node:timers/promises'
import { Agent } from 'undici'
import { asMac, type Mac } from '../../src/model/address.ts'
import { boot, PHASES, type Phase } from './boot.ts'
import type { DhcpWire } from './dhcp-wire.ts'

export interface StormOptions {
  readonly nodes: number
  /** Within which all are turned on, evenly. */
  readonly seconds: number
  readonly wire: DhcpWire
  /** Told four times a second, and at the end. */
  readonly onLook: (look: StormLook) => void
}

export interface StormLook {
  readonly nodes: number
  /** Milliseconds since the first was turned on. */
  readonly elapsed: number
  readonly started: number
  /** Machines that have this behind them, and the milliseconds from power-on that half and 99 of 100 of them took. */
  readonly phases: Readonly<Record<Phase, { readonly count: number; readonly p50: number; readonly p99: number }>>
  readonly failed: number
  /** Why, and how many. */
  readonly reasons: Readonly<Record<string, number>>
}

const LOOKS = 250

export async function runStorm({ nodes, seconds, wire, onLook }: StormOptions): Promise<StormLook> {
  const begin = performance.now()
  const took: Record<Phase, number[]> = { dhcp: [], loader: [], script: [], kernel: [] }
  const reasons: Record<string, number> = {}
  let [started, failed] = [0, 0]
  const look = (): StormLook => ({
    ...{ nodes, elapsed: performance.now() - begin, started, failed, reasons: { ...reasons } },
    phases: Object.fromEntries(PHASES.map((phase) => [phase, spread(took[phase])])) as StormLook['phases'],
  })
  const looking = setInterval(() => onLook(look()), LOOKS)
  const one = async (index: number) => {
    await wait((index * seconds * 1000) / nodes)
    started++
    const from = performance.now()
    const reached = (phase: Phase) => void took[phase].push(performance.now() - from)
    try {
      await boot(macOf(index), wire, (ip) => new Agent({ connect: { localAddress: ip }, connections: 1 }), reached)
    } catch (error) {
      failed++
      const because = error instanceof Error ? error.message : String(error)
      reasons[because] = (reasons[because] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: nodes }, (_, index) => one(index)))
  clearInterval(looking)
  const last = look()
  onLook(last)
  return last
}

/** Of the range that is anybody's (locally administered). */
function macOf(index: number): Mac {
  return asMac(`02005e${index.toString(16).padStart(6, '0')}`) as Mac
}

function spread(times: readonly number[]): { count: number; p50: number; p99: number } {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) }
}
