/**
 * A boot as a picture needs it: the phases one after the other with their spans, the lanes of what was seen, and where each
 * moment lies on the axis, by time or step by step.
 */
import type { TraceEntry, TraceSign } from '../../../model/trace.ts'

export interface Phase {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
}

/** What a phase begins with. */
const PHASES: readonly (readonly [name: string, ...signs: readonly TraceSign[]])[] = [
  ['Power on', 'power-order', 'power-on'],
  ['DHCP', 'discover', 'offer', 'elsewhere', 'address'],
  ['Loader', 'loader'],
  ['Boot script', 'install', 'disk'],
  ['Kernel', 'kernel'],
  ['Preseed', 'preseed'],
  ['Install', 'installing'],
  ['First boot', 'installed'],
  ['Ready', 'ready'],
]

/** Each lasts until the next begins, the last until `end`. A firmware that asks twice is in its phase once. */
export function phasesOf(entries: readonly TraceEntry[], end: number): readonly Phase[] {
  const begun: { readonly name: string; readonly at: number }[] = []
  let reached = -1
  for (const { sign, at } of entries) {
    const phase = sign === undefined ? -1 : PHASES.findIndex(([, ...signs]) => signs.includes(sign))
    const name = PHASES[phase]?.[0]
    if (name === undefined || phase <= reached) continue
    reached = phase
    begun.push({ name, at })
  }
  return begun.map(({ name, at }, index) => ({ name, from: at, to: Math.max(at, begun[index + 1]?.at ?? end) }))
}

const LANES = ['power', 'dhcp', 'tftp', 'http', 'dns', 'syslog', 'api', 'decision', 'step']

const LANE_NAMES: Readonly<Record<string, string>> = {
  power: 'Power',
  dhcp: 'DHCP',
  tftp: 'TFTP',
  http: 'HTTP',
  dns: 'DNS',
  syslog: 'Syslog',
  api: 'API',
  decision: 'Decision',
  step: 'Station',
}

export const laneName = (kind: string): string => LANE_NAMES[kind] ?? kind

export interface Lane {
  readonly kind: string
  readonly entries: readonly TraceEntry[]
}

/** Of the kinds that there are, in their order. */
export function lanesOf(entries: readonly TraceEntry[]): readonly Lane[] {
  const kinds = [...new Set(entries.map(({ kind }): string => kind))]
  const place = (kind: string) => (LANES.includes(kind) ? LANES.indexOf(kind) : LANES.length)
  return kinds
    .sort((one, other) => place(one) - place(other))
    .map((kind) => ({ kind, entries: entries.filter((entry) => entry.kind === kind) }))
}

/** From when to when an entry reaches: a transfer is told of at its end. */
export function spanOfEntry({ at, until, milliseconds = 0 }: TraceEntry): readonly [from: number, to: number] {
  return [at - milliseconds, until ?? at]
}

export type ScaleName = 'time' | 'steps'

/**
 * Answers where a moment lies, from 0 to 1. By steps, what follows each other is as far apart whether it took a moment or an
 * hour: the seconds before an install are seen beside it.
 */
export function scaleOf(name: ScaleName, moments: readonly number[]): (at: number) => number {
  const all = [...new Set(moments)].sort((one, other) => one - other)
  const [first = 0] = all
  const last = all.at(-1) ?? first
  if (last === first) return () => 0
  const clamp = (at: number) => Math.min(last, Math.max(first, at))
  if (name === 'time') return (at) => (clamp(at) - first) / (last - first)
  return (moment) => {
    const at = clamp(moment)
    const after = all.findIndex((one) => one >= at)
    if (after <= 0) return 0
    const [from = first, to = last] = [all[after - 1], all[after]]
    return (after - 1 + (at - from) / (to - from)) / (all.length - 1)
  }
}

/** `12 ms`, `0.35 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationOf(milliseconds: number): string {
  if (milliseconds < 100) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(milliseconds < 1000 ? 2 : 1)} s`
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** The picture in words. */
export function phasesInWords(phases: readonly Phase[]): string {
  return phases.map(({ name, from, to }) => `${name} ${durationOf(to - from)}`).join(', ')
}
