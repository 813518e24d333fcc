import { pino } from 'pino'
import { expect, test } from 'vitest'
import { complaints } from '../../src/lib/complaints.ts'

test('a peer’s faults are said once, and again when there are ten times as many', () => {
  const lines: { peer: string; count?: number; msg: string }[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const complain = complaints(log)
  for (let i = 0; i < 1000; i++) complain('10.0.0.1', `fault ${i}`)
  complain('10.0.0.2', 'another')
  expect(lines.map(({ peer, count, msg }) => [peer, count, msg])).toEqual([
    ['10.0.0.1', undefined, 'fault 0; more of the like from this peer is not logged'],
    ['10.0.0.1', 10, '10 times now: fault 9'],
    ['10.0.0.1', 100, '100 times now: fault 99'],
    ['10.0.0.1', 1000, '1000 times now: fault 999'],
    ['10.0.0.2', undefined, 'another; more of the like from this peer is not logged'],
  ])
})

test('more peers than anybody has are forgotten, and nothing grows', () => {
  let count = 0
  const log = pino({ level: 'debug' }, { write: () => void count++ })
  const complain = complaints(log)
  for (let i = 0; i < 5000; i++) complain(`peer ${i}`, 'fault')
  expect(count).toBe(5000)
})
