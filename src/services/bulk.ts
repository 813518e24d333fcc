/**
 * One action for many machines: who is to be had for it is asked before and again at each machine's turn (model/bulk.ts);
 * what is done goes through the same services as for one machine. A job says how each came out.
 */
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { type BulkAction, type BulkOrder, type NotEligible, notEligible } from '../model/bulk.ts'
import { classesOf } from '../model/custody.ts'
import { OrchestraError } from '../model/errors.ts'
import { hasEnded, type Job, type JobResult, jobOfTask } from '../model/job.ts'
import { custodyOf } from '../model/mgmt-class.ts'
import type { PowerAction, PowerTask } from '../model/power.ts'
import type { System } from '../model/system.ts'
import type { Acquire } from './acquire.ts'
import type { Catalog } from './catalog.ts'
import type { JobEnd, Work } from './job-run.ts'
import type { Jobs } from './jobs.ts'
import type { Power } from './power.ts'
import type { Standings } from './standing.ts'

export interface Bulk {
  /** Who is to be had, and why the others are not. @throws OrchestraError item.invalid: no such profile */
  look(order: BulkOrder, names: readonly string[]): BulkOutlook
  /** @throws as `look` */
  start(order: BulkOrder, names: readonly string[], by: string): Job
}

export interface BulkOutlook {
  readonly eligible: readonly string[]
  readonly not: readonly { readonly system: string; readonly because: string }[]
}

export interface BulkOptions {
  readonly catalog: Pick<Catalog, 'get' | 'save' | 'remove' | 'custody'>
  readonly power: Pick<Power, 'ability' | 'last' | 'task' | 'taskOf' | 'start' | 'finished' | 'cancel'>
  readonly acquire: Acquire
  readonly standings: Pick<Standings, 'of' | 'repair'>
  readonly jobs: Pick<Jobs, 'start'>
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
}

/** What comes of one machine. */
type End = Omit<JobResult, 'system'>

/** What is done to one machine that is to be had for it: a sentence. */
type Deed = (system: System, order: BulkOrder, by: string, work: Work) => Promise<string | End>

/** Orders wait for their wave and for their machine: many are under way at once. What is saved is saved one by one. */
const AT_ONCE = { power: 256, other: 8 } as const
/** How often a change is tried again when somebody else's was first. */
const TRIES = 5

export function createBulk(options: BulkOptions): Bulk {
  const { catalog, power, acquire, standings, jobs, blendSystem, clock, log } = options

  function judge(order: BulkOrder, name: string): (NotEligible & { system?: System }) | { system: System } {
    const system = catalog.get('system', name)
    if (!system) return { because: `there is no system "${name}"`, already: false }
    const blend = blendSystem(system)
    const why = notEligible(order, {
      ...{ system, custody: catalog.custody, standing: standings.of(system), now: clock.now() },
      power: power.ability(name),
      seen: power.taskOf(name) ? undefined : power.last(name),
      unresolved: blend.ok ? undefined : blend.because,
    })
    return why ? { ...why, system } : { system }
  }

  const powered =
    (action: PowerAction): Deed =>
    async ({ name }, _, by, work) => {
      const task = await power.start(name, action, { by, job: work.id })
      const ended = await untilAborted(power.finished(task.id), work.signal)
      if (ended) return endOf(ended)
      const { cancelledBy } = work
      // A daemon that stops ends its orders itself; somebody else's order for the same is not ours to take back.
      if (cancelledBy === undefined || task.job !== work.id) return { outcome: 'running', because: task.because }
      if (power.task(task.id)?.ended === undefined) power.cancel(task.id, cancelledBy)
      return endOf(await power.finished(task.id))
    }

  async function change(name: string, by: string, what: Partial<System>): Promise<void> {
    for (let tries = 1; ; tries++) {
      const system = catalog.get('system', name)
      if (!system) throw new OrchestraError('item.missing', `there is no system "${name}"`)
      try {
        await catalog.save('system', { ...system, ...what }, { by })
        return
      } catch (error) {
        if (!(error instanceof OrchestraError) || error.code !== 'item.stale' || tries === TRIES) throw error
      }
    }
  }

  const DEEDS: Record<BulkAction, Deed> = {
    on: powered('on'),
    off: powered('off'),
    reboot: powered('reboot'),
    async acquire(system, _, by) {
      const whose = custodyOf(classesOf(system), catalog.custody.pairs)
      const pair = whose.state === 'available' ? { pair: whose.pair.available } : {}
      const taken = await acquire.acquire({ classes: [], name: system.name, ...pair, dryRun: false }, { user: by })
      if (taken.ok) return `${system.name} is acquired: its classes are ${taken.system.mgmtClasses.join(' ')}`
      const own = taken.passedOver.find(({ name }) => name === system.name)
      return { outcome: 'failed', because: own?.because ?? taken.because }
    },
    async release({ name }, _, by) {
      const { system, power: off } = await acquire.release(name, { user: by })
      return `${name} is given back: its classes are ${system.mgmtClasses.join(' ')}; ${off.because}`
    },
    async 'netboot-on'({ name }, _, by) {
      await change(name, by, { netbootEnabled: true })
      return `netboot of ${name} is on: its next boot installs it`
    },
    async 'netboot-off'({ name }, _, by) {
      await change(name, by, { netbootEnabled: false })
      return `netboot of ${name} is off: its next boot goes to the disk`
    },
    async profile({ name }, { profile = '' }, by) {
      await change(name, by, { profile })
      return `the profile of ${name} is ${profile}`
    },
    async repair({ name }, _, by) {
      const { stage } = await standings.repair(name, by)
      return `${name} counts as mended: ${stage}`
    },
    async remove({ name, revision }) {
      await catalog.remove('system', name, { recursive: false, revision })
      return `${name} is removed`
    },
  }

  async function doOne(order: BulkOrder, name: string, by: string, work: Work): Promise<End> {
    const judged = judge(order, name)
    if ('because' in judged) return { outcome: judged.already ? 'done' : 'failed', because: judged.because }
    work.result({ system: name, outcome: 'running', because: 'under way' })
    try {
      const end = await DEEDS[order.action](judged.system, order, by, work)
      return typeof end === 'string' ? { outcome: 'done', because: end } : end
    } catch (error) {
      if (error instanceof OrchestraError) return { outcome: 'failed', because: error.message }
      log.error({ err: error, system: name, action: order.action }, 'an action for many failed at one')
      return { outcome: 'failed', because: 'something is broken in Orchestra; its log says what' }
    }
  }

  async function doAll(order: BulkOrder, names: readonly string[], by: string, work: Work): Promise<JobEnd> {
    const waiting = names.values()
    const failed: string[] = []
    let done = 0
    work.progress(0, names.length)
    const worker = async () => {
      for (const name of waiting) {
        if (work.signal.aborted) return
        const end = await doOne(order, name, by, work)
        if (!hasEnded({ state: end.outcome })) continue
        work.result({ system: name, ...end })
        work.say(end.because.includes(name) ? end.because : `${name}: ${end.because}`)
        work.progress(++done, names.length)
        if (end.outcome === 'failed') failed.push(name)
      }
    }
    await Promise.all(Array.from({ length: isPower(order) ? AT_ONCE.power : AT_ONCE.other }, worker))
    work.signal.throwIfAborted()
    if (failed.length === 0) return { state: 'done', because: `${done} of ${names.length} are done` }
    return { state: 'failed', because: `${failed.length} of ${names.length} failed: ${someOf(failed)}` }
  }

  function check({ action, profile }: BulkOrder): void {
    if (action !== 'profile') return
    if (profile !== undefined && catalog.get('profile', profile)) return
    const because = profile === undefined ? 'say which profile they get' : `there is no profile "${profile}"`
    throw new OrchestraError('item.invalid', because, { field: 'profile' })
  }

  return {
    look(order, names) {
      check(order)
      const judged = [...new Set(names)].map((name) => ({ name, ...judge(order, name) }))
      return {
        eligible: judged.filter((one) => !('because' in one)).map(({ name }) => name),
        not: judged.flatMap((one) => ('because' in one ? [{ system: one.name, because: one.because }] : [])),
      }
    },
    start(order, given, by) {
      check(order)
      const names = [...new Set(given)]
      const waits = { outcome: 'waiting', because: 'waits for its turn' } as const
      return jobs.start({
        ...{ kind: 'bulk', title: titleOf(order, names), by, because: 'waits for its turn' },
        results: names.map((system) => ({ system, ...waits })),
        run: (work) => doAll(order, names, by, work),
      }).job
    },
  }
}

function endOf(task: PowerTask): End {
  const { state, because } = jobOfTask(task)
  return { outcome: state, because }
}

/** Undefined: it was not waited for. */
async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  const aborted = Promise.withResolvers<undefined>()
  const leave = () => aborted.resolve(undefined)
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

const isPower = ({ action }: BulkOrder) => action === 'on' || action === 'off' || action === 'reboot'

function titleOf(order: BulkOrder, names: readonly string[]): string {
  const { action, profile } = order
  const what = isPower(order)
    ? `power ${action}`
    : action === 'profile'
      ? `profile ${profile}`
      : action.replace('-', ' ')
  const [only] = names
  return `${what} of ${names.length === 1 && only !== undefined ? only : `${names.length} machines`}`
}

function someOf(names: readonly string[]): string {
  const said = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${said} and ${names.length - 5} more` : said
}
