/**
 * What `npm run fuzz` puts in the place of fast-check: the same, but each property runs for a time and not for a number, and says how
 * often it was tried. The time and the seed come by environment.
 */

import * as real from 'fast-check'
import { expect } from 'vitest'

const seconds = Number(process.env['FUZZ_SECONDS'] ?? 1)
const seed = process.env['FUZZ_SEED']

function report<Values>(details: real.RunDetails<Values>): void {
  const { testPath = '', currentTestName = '' } = expect.getState()
  const name = `${testPath.replace(/^.*\/test\//, 'test/')} > ${currentTestName}`
  process.stdout.write(`fuzz ${details.numRuns} runs, seed ${details.seed}: ${name}\n`)
  if (!details.failed) return
  const message = real.defaultReportMessage(details) ?? 'a property failed'
  throw new Error(message, { cause: details.errorInstance })
}

export function assert<Values>(
  property: real.IAsyncProperty<Values> | real.IProperty<Values>,
  given: real.Parameters<Values> = {},
): unknown {
  // A test's own seed is for tests: whoever fuzzes wants others.
  const { seed: _fixed, ...others } = given
  const more = seed === undefined ? {} : { seed: Number(seed) }
  const asserted: unknown = real.assert(property as real.IProperty<Values>, {
    ...{ ...others, ...more, numRuns: 1_000_000_000 },
    ...{ interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false },
    reporter: report,
  })
  return asserted instanceof Promise ? asserted.finally(() => Promise.allSettled(running)) : asserted
}

type Predicate = (...values: readonly unknown[]) => Promise<unknown>

/** Runs that are under way: the time may be over in the middle of one, and what it has open is no leak. */
const running = new Set<Promise<unknown>>()

function asyncPropertyToItsEnd(...given: readonly unknown[]): unknown {
  const predicate = given.at(-1) as Predicate
  const kept: Predicate = (...values) => {
    const run = predicate(...values)
    running.add(run)
    return run.finally(() => running.delete(run))
  }
  return (real.asyncProperty as (...given: readonly unknown[]) => unknown)(...given.slice(0, -1), kept)
}

export const asyncProperty = asyncPropertyToItsEnd as typeof real.asyncProperty

// Tests import the library by its default, or all of its names: what is not here is the library's.
export * from 'fast-check'

const fuzzing = { ...real, assert, asyncProperty }

export { fuzzing as default }
