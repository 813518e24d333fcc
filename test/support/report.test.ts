/** The numbers of the last line, from reports as vitest writes them. */
import { expect, test } from 'vitest'
import { addTallies, closingLine, emptyTally, tallyOf } from './report.ts'

const one = (status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo', skipped?: string) => ({
  fullName: `a ${status} test`,
  status,
  meta: skipped === undefined ? {} : { skipped },
})
const file = (status: 'passed' | 'failed', assertionResults: ReturnType<typeof one>[], message = '') => ({
  name: 'a.test.ts',
  status,
  message,
  assertionResults,
})

test('passed, failed and skipped tests are counted, and skipped ones say why', () => {
  const results = [
    one('passed'),
    one('passed'),
    one('failed'),
    one('skipped', 'needs root'),
    one('pending'),
    one('todo'),
  ]
  const tally = tallyOf({ testResults: [file('failed', results), file('passed', [one('passed')])] })
  expect(closingLine(tally)).toBe('3 passed, 1 failed, 3 skipped')
  expect(tally.reasons).toEqual(['a skipped test: needs root'])
  expect(tally.broken).toEqual([])
})

test('a file that failed before its first test counts as a failure of its own', () => {
  const tally = tallyOf({ testResults: [file('failed', [], 'Cannot find module'), file('failed', [one('skipped')])] })
  expect(closingLine(tally)).toBe('0 passed, 2 failed, 1 skipped')
  expect(tally.broken).toEqual(['a.test.ts: Cannot find module', 'a.test.ts: failed as a whole'])
})

test('runs add up', () => {
  const tally = tallyOf({ testResults: [file('passed', [one('passed'), one('skipped', 'why')])] })
  expect(closingLine(addTallies(tally, addTallies(emptyTally(), tally)))).toBe('2 passed, 0 failed, 2 skipped')
  expect(addTallies(tally, tally).reasons).toHaveLength(2)
})
