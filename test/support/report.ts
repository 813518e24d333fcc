/**
 * A test run as numbers: vitest's own JSON reports, added up. Loaded by vitest as a reporter too, to carry the reason of
 * each skipped test into that report, which leaves it out.
 */
import { readFileSync } from 'node:fs'
import type { TestCase } from 'vitest/node'

export interface Tally {
  passed: number
  failed: number
  skipped: number
  /** `name: reason`, for each test that said why it did not run. */
  readonly reasons: string[]
  /** Test files that are broken as a whole: they could not be read, or their set-up failed. */
  readonly broken: string[]
}

export const emptyTally = (): Tally => ({ passed: 0, failed: 0, skipped: 0, reasons: [], broken: [] })

export function addTallies(one: Tally, other: Tally): Tally {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
    reasons: [...one.reasons, ...other.reasons],
    broken: [...one.broken, ...other.broken],
  }
}

/** The line that every run closes with. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** The parts of vitest's JSON report that are read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: 'passed' | 'failed'
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo'
      readonly meta?: { readonly skipped?: string }
    }[]
  }[]
}

export function readReport(path: string): Tally {
  return tallyOf(JSON.parse(readFileSync(path, 'utf8')) as Report)
}

export function tallyOf({ testResults }: Report): Tally {
  const tally = emptyTally()
  for (const file of testResults) {
    const failedBefore = tally.failed
    for (const { status, fullName, meta } of file.assertionResults) {
      if (status === 'passed') tally.passed++
      else if (status === 'failed') tally.failed++
      else tally.skipped++
      if (meta?.skipped) tally.reasons.push(`${fullName}: ${meta.skipped}`)
    }
    // A file that failed before its first test has no failed test to count: it counts itself.
    if (file.status === 'failed' && tally.failed === failedBefore) {
      tally.failed++
      tally.broken.push(`${file.name}: ${file.message || 'failed as a whole'}`)
    }
  }
  return tally
}

// biome-ignore lint/style/noDefaultExport: vitest finds a reporter by its default export
export default class SkipReasons {
  onTestCaseResult(test: TestCase): void {
    const result = test.result()
    if (result.state === 'skipped' && result.note) Object.assign(test.meta(), { skipped: result.note })
  }
}
