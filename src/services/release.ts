/** Giving a machine back: free again, with nothing of its last owner, to be installed at its next boot, and off. */
import { classesOf } from '../model/custody.ts'
import { OrchestraError } from '../model/errors.ts'
import { type HandedMachine, handedMachine } from '../model/handed-machine.ts'
import { INHERIT } from '../model/item.ts'
import { asAvailable } from '../model/mgmt-class.ts'
import type { System } from '../model/system.ts'
import type { AcquireOptions } from './acquire.ts'
import type { Asker, KeptAnswers } from './kept-answers.ts'

export interface Released {
  readonly system: HandedMachine
  readonly power: PowerOff
}

export interface PowerOff {
  /** The id of the task; null when there is none. */
  readonly task: string | null
  /** One sentence; where there is no task, on what to do by hand. */
  readonly because: string
}

export interface ReleaseOptions extends Pick<AcquireOptions, 'catalog' | 'power' | 'blendSystem'> {
  readonly kept: KeptAnswers
  readonly inTurn: <Result>(task: () => Promise<Result>) => Promise<Result>
}

/** @throws OrchestraError item.missing | machine.free | machine.taken (by two at once) | request.reused */
export type Release = (name: string, asker: Asker) => Promise<Released>

/** What the old protocol hands to a machine through its options. */
const HANDED_OVER = ['MACHINE_ID', 'USER_DATA_BASE64']
/** How often a save is tried again when somebody else's was first. */
const MOST_TRIES = 10
/** Orders to turn off that are remembered by the key they came with. */
const MOST_KEPT = 200

/** What is kept of the answer: the power is another matter. */
interface GivenBack {
  readonly system: HandedMachine
}

export function createRelease({ catalog, power, blendSystem, kept, inTurn }: ReleaseOptions): Release {
  const { custody } = catalog
  /** What became of the power of those that were given back with a key, by key, since the daemon started. */
  const powered = new Map<string, PowerOff>()

  async function release(name: string, asker: Asker): Promise<{ answer: GivenBack; isRepeated: boolean }> {
    const asked = JSON.stringify(['release', name])
    const before = await kept.find<GivenBack>(asker, asked)
    if (before) return { answer: before, isRepeated: true }
    for (let tries = 1; ; tries++) {
      const system = catalog.get('system', name)
      if (!system) throw new OrchestraError('item.missing', `there is no system ${name}`)
      try {
        const saved = await catalog.save('system', givenBack(system), {
          by: asker.user,
          also: (tx, next) => kept.put(tx, asker, asked, handed(next)),
        })
        return { answer: handed(saved), isRepeated: false }
      } catch (error) {
        const isStale = error instanceof OrchestraError && error.code === 'item.stale'
        if (!isStale || tries === MOST_TRIES) throw error
      }
    }
  }

  const handed = (system: System): GivenBack => ({ system: handedMachine(system, blendSystem(system)) })

  function givenBack(system: System): System {
    const classes = classesOf(system)
    const [pair, other] = custody.pairs.filter(({ acquired }) => classes.includes(acquired))
    if (!pair) {
      const words = custody.pairs.map(({ acquired }) => acquired).join(', ')
      throw new OrchestraError('machine.free', `${system.name} is not acquired: it has none of the classes ${words}`)
    }
    if (other) {
      const both = `${pair.acquired} and ${other.acquired}`
      throw new OrchestraError(
        'machine.taken',
        `${system.name} is acquired for ${both} at once; take one of the two classes away (orchestra system edit)`,
      )
    }
    const options = system.meta === INHERIT ? [] : Object.entries(system.meta)
    return {
      ...system,
      mgmtClasses: asAvailable(classes, pair) ?? classes,
      meta:
        system.meta === INHERIT ? INHERIT : Object.fromEntries(options.filter(([key]) => !HANDED_OVER.includes(key))),
      netbootEnabled: true,
    }
  }

  async function turnOff({ name, uid, revision }: HandedMachine, by: string): Promise<PowerOff> {
    const system = catalog.byUid('system', uid)
    if (system?.revision !== revision) {
      return { task: null, because: `${name} was changed since it was given back, so its power is left as it is` }
    }
    const byHand = `turn ${name} off by hand`
    if (system.power.type === '') return { task: null, because: `${name} has no power type: ${byHand}` }
    try {
      const task = await power.start(name, 'off', { by })
      return { task: task.id, because: `${name} is being turned off` }
    } catch (error) {
      if (!(error instanceof OrchestraError)) throw error
      return { task: null, because: `${error.message}; ${byHand}` }
    }
  }

  return async (name, asker) => {
    const { answer, isRepeated } = await inTurn(() => release(name, asker))
    const id = kept.idOf(asker)
    const known = isRepeated && id !== undefined ? powered.get(id) : undefined
    // Repeated after a crash: nobody knows whether the order was given.
    const done = known ?? (await turnOff(answer.system, asker.user))
    if (id !== undefined) remember(powered, id, done)
    return { ...answer, power: done }
  }
}

function remember(map: Map<string, PowerOff>, id: string, done: PowerOff): void {
  map.delete(id)
  map.set(id, done)
  for (const oldest of map.keys()) {
    if (map.size <= MOST_KEPT) return
    map.delete(oldest)
  }
}
