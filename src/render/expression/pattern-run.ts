/** Runs a pattern over a text: all ways at once (Pike's machine), so that no expression can take longer than its length × the text's. */
import { type Budget, spend } from './budget.ts'
import type { Pattern } from './pattern.ts'

/** Start and end of the whole and of each group; undefined where a group took no part. */
export type Slots = readonly (number | undefined)[]

export type Anchor = 'anywhere' | 'here' | 'whole'

interface Thread {
  readonly pc: number
  readonly slots: Slots
}

export function runPattern(
  { program, groups }: Pattern,
  text: string,
  from: number,
  anchor: Anchor,
  budget: Budget,
): Slots | undefined {
  let threads: Thread[] = []
  let found: Slots | undefined
  let seen = new Set<number>()
  const none: Slots = new Array<undefined>((groups + 1) * 2).fill(undefined)

  for (let at = from; at <= text.length; at++) {
    // A new start has the lowest rank: the match that begins first wins.
    if (!found && (anchor === 'anywhere' || at === from)) follow(threads, 0, none, at)
    if (threads.length === 0 && (found || anchor !== 'anywhere')) break
    spend(budget, 1 + threads.length)
    const next: Thread[] = []
    seen = new Set()
    for (const { pc, slots } of threads) {
      const step = program[pc]
      if (step?.op === 'match') {
        if (anchor === 'whole' && at !== text.length) continue
        found = slots
        // Those that follow are of lower rank.
        break
      }
      const char = text[at]
      if (step?.op === 'char' && char !== undefined && step.test(char)) follow(next, pc + 1, slots, at + 1)
    }
    threads = next
  }
  return found

  /** Adds the thread, and all that it becomes without reading a character, in order of rank. */
  function follow(into: Thread[], start: number, withSlots: Slots, at: number): void {
    const pending: Thread[] = [{ pc: start, slots: withSlots }]
    for (let thread = pending.pop(); thread; thread = pending.pop()) {
      const { pc, slots } = thread
      if (seen.has(pc)) continue
      seen.add(pc)
      spend(budget, 1)
      const step = program[pc]
      switch (step?.op) {
        case 'jump':
          pending.push({ pc: step.to, slots })
          break
        case 'split':
          pending.push({ pc: step.second, slots }, { pc: step.first, slots })
          break
        case 'save':
          spend(budget, slots.length >> 2)
          pending.push({ pc: pc + 1, slots: slots.with(step.slot, at) })
          break
        case 'assert':
          if (step.test(text, at)) pending.push({ pc: pc + 1, slots })
          break
        default:
          into.push(thread)
      }
    }
  }
}
