/**
 * Taking a machine and giving it back, each in one step: of all who ask at once, by whatever door, one gets it. With a key a
 * request can be sent twice, also when the daemon died in between: the answer is written in the transaction of the deed.
 */
import type { Clock } from '../lib/clock.ts'
import { globMatcher } from '../lib/glob.ts'
import { oneAtATime } from '../lib/one-at-a-time.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { classesOf } from '../model/custody.ts'
import { OrchestraError } from '../model/errors.ts'
import { type HandedMachine, handedMachine } from '../model/handed-machine.ts'
import { asAcquired, type ClassPair } from '../model/mgmt-class.ts'
import type { System } from '../model/system.ts'
import { archOf, passedOverBecause, type WantedMachine } from '../model/wanted-machine.ts'
import type { Db } from '../store/db.ts'
import { findRelease } from '../store/idempotency.ts'
import type { Catalog, SaveOptions } from './catalog.ts'
import { type Asker, keptAnswers } from './kept-answers.ts'
import type { Power } from './power.ts'
import { createRelease, type Released } from './release.ts'

export interface AcquireRequest {
  /** The machine must have all of them. */
  readonly classes: readonly string[]
  readonly arch?: string | undefined
  /** A name, or a pattern of a shell. */
  readonly name?: string | undefined
  /** One of the classes of a pair; unset: the first pair that has any machine. */
  readonly pair?: string | undefined
  /** Say what would be taken, and take nothing. */
  readonly dryRun: boolean
}

export interface PassedOver {
  readonly name: string
  readonly because: string
}

export interface Acquired {
  readonly ok: true
  readonly system: HandedMachine
  readonly dryRun: boolean
  /** Those that were looked at before, and why they were not taken: the first of them. */
  readonly passedOver: readonly PassedOver[]
  readonly morePassedOver: number
}

export interface NoneFree {
  readonly ok: false
  /** One sentence that lists them. */
  readonly because: string
  readonly passedOver: readonly PassedOver[]
}

export interface Acquire {
  /** @throws OrchestraError item.invalid (no such pair) | request.reused */
  acquire(request: AcquireRequest, asker: Asker): Promise<Acquired | NoneFree>
  /** @throws what release.ts throws */
  release(name: string, asker: Asker): Promise<Released>
}

export interface AcquireOptions {
  readonly db: Db
  readonly catalog: Catalog
  readonly clock: Clock
  readonly power: Pick<Power, 'start'>
  readonly blendSystem: (system: System) => Blend | Unresolved
}

/** As many are listed in an answer that is kept, and in a sentence. */
const MOST_KEPT = 200
const MOST_SAID = 20
/** How often a save is tried again when somebody else's was first. */
const MOST_TRIES = 10

export function createAcquire(options: AcquireOptions): Acquire {
  const { db, catalog, clock, blendSystem } = options
  const { custody } = catalog
  const inTurn = oneAtATime()
  const kept = keptAnswers(db, clock)

  async function acquire(request: AcquireRequest, asker: Asker): Promise<Acquired | NoneFree> {
    const wanted = wantedBy(request)
    const { classes, arch, name, pair } = request
    const asked = JSON.stringify(['acquire', [...new Set(classes)].sort(), arch && archOf(arch), name, pair])
    const before = request.dryRun ? undefined : await kept.find<Acquired>(asker, asked)
    if (before) return stillHeld(before, asker)

    const passedOver: PassedOver[] = []
    const answerOf = (system: System): Acquired => ({
      ok: true,
      system: handedMachine(system, blendSystem(system)),
      dryRun: request.dryRun,
      passedOver: passedOver.slice(0, MOST_KEPT),
      morePassedOver: Math.max(passedOver.length - MOST_KEPT, 0),
    })
    for (const candidate of candidates(wanted.pair, request.name)) {
      const because = passedOverBecause(candidate, wanted, custody, blendSystem)
      if (because === undefined && request.dryRun) return answerOf(candidate)
      const taken =
        because ?? (await take(candidate, wanted, asker, (tx, saved) => kept.put(tx, asker, asked, answerOf(saved))))
      if (typeof taken !== 'string') return answerOf(taken)
      passedOver.push({ name: candidate.name, because: taken })
    }
    const isUnknown = name !== undefined && !isPattern(name) && !catalog.get('system', name)
    const because = isUnknown ? `there is no system ${name}` : noneFree(wanted.pair, passedOver)
    return { ok: false, because, passedOver }
  }

  /** Takes it, or says who was faster. A change that leaves it free is none of our business. */
  async function take(
    first: System,
    wanted: WantedMachine,
    { user }: Asker,
    also: NonNullable<SaveOptions<'system'>['also']>,
  ): Promise<System | string> {
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const candidate = tries === 1 ? first : catalog.byUid('system', first.uid)
      const because = candidate && passedOverBecause(candidate, wanted, custody, blendSystem)
      const mgmtClasses = candidate && asAcquired(classesOf(candidate), wanted.pair)
      if (!candidate || !mgmtClasses || because !== undefined) break
      try {
        return await catalog.save('system', { ...candidate, mgmtClasses }, { by: user, also })
      } catch (error) {
        if (!(error instanceof OrchestraError) || error.code !== 'item.stale') throw error
      }
    }
    return 'somebody else was faster'
  }

  /** In order of name: those of the pair, and one that is called by its name. */
  function candidates({ available, acquired }: ClassPair, name: string | undefined): readonly System[] {
    const only = name === undefined ? undefined : catalog.get('system', name)
    if (only) return [only]
    const isOne = (classes: readonly string[]) => classes.includes(available) || classes.includes(acquired)
    return catalog.list('system').filter((system) => isOne(classesOf(system)) || system.name === name)
  }

  function wantedBy({ classes, arch, name, pair }: AcquireRequest): WantedMachine {
    const { pairs } = custody
    const taken = pairs.find(({ acquired }) => classes.includes(acquired))
    if (taken) {
      throw new OrchestraError(
        'item.invalid',
        `${taken.acquired} is what a machine gets when it is taken; name classes that it must have`,
        { field: 'classes' },
      )
    }
    const chosen =
      pair === undefined
        ? (pairs.find(({ available }) => classes.includes(available)) ??
          pairs.find((one) => candidates(one, undefined).length > 0) ??
          pairs[0])
        : pairs.find(({ available, acquired }) => pair === available || pair === acquired)
    if (!chosen) {
      const known = pairs.map(({ available, acquired }) => `${available}/${acquired}`).join(', ')
      throw new OrchestraError(
        'item.invalid',
        `there is no pair of classes ${pair === undefined ? 'at all' : `with "${pair}"`}; the setting "classes" has: ${known || 'none'}`,
        { field: 'pair' },
      )
    }
    const isNamed =
      name !== undefined && isPattern(name)
        ? globMatcher(name)
        : (other: string) => name === undefined || other === name
    return { pair: chosen, classes, arch, isNamed }
  }

  /** The same answer again, unless the machine has gone another way since: then it is somebody else's by now. */
  async function stillHeld(answer: Acquired, { key }: Asker): Promise<Acquired> {
    const { uid, name, revision } = answer.system
    const released = await findRelease(db, uid, clock.now())
    if (catalog.byUid('system', uid) && (released ?? 0) < revision) return answer
    throw new OrchestraError(
      'request.reused',
      `the key "${key}" took ${name}, which was given back or removed since; use another key`,
    )
  }

  return {
    acquire: (request, asker) => inTurn(() => acquire(request, asker)),
    release: createRelease({ ...options, kept, inTurn }),
  }
}

function isPattern(name: string): boolean {
  return /[*?[]/.test(name)
}

function noneFree({ available }: ClassPair, passedOver: readonly PassedOver[]): string {
  if (passedOver.length === 0) return `no machine is free: none has the class ${available}`
  const said = passedOver.slice(0, MOST_SAID).map(({ name, because }) => `${name}: ${because}`)
  const more = passedOver.length - said.length
  return `no machine is free: ${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}
