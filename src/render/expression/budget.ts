/** How much work one rendering may be: a template is somebody else's program, and must end soon whatever it says. */
import { Fault } from './fault.ts'

export interface Budget {
  steps: number
  /** How deep expressions, blocks and snippets are inside each other now. */
  depth: number
}

/** Some tenths of a second at worst; a kickstart with all of Cobbler's stock snippets takes less than ten thousand. */
const MOST_STEPS = 1_000_000
const MOST_DEPTH = 300
const MOST_TEXT = 1024 * 1024
const MOST_OUTPUT = 8 * 1024 * 1024
const MOST_DIGITS = 1_000n

export function newBudget(): Budget {
  return { steps: MOST_STEPS, depth: 0 }
}

export function spend(budget: Budget, steps: number): void {
  budget.steps -= steps
  if (budget.steps < 0) throw new Fault(`rendering takes more than ${MOST_STEPS} steps; does something never end?`)
}

/** Before a text of this length is made. What is made counts, so that no doubling gets far. */
export function spendText(budget: Budget, length: number): void {
  if (length > MOST_TEXT) throw new Fault(`a text would be longer than ${MOST_TEXT} characters`)
  spend(budget, 1 + (length >>> 4))
}

/** Before one text is looked for in another, which may take the product of their lengths. */
export function spendSearch(budget: Budget, length: number, sought: number): void {
  spend(budget, 1 + (length >>> 3) * (1 + (sought >>> 6)))
}

/** A rendered text, or a part of it, has become this long. */
export function spendOutput(budget: Budget, length: number, total: number): void {
  spend(budget, 1 + (length >>> 4))
  if (total > MOST_OUTPUT) throw new Fault(`the rendered text would be longer than ${MOST_OUTPUT} characters`)
}

export function deeper<Result>(budget: Budget, run: () => Result): Result {
  if (++budget.depth > MOST_DEPTH) {
    budget.depth = 0
    throw new Fault(`it is nested more than ${MOST_DEPTH} deep; does it include itself?`)
  }
  try {
    return run()
  } finally {
    budget.depth--
  }
}

/** Numbers of a template count things; one of a thousand digits is an attack or a mistake. */
export function boundedInt(value: bigint): bigint {
  const most = 10n ** MOST_DIGITS
  if (value > most || value < -most) throw new Fault('a number is too large')
  return value
}
