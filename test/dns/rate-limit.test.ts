/** The rate of DNS answers to one network, second by second. */
import { expect, test } from 'vitest'
import { createRateLimit } from '../../src/dns/rate-limit.ts'

const start = (rate = { perSecond: 2, burst: 3 }) => {
  let now = 1_000_000
  const limit = createRateLimit(rate, { now: () => now })
  const spend = (peer: string, times: number) => Array.from({ length: times }, () => limit.spend(peer))
  const pass = (milliseconds: number) => {
    now += milliseconds
  }
  return { spend, pass }
}

test('answers a burst, then every second question with a word to ask by TCP, and fills up again', () => {
  const { spend, pass } = start()
  expect(spend('10.0.0.1', 7)).toEqual(['answer', 'answer', 'answer', 'truncate', 'drop', 'truncate', 'drop'])
  pass(1000)
  expect(spend('10.0.0.1', 3)).toEqual(['answer', 'answer', 'truncate'])
  pass(60_000)
  expect(spend('10.0.0.1', 4)).toEqual(['answer', 'answer', 'answer', 'truncate'])
})

test('counts by network, so that a forger gains nothing by other addresses of it', () => {
  const { spend } = start()
  expect(spend('10.0.0.1', 3)).not.toContain('drop')
  expect(spend('10.0.0.200', 1)).toEqual(['truncate'])
  expect(spend('::ffff:10.0.0.7', 1)).toEqual(['drop'])
  expect(spend('10.0.1.1', 1)).toEqual(['answer'])
  expect(spend('2001:db8:1:ab01::1', 3)).toEqual(['answer', 'answer', 'answer'])
  expect(spend('2001:db8:1:abff::2', 1)).toEqual(['truncate'])
})

test('remembers no more networks than it has room for', () => {
  const { spend } = start()
  spend('10.0.0.1', 3)
  for (let index = 0; index < 10_000; index++) spend(`11.${index >> 8}.${index & 255}.1`, 1)
  expect(spend('10.0.0.1', 1)).toEqual(['answer'])
})
