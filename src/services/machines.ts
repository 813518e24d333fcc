/**
 * All machines at one look: what people filter, sort and act by, one row each, from memory alone. A row is made again when
 * something of it has changed, and its text is kept until then: ten thousand rows that nobody touched cost next to nothing.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '../lib/clock.ts'
import type { Ipv4, Mac } from '../model/address.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { classesOf } from '../model/custody.ts'
import type { CustodyWord, MachineRow, Summary } from '../model/machine-row.ts'
import type { PowerState, PowerTask } from '../model/power.ts'
import type { Profile } from '../model/profile.ts'
import { STAGES, type Stage, type Standing } from '../model/standing.ts'
import { macsOf, type System } from '../model/system.ts'
import type { BootAttempt } from '../model/trace.ts'
import { archOf } from '../model/wanted-machine.ts'
import type { Catalog } from './catalog.ts'
import type { Power } from './power.ts'
import type { PowerReading } from './power-readings.ts'
import type { Standings } from './standing.ts'
import type { Traces } from './trace.ts'

/** JSON, and what it is known by: the same text has the same tag. */
export interface RowsText {
  readonly text: string
  /** With its quotes. */
  readonly tag: string
  /** Rows that had to be made for it. */
  readonly made: number
}

export interface Machines {
  /** In order of name. */
  rows(): RowsText
  /** Those of these names that there are, in order of name. */
  rowsOf(names: readonly string[]): RowsText
  summary(): Summary
}

export interface MachinesOptions {
  readonly catalog: Pick<Catalog, 'get' | 'list' | 'changes'>
  readonly standings: Pick<Standings, 'stands'>
  readonly power: Pick<Power, 'last' | 'taskOf' | 'ability'>
  readonly traces: Pick<Traces, 'newest' | 'verdict'>
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
  /** What a MAC has a lease of. */
  readonly leasedTo: (mac: Mac) => Ipv4 | undefined
  readonly clock: Clock
  readonly unknownMachines: () => number
  /** Unset: nobody looks for them. */
  readonly foreignDhcp?: (() => number) | undefined
}

/** What a row is made of. All of it are values that are replaced when they change. */
interface Parts {
  readonly system: System
  readonly standing: Standing
  readonly reading: PowerReading | undefined
  readonly task: PowerTask | undefined
  readonly attempt: BootAttempt | undefined
  readonly verdict: string | null
  readonly ip: Ipv4 | ''
  readonly arch: string | null
}

interface Made {
  readonly parts: Parts
  readonly text: string
  /** When its verdict was asked for. */
  readonly judged: number
}

/** The verdict on a boot that is under way changes with time alone. */
const JUDGED_FOR = 1_000

export function createMachines(options: MachinesOptions): Machines {
  const { catalog, standings, power, traces, blendProfile, leasedTo, clock } = options
  let kept = new Map<string, Made>()
  let whole: RowsText | undefined
  const arches = { at: -1, of: new Map<string, string | null>() }

  function archOfProfile(name: string): string | null {
    if (arches.at !== catalog.changes()) {
      arches.at = catalog.changes()
      arches.of.clear()
    }
    const known = arches.of.get(name)
    if (known !== undefined) return known
    const profile = catalog.get('profile', name)
    const blend = profile && blendProfile(profile)
    const arch = blend?.ok ? archOf(blend.distro.arch) : null
    arches.of.set(name, arch)
    return arch
  }

  function ipOf(system: System): Ipv4 | '' {
    for (const { ipAddress } of Object.values(system.interfaces)) if (ipAddress !== '') return ipAddress
    for (const { macAddress } of Object.values(system.interfaces)) {
      const leased = macAddress === '' ? undefined : leasedTo(macAddress)
      if (leased !== undefined) return leased
    }
    return ''
  }

  /** As it was said before, while that is good. */
  function judge(
    attempt: BootAttempt | undefined,
    before: Made | undefined,
  ): Pick<Made, 'judged'> & { verdict: string | null } {
    const now = clock.now()
    if (!attempt) return { verdict: null, judged: 0 }
    const isOld = attempt.ended === undefined && now - (before?.judged ?? 0) >= JUDGED_FOR
    if (before?.parts.attempt === attempt && !isOld) return { verdict: before.parts.verdict, judged: before.judged }
    return { verdict: traces.verdict(attempt).verdict, judged: now }
  }

  /** The row as it was, when nothing of it has changed. */
  function make(system: System, before: Made | undefined): Made {
    const attempt = traces.newest(system)
    const { verdict, judged } = judge(attempt, before)
    const parts: Parts = {
      ...{ system, attempt, verdict, ip: ipOf(system), arch: archOfProfile(system.profile) },
      ...{ standing: standings.stands(system), reading: power.last(system.name), task: power.taskOf(system.name) },
    }
    if (before && isSame(before.parts, parts)) return { ...before, judged }
    return { parts, judged, text: JSON.stringify(rowOf(parts, power.ability(system.name)?.can ?? [])) }
  }

  return {
    rows() {
      const next = new Map<string, Made>()
      let made = 0
      for (const system of catalog.list('system')) {
        const before = kept.get(system.uid)
        const row = make(system, before)
        if (row.text !== before?.text) made++
        next.set(system.uid, row)
      }
      // A system that is gone, or has another place in the order, is a change too: of its name, or of how many there are.
      const isWhole = made === 0 && next.size === kept.size
      kept = next
      if (!whole || !isWhole) whole = textOf([...next.values()], made)
      return isWhole ? { ...whole, made } : whole
    },

    rowsOf(names) {
      const systems = [...new Set(names)].sort().flatMap((name) => catalog.get('system', name) ?? [])
      const rows = systems.map((system) => make(system, kept.get(system.uid)))
      return textOf(rows, rows.length)
    },

    summary() {
      const stages = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>
      const states: Record<PowerState, number> = { on: 0, off: 0, unknown: 0 }
      const custody: Record<CustodyWord, number> = { available: 0, acquired: 0, both: 0, none: 0 }
      const systems = catalog.list('system')
      for (const system of systems) {
        const standing = standings.stands(system)
        stages[standing.stage]++
        custody[custodyWord(standing)]++
        states[power.last(system.name)?.state ?? 'unknown']++
      }
      const unknownMachines = options.unknownMachines()
      const foreignDhcp = options.foreignDhcp?.() ?? 0
      return { systems: systems.length, stages, power: states, custody, unknownMachines, foreignDhcp }
    },
  }
}

function isSame(one: Parts, other: Parts): boolean {
  return (
    one.system === other.system &&
    one.standing === other.standing &&
    one.reading === other.reading &&
    one.task === other.task &&
    one.attempt === other.attempt &&
    one.verdict === other.verdict &&
    one.ip === other.ip &&
    one.arch === other.arch
  )
}

function rowOf(parts: Parts, can: readonly string[]): MachineRow {
  const { system, standing, reading, task, attempt, verdict, ip, arch } = parts
  const { uid, name, revision, hostname, profile, comment } = system
  const { stage, since, broken } = standing
  return {
    ...{ uid, name, revision, macs: macsOf(system), ip, hostname, profile, arch, netboot: system.netbootEnabled },
    ...{ classes: classesOf(system), custody: custodyWord(standing), stage, since, broken: broken?.because ?? null },
    ...{ power: reading?.state ?? 'unknown', powerAt: reading?.at ?? null, powerType: system.power.type },
    canSee: can.includes('state'),
    task: task ? { id: task.id, action: task.action, state: task.state } : null,
    boot: attempt ? bootOf(attempt, verdict) : null,
    comment,
  }
}

function bootOf({ id, reached, started, ended }: BootAttempt, verdict: string | null): MachineRow['boot'] {
  return { id, reached, started, ended: ended ?? null, verdict }
}

function custodyWord({ custody }: Pick<Standing, 'custody'>): CustodyWord {
  return custody === 'contradictory' ? 'both' : custody
}

function textOf(rows: readonly Made[], made: number): RowsText {
  const text = `[${rows.map((row) => row.text).join(',')}]`
  return { text, tag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`, made }
}
