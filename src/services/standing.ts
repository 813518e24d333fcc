/**
 * How each machine stands: the journal moves it on (model/standing.ts says how), a timer looks for deadlines that are over,
 * and what changed is written behind, as the journal is. What the journal has and the store has not yet is caught up with
 * at the next start, so a kill loses nothing.
 */
import type { Clock, Every } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { classesOf } from '../model/custody.ts'
import { OrchestraError } from '../model/errors.ts'
import type { EventMap, RecordedEvent } from '../model/event.ts'
import { type ClassPair, custodyOf } from '../model/mgmt-class.ts'
import {
  advance,
  firstStanding,
  type Happening,
  type Limits,
  type Standing,
  stoppedBecause,
} from '../model/standing.ts'
import { nextStep } from '../model/standing-words.ts'
import type { System } from '../model/system.ts'
import type { Db } from '../store/db.ts'
import { loadStandings, saveStandings } from '../store/standings.ts'
import type { Catalog } from './catalog.ts'
import type { Journal } from './journal.ts'
import { factsOf, happeningOf, ownHappeningOf } from './standing-facts.ts'

/** A standing as others are told it. */
export interface MachineStanding extends Standing {
  /** System name. */
  readonly system: string
  /** What a person can do, now or when the deadline passes: a sentence. */
  readonly next: string
  /** Why its classes contradict each other; undefined: they do not. */
  readonly contradiction: string | undefined
}

export interface Standings {
  /** Of machines that were never seen, too. */
  of(system: System): MachineStanding
  /** The same without the words: one value for as long as nothing changes. */
  stands(system: System): Standing
  /** In order of name. */
  list(): MachineStanding[]
  /** Half a sentence on a machine that is to be given to nobody, because an install of it failed. */
  brokenBecause(system: System): string | undefined
  /** Why the next boot of a machine does not install it though netboot is on. */
  stoppedBecause(system: System): string | undefined
  /** A person says that it works; answers when that is on disk. @throws OrchestraError item.missing */
  repair(name: string, by: string): Promise<MachineStanding>
  /** Answers when all that is known is on disk. */
  settled(): Promise<void>
  stop(): Promise<void>
}

export interface StandingsOptions {
  readonly db: Db
  readonly journal: Pick<Journal, 'record' | 'watch' | 'since' | 'lastId' | 'flushed'>
  readonly catalog: Pick<Catalog, 'get' | 'byUid' | 'list'>
  readonly clock: Clock
  readonly every: Every
  readonly limits: Limits
  readonly pairs: readonly ClassPair[]
  readonly log: Pick<Log, 'warn' | 'error'>
}

interface Entry {
  name: string
  standing: Standing
  /** The last event that is in it. */
  event: number
  /** Events before this are of a life that its system tells no more of. */
  readonly from: number
}

type Report = () => void

/** How often deadlines are looked at: milliseconds. */
const LOOK = 1_000
/** Milliseconds for which a change may wait for others to be written with it. */
const MOMENT = 100
const PART = 5_000

export async function openStandings(options: StandingsOptions): Promise<Standings> {
  const { db, journal, catalog, clock, every, limits, pairs, log } = options
  const entries = new Map<string, Entry>()
  const uids = new Map<string, string>()
  const waiting = new Set<string>()
  const dirty = new Set<string>()
  /** While the journal is caught up with: what it has not told of yet, by event and uid. */
  let untold: Map<string, Report> | undefined = new Map()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let isStopped = false
  const facts = (system: System) => factsOf(system, pairs)

  /** The entry of a system, made when there is none, moved along when its uid or name was changed. */
  function entryOf(system: System): Entry {
    const { uid, name, mtime } = system
    const former = uids.get(name)
    let entry = entries.get(uid)
    if (!entry && former !== undefined && !catalog.byUid('system', former)) {
      entry = entries.get(former)
      forget(former)
      dirty.add(uid)
    }
    entry ??= { name, standing: firstStanding(facts(system), mtime, limits), event: 0, from: mtime }
    if (entry.name !== name && uids.get(entry.name) === uid) uids.delete(entry.name)
    entry.name = name
    entries.set(uid, entry)
    uids.set(name, uid)
    awaitDeadline(uid, entry)
    return entry
  }

  function awaitDeadline(uid: string, { standing }: Entry): void {
    if (standing.deadline === undefined || standing.overdue) waiting.delete(uid)
    else waiting.add(uid)
  }

  function forget(uid: string): void {
    const entry = entries.get(uid)
    if (entry && uids.get(entry.name) === uid) uids.delete(entry.name)
    for (const all of [entries, waiting, dirty]) all.delete(uid)
  }

  function apply(uid: string, entry: Entry, happening: Happening): void {
    const before = entry.standing
    const after = advance(before, happening, limits)
    if (after === before) return
    entry.standing = after
    awaitDeadline(uid, entry)
    dirty.add(uid)
    soon()
    const { name: system } = entry
    if (after.broken && after.broken.because !== before.broken?.because) {
      const { because } = after.broken
      tell(uid, 'machine.broken', { system, because }, `${system} is broken: ${because}`)
    } else if (after.overdue && !before.overdue) {
      const { stage, since, evidence } = after
      const next = nextStep(after, system)
      const told = `${system} is overdue: still ${stage}; last seen: ${evidence.text}; ${next}`
      tell(uid, 'machine.overdue', { system, stage, since, evidence, next }, told)
    }
  }

  /** After everybody has heard of what it follows from. */
  function tell<Name extends 'machine.broken' | 'machine.overdue'>(
    uid: string,
    name: Name,
    payload: EventMap[Name],
    sentence: string,
  ): void {
    const report = () => {
      log.warn({ system: payload.system }, sentence)
      journal.record(name, payload)
    }
    if (untold) untold.set(`${name} ${uid}`, report)
    else queueMicrotask(report)
  }

  function take(event: RecordedEvent): void {
    const { id, name, payload } = event
    if (name === 'item.removed') {
      if ('type' in payload && payload.type === 'system') forget(payload.uid)
      return
    }
    const system = systemOf(event)
    if (!system) return
    const entry = entryOf(system)
    if (untold && event.at < entry.from) return
    entry.event = id
    const happening = happeningOf(event, facts(system)) ?? (untold && ownHappeningOf(event))
    if (happening) apply(system.uid, entry, happening)
    // What was told before a kill is not told again after it.
    untold?.delete(`${name} ${system.uid}`)
  }

  function systemOf({ payload }: RecordedEvent): System | undefined {
    if ('type' in payload) return payload.type === 'system' ? catalog.byUid('system', payload.uid) : undefined
    return 'system' in payload && payload.system !== undefined ? catalog.get('system', payload.system) : undefined
  }

  function look(happens: 'time' | 'return'): void {
    const at = clock.now()
    for (const uid of [...waiting]) {
      const entry = entries.get(uid)
      if (entry) apply(uid, entry, { at, happens })
    }
  }

  function soon(): void {
    if (!isStopped) timer ??= setTimeout(settled, MOMENT)
  }

  function settled(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write)
    return writing
  }

  async function write(): Promise<void> {
    if (dirty.size === 0) return
    const batch = [...dirty].flatMap((uid) => {
      const entry = entries.get(uid)
      return entry ? [{ uid, standing: entry.standing, event: entry.event }] : []
    })
    dirty.clear()
    try {
      // Never ahead of the journal: the ids of events that it loses are given to others.
      await journal.flushed()
      await saveStandings(db, batch)
    } catch (error) {
      log.error({ err: error, machines: batch.length }, 'how machines stand could not be written; it is tried again')
      for (const { uid } of batch) if (entries.has(uid)) dirty.add(uid)
      soon()
    }
  }

  const stands = (system: System): Standing =>
    entries.get(system.uid)?.standing ?? firstStanding(facts(system), system.mtime, limits)

  function told(system: System): MachineStanding {
    const { name } = system
    const standing = stands(system)
    const custody = custodyOf(classesOf(system), pairs)
    const contradiction = custody.state === 'contradictory' ? custody.because : undefined
    return { ...standing, system: name, next: nextStep(standing, name), contradiction }
  }

  async function catchUp(): Promise<void> {
    const kept = new Map((await loadStandings(db)).map((one) => [one.uid, one]))
    for (const system of catalog.list('system')) {
      const known = kept.get(system.uid)
      if (known) entries.set(system.uid, { ...known, name: system.name, from: 0 })
      entryOf(system)
    }
    let last = Math.max(0, ...[...kept.values()].map(({ event }) => event))
    while (last < journal.lastId()) {
      const events = await journal.since(last, PART)
      if (events.length === 0) break
      for (const event of events) take(event)
      last = events.at(-1)?.id ?? last
    }
    for (const system of catalog.list('system')) {
      const happening: Happening = { at: clock.now(), happens: 'saved', facts: facts(system) }
      apply(system.uid, entryOf(system), happening)
    }
    look('return')
  }

  await catchUp()
  const stopListening = journal.watch(take)
  const reports = [...untold.values()]
  untold = undefined
  for (const report of reports) report()
  const stopLooking = every(LOOK, () => look('time'))

  return {
    of: told,
    stands,
    list: () => catalog.list('system').map(told),
    brokenBecause: ({ uid }) => entries.get(uid)?.standing.broken?.because,
    stoppedBecause: ({ uid }) => {
      const standing = entries.get(uid)?.standing
      return standing && stoppedBecause(standing, clock.now(), limits)
    },
    async repair(name, by) {
      const system = catalog.get('system', name)
      if (!system) throw new OrchestraError('item.missing', `there is no system "${name}"`)
      const entry = entryOf(system)
      const before = entry.standing
      apply(system.uid, entry, { at: clock.now(), happens: 'repair', by })
      if (entry.standing !== before) journal.record('machine.repaired', { system: name, by })
      await settled()
      return told(system)
    },
    settled,
    async stop() {
      isStopped = true
      stopLooking()
      stopListening()
      await settled()
    },
  }
}
