/**
 * The traces of boots: whoever sees something of a machine notes it here, and it goes to the machine's boot (model/trace.ts
 * says to which). All that is under way is in memory, within bounds, and written behind: nobody waits for the disk.
 */
import type { Clock } from '../lib/clock.ts'
import { eventBus } from '../lib/events.ts'
import type { Log } from '../lib/log.ts'
import type { Mac } from '../model/address.ts'
import { macsOf, type System } from '../model/system.ts'
import { type BootAttempt, ended, firstOf, grown, placeOf, type Sighted, type Whose } from '../model/trace.ts'
import { type Verdict, verdictOf } from '../model/verdict.ts'
import type { Waits } from '../model/verdict-waits.ts'
import type { Db } from '../store/db.ts'
import {
  attemptsOf,
  findAttempt,
  forgetAttempts,
  forgetOldAttempts,
  lastAttemptId,
  newestAttempts,
  saveAttempts,
} from '../store/traces.ts'
import { tokenBucket } from './trace-bucket.ts'

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

export interface AttemptPage {
  /** Attempts with a lesser id; undefined: from the newest on. */
  readonly before?: number | undefined
  readonly limit: number
}

export interface Traces {
  /** Never waits, never throws; what belongs to no machine is forgotten. */
  readonly note: NoteTrace
  /** Is there room for this machine? Asked before anything else is done for an exchange of DHCP. */
  admits(mac: Mac, boots: boolean): boolean
  /** The newest first. */
  of(machine: System | Mac, page: AttemptPage): Promise<BootAttempt[]>
  get(id: number): Promise<BootAttempt | undefined>
  /** The last of a system, from memory. */
  newest(system: System): BootAttempt | undefined
  /** How many machines there are, in memory, that are no system. */
  unknown(): number
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
  readonly bounds?: Partial<Bounds>
}

interface Bounds {
  /** Machines in memory. */
  readonly machines: number
  /** Attempts kept of each MAC, and of all. */
  readonly perMachine: number
  readonly attempts: number
  /** Attempts that wait for the disk; no machine gets a new one then. */
  readonly waiting: number
}

const BOUNDS: Bounds = { machines: 8_000, perMachine: 20, attempts: 50_000, waiting: 20_000 }
/** Milliseconds for which a note may wait for others to be written with it; what a machine only says in its log can wait. */
const [MOMENT, WHILE] = [200, 2_000]
/** So many go into one transaction, which nothing else can run beside. */
const MOST_AT_ONCE = 200
/** Older boots are not gone on with after a restart. */
const WEEK = 7 * 24 * 3_600_000

export async function openTraces(options: TracesOptions): Promise<Traces> {
  const { db, clock, log } = options
  const bounds = { ...BOUNDS, ...options.bounds }
  const bus = eventBus<{ written: BootAttempt }>((error) => log.error({ err: error }, 'a follower of a trace failed'))
  /** The last attempt of each machine, the one that was seen longest ago first. */
  const live = new Map<string, BootAttempt>()
  const dirty = new Map<number, BootAttempt>()
  const crowded = new Set<string>()
  // Whoever only wants an address may do so in thousands; whoever boots is what people look for.
  const passersBy = tokenBucket(clock, { burst: 200, perSecond: 20 })
  const booters = tokenBucket(clock, { burst: 10_000, perSecond: 500 })
  let lastId = await lastAttemptId(db)
  let timer: NodeJS.Timeout | undefined
  let due = Number.POSITIVE_INFINITY
  let writing: Promise<void> = Promise.resolve()

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
    while (dirty.size > 0) {
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
    const newest = Math.max(...batch.map(({ id }) => id))
    await db.transaction().execute(async (tx) => {
      await saveAttempts(tx, batch)
      await forgetOldAttempts(tx, macs, bounds.perMachine)
      if (newest % 500 < batch.length) await forgetAttempts(tx, newest - bounds.attempts)
    })
  }

  return {
    note,
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
    newest: (system) =>
      live.get(system.uid) ??
      macsOf(system)
        .map((mac) => live.get(mac))
        .find(Boolean),
    unknown() {
      let count = 0
      for (const { uid, mac } of live.values()) if (uid === undefined && mac && !options.systemByMac(mac)) count++
      return count
    },
    verdict: (attempt) => verdictOf(attempt, clock.now(), options.waits),
    follow: (listener) => bus.on('written', listener),
    flushed: flush,
  }
}

function keyOf({ uid, mac }: Pick<Whose, 'uid' | 'mac'>): string {
  return uid ?? mac ?? ''
}

/** Much of it was said by machines: one line each, of a bounded length, without control characters. */
function cleaned(seen: Sighted): Sighted {
  const { text, because, path } = seen
  return {
    ...seen,
    text: plain(text, 300),
    ...(because !== undefined && { because: plain(because, 500) }),
    ...(path !== undefined && { path: plain(path, 200) }),
  }
}

const ALWAYS_PLAIN = /^[\x20-\x7e]*$/
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

function plain(text: string, most: number): string {
  const clean = ALWAYS_PLAIN.test(text) ? text : text.replace(UNPRINTABLE, ' ')
  return clean.length > most ? `${clean.slice(0, most - 1)}…` : clean
}
