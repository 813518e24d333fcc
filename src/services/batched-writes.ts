/**
 * Writes that come together go to disk together: a commit costs the disk the same for one as for two hundred. A commit
 * waits as long as each turn of the event loop brings more, and no longer: whoever is alone waits for one turn. But as
 * nothing else is done while the disk writes, it gets a part of the time only: in a rush, commits are larger, not more.
 */
import { steadyClock } from '../lib/clock.ts'

export interface BatchedWrites<Step> {
  /** Answers when these steps are on disk. Rejects when they are not: then they have been taken back. */
  write(steps: readonly Step[]): Promise<void>
  /** Answers when nothing is under way, however it ended. */
  settled(): Promise<void>
  /** Since the start. */
  readonly written: Readonly<Written>
}

export interface Written {
  commits: number
  steps: number
}

interface Batch<Step> {
  readonly steps: Step[]
  readonly done: PromiseWithResolvers<void>
}

/** As many steps are written without waiting for more. */
const ENOUGH = 256
/** After a commit so many times its duration belong to others, but no more than some milliseconds. */
const [REST, LONGEST_REST] = [4, 10]

/**
 * @param save writes all of the steps or none
 * @param takeBack undoes one step in memory; called from the newest to the oldest
 */
export function batchedWrites<Step>(
  save: (steps: readonly Step[]) => Promise<void>,
  takeBack: (step: Step) => void,
  clock = steadyClock,
): BatchedWrites<Step> {
  let waiting: Batch<Step> | undefined
  let underWay: Promise<void> | undefined
  /** Until then the time is others'. */
  let restsUntil = 0
  const written: Written = { commits: 0, steps: 0 }

  /** Node reads at most 32 packets in a turn, however many there are. */
  function gathered(): Promise<void> {
    return new Promise((done) => {
      let before = -1
      const look = () => {
        const now = waiting?.steps.length ?? 0
        if (now === before || now >= ENOUGH) return done()
        before = now
        setImmediate(look)
      }
      setImmediate(look)
    })
  }

  async function run(): Promise<void> {
    while (waiting) {
      const rest = restsUntil - clock.now()
      if (rest > 0) await new Promise((over) => setTimeout(over, rest))
      await gathered()
      const batch = waiting
      waiting = undefined
      const begun = clock.now()
      try {
        await save(batch.steps)
        written.commits++
        written.steps += batch.steps.length
        const now = clock.now()
        restsUntil = now + Math.min(LONGEST_REST, REST * (now - begun))
        batch.done.resolve()
      } catch (error) {
        // What came meanwhile was decided on steps that never happened: it goes with them.
        const failed = [batch, ...laterBatch()]
        for (const { steps } of failed.toReversed()) for (const step of steps.toReversed()) takeBack(step)
        for (const { done } of failed) done.reject(error)
      }
    }
    underWay = undefined
  }

  function laterBatch(): Batch<Step>[] {
    const later = waiting ? [waiting] : []
    waiting = undefined
    return later
  }

  return {
    write(steps) {
      waiting ??= { steps: [], done: Promise.withResolvers() }
      waiting.steps.push(...steps)
      underWay ??= run()
      return waiting.done.promise
    },
    settled: () => underWay ?? Promise.resolve(),
    written,
  }
}
