/**
 * The traces of boots: whoever sees something of a machine notes it here, and it goes to the machine's boot (model/trace.ts
 * says to which). All that is under way is in memory, within bounds, and written behind: nobody waits for the disk.
 */
import type { Clock } from '../lib/clock.ts'
import { eventBus } from '../lib/events.ts'
import type { Log } from '../lib/log.ts'
import type { Mac } from '../model/address.ts'
import type { Packet } from '../model/packet.ts'
import { macsOf, type System } from '../model/system.ts'
import {
  type BootAttempt,
  ended,
  firstOf,
  grown,
  isWorthPackets,
  placeOf,
  type Sighted,
  type Whose,
} from '../model/trace.ts'
import { type Verdict, verdictOf } from '../model/verdict.ts'
import type { Waits } from '../model/verdict-waits.ts'
import type { Db } from '../store/db.ts'
import {
  allAttempts,
  attemptsOf,
  findAttempt,
  forgetAttempts,
  forgetOldAttempts,
  lastAttemptId,
  newestAttempts,
  saveAttempts,
} from '../store/traces.ts'
import { TRACE_BOUNDS, type TraceBounds } from './trace-bounds.ts'
import { tokenBucket } from './trace-bucket.ts'
import { captureOf } from './trace-capture.ts'
import { cleaned } from './trace-cleaned.ts'
import { openPackets } from './trace-packets.ts'

/** By whichever of these the machine is known to whoever saw it. */
export interface Seen {
  readonly mac?: Mac | undefined
  /** System name. */
  readonly system?: string | undefined
  readonly uid?: string | undefined
  /** Where it came from: who has that address counts. */
  readonly peer?: string | undefined
}

export type NoteTrace = (whose: Seen, seen: Sighted) => void
export type KeepPackets = (whose: Seen, packets: readonly Packet[]) => void

export interface AttemptPage {
  /** Attempts with a lesser id; undefined: from the newest on. */
  readonly before?: number | undefined
  readonly limit: number
}

export interface Traces {
  /** Never waits, never throws; what belongs to no machine is forgotten. */
  readonly note: NoteTrace
  /** What was on the wire, for the machine's boot that is under way; referred to until it is written behind. */
  readonly keep: KeepPackets
  /** Is there room for this machine? Asked before anything else is done for an exchange of DHCP. */
  admits(mac: Mac, boots: boolean): boolean
  /** The newest first. */
  of(machine: System | Mac, page: AttemptPage): Promise<BootAttempt[]>
  get(id: number): Promise<BootAttempt | undefined>
  /** Of all machines, the newest first. */
  all(page: AttemptPage): Promise<BootAttempt[]>
  /** The last boot of each machine that was seen lately, in no order. */
  last(): Iterable<BootAttempt>
  /** A pcapng file; undefined: there is no such boot. */
  capture(id: number): Promise<Buffer | undefined>
  /** Boots of its MACs that were nobody's are its own from now on. */
  claim(system: System): Promise<void>
  /** The last of a system, from memory. */
  newest(system: System): BootAttempt | undefined
  /** As of now. */
  verdict(attempt: BootAttempt): Verdict
  /** Every attempt that has grown, when it is written. Answers how to stop. */
  follow(listener: (attempt: BootAttempt) => void): () => void
  /** Resolves when all that was noted is in the store. */
  flushed(): Promise<void>
}

export interface TracesOptions {
  readonly db: Db
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
  readonly waits: Waits
  readonly systemByMac: (mac: Mac) => System | undefined
  readonly systemByName: (name: string) => System | undefined
  readonly systemByUid: (uid: string) => System | undefined
  readonly macAt: (peer: string) => Mac | undefined
  readonly bounds?: Partial<TraceBounds>
}

/** Milliseconds for which a note may wait for others to be written with it; what a machine only says in its log can wait. */
const [MOMENT, WHILE] = [200, 2_000]
/** So many go into one transaction, which nothing else can run beside. */
const MOST_AT_ONCE = 200
/** Older boots are not gone on with after a restart. */
const WEEK = 7 * 24 * 3_600_000

export async function openTraces(options: TracesOptions): Promise<Traces> {
  const { db, clock, log } = options
  const bounds = { ...TRACE_BOUNDS, ...options.bounds }
  const bus = eventBus<{ written: BootAttempt }>((error) => log.error({ err: error }, 'a follower of a trace failed'))
  /** The last attempt of each machine, the one that was seen longest ago first. */
  const live = new Map<string, BootAttempt>()
  const dirty = new Map<number, BootAttempt>()
  const crowded = new Set<string>()
  // Whoever only wants an address may do so in thousands; whoever boots is what people look for.
  const passersBy = tokenBucket(clock, { burst: 200, perSecond: 20 })
  const booters = tokenBucket(clock, { burst: 10_000, perSecond: 500 })
  const packets = await openPackets(
    db,
    {
      ...{ perBoot: bounds.packetsOfBoot, boots: bounds.machines },
      ...{ waiting: bounds.packetsWaiting, kept: bounds.packetsKept },
    },
    (id) => !dirty.has(id),
  )
  let lastId = await lastAttemptId(db)
  let timer: NodeJS.Timeout | undefined
  let due = Number.POSITIVE_INFINITY
  let writing: Promise<void> = Promise.resolve()
  let claiming: Promise<void> = Promise.resolve()

  for (const attempt of await newestAttempts(db, clock.now() - WEEK, bounds.machines)) live.set(keyOf(attempt), attempt)

  function whoseOf({ mac, system: name, uid, peer }: Seen): Whose | undefined {
    const at = mac ?? (peer === undefined ? undefined : options.macAt(peer))
    const system =
      (uid === undefined ? undefined : options.systemByUid(uid)) ??
      (name === undefined ? undefined : options.systemByName(name)) ??
      (at && options.systemByMac(at))
    if (!system && !at) return undefined
    return { mac: at ?? (system && macsOf(system)[0]), uid: system?.uid, system: system?.name }
  }

  /** Also of a machine that was unknown, and has become a system since. */
  function lastOf(whose: Whose, key: string): BootAttempt | undefined {
    const found = live.get(key)
    if (found || whose.mac === undefined || whose.uid === undefined) return found
    const former = live.get(whose.mac)
    live.delete(whose.mac)
    return former
  }

  function put(key: string, attempt: BootAttempt): void {
    live.delete(key)
    live.set(key, attempt)
    dirty.set(attempt.id, attempt)
    packets.grown(attempt)
    for (const oldest of live.keys()) {
      if (live.size <= bounds.machines) break
      live.delete(oldest)
    }
  }

  function note(of: Seen, told: Sighted): void {
    const whose = whoseOf(of)
    if (!whose) return
    const at = clock.now()
    const seen = cleaned(told)
    const key = keyOf(whose)
    const before = lastOf(whose, key)
    const place = placeOf(before, seen, at)
    if (place === 'none' || (place === 'new' && dirty.size >= bounds.waiting)) return
    if (place === 'same' && before) put(key, grown(before, seen, at, whose))
    else {
      if (before) {
        if (before.mac !== undefined) crowded.add(before.mac)
        if (before.ended === undefined) put(key, ended(before, at, seen))
      }
      put(key, firstOf(++lastId, whose, seen, at, before))
    }
    soon(seen.kind === 'syslog' || seen.kind === 'dns' ? WHILE : MOMENT)
  }

  function keep(of: Seen, seen: readonly Packet[]): void {
    const whose = whoseOf(of)
    const attempt = whose && live.get(keyOf(whose))
    if (!attempt || !isWorthPackets(attempt, seen, clock.now())) return
    packets.keep(attempt, seen)
    soon(WHILE)
  }

  function soon(delay: number): void {
    const at = performance.now() + delay
    if (at >= due) return
    clearTimeout(timer)
    due = at
    timer = setTimeout(flush, delay)
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    due = Number.POSITIVE_INFINITY
    writing = writing.then(writeAll)
    return writing
  }

  async function writeAll(): Promise<void> {
    while (dirty.size > 0 || packets.isWaiting()) {
      const batch = [...dirty.values()].slice(0, MOST_AT_ONCE)
      for (const { id } of batch) dirty.delete(id)
      try {
        await write(batch)
        for (const attempt of batch) bus.emit('written', attempt)
      } catch (error) {
        log.error({ err: error, attempts: batch.length }, 'traces of boots could not be written')
      }
      // Whoever waits for an address comes first.
      await new Promise((next) => setImmediate(next))
    }
  }

  async function write(batch: readonly BootAttempt[]): Promise<void> {
    const macs = [...crowded].slice(0, MOST_AT_ONCE)
    for (const mac of macs) crowded.delete(mac)
    const newest = Math.max(0, ...batch.map(({ id }) => id))
    await db.transaction().execute(async (tx) => {
      await saveAttempts(tx, batch)
      await packets.write(tx)
      await forgetOldAttempts(tx, macs, bounds.perMachine)
      if (newest % 500 < batch.length) await forgetAttempts(tx, newest - bounds.attempts)
    })
  }

  async function claimNow(system: System): Promise<void> {
    const { uid, name } = system
    const its = (attempt: BootAttempt) => ({ ...attempt, uid, system: name, revision: attempt.revision + 1 })
    const formers = macsOf(system).flatMap((mac) => live.get(mac) ?? [])
    if (formers.length === 0) return
    for (const former of formers) {
      live.delete(keyOf(former))
      // Of two machines that have become one, the later boot is the last.
      if ((live.get(uid)?.id ?? 0) > former.id) dirty.set(former.id, its(former))
      else put(uid, its(former))
    }
    await flush()
    const found = await attemptsOf(db, { uid: undefined, macs: macsOf(system) }, { before: undefined, limit: 200 })
    for (const attempt of found) if (attempt.uid === undefined) dirty.set(attempt.id, its(attempt))
    await flush()
  }

  const verdict = (attempt: BootAttempt) => verdictOf(attempt, clock.now(), options.waits)

  return {
    note,
    keep,
    claim(system) {
      claiming = claiming.catch(() => {}).then(() => claimNow(system))
      return claiming
    },
    last: () => live.values(),
    admits(mac, boots) {
      const uid = options.systemByMac(mac)?.uid
      const open = live.get(uid ?? mac)
      if (open && open.ended === undefined) return true
      return dirty.size < bounds.waiting && (boots ? booters : passersBy)()
    },
    async of(machine, page) {
      await flush()
      const { before, limit } = page
      const of =
        typeof machine === 'string'
          ? { uid: options.systemByMac(machine)?.uid, macs: [machine] }
          : { uid: machine.uid, macs: macsOf(machine) }
      return await attemptsOf(db, of, { before, limit })
    },
    async get(id) {
      await flush()
      return await findAttempt(db, id)
    },
    async all(page) {
      await flush()
      return await allAttempts(db, page)
    },
    async capture(id) {
      await flush()
      const attempt = await findAttempt(db, id)
      return attempt && captureOf(attempt, await packets.find(id), verdict(attempt).says)
    },
    newest: (system) => [system.uid, ...macsOf(system)].map((key) => live.get(key)).find(Boolean),
    verdict,
    follow: (listener) => bus.on('written', listener),
    flushed: flush,
  }
}

function keyOf({ uid, mac }: Pick<Whose, 'uid' | 'mac'>): string {
  return uid ?? mac ?? ''
}
