/** A boot as a picture: phases, lanes, the axis, and spans in words. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TraceEntry, TraceKind, TraceSign } from '../../../src/model/trace.ts'
import {
  durationOf,
  lanesOf,
  phasesInWords,
  phasesOf,
  scaleOf,
  spanOfEntry,
} from '../../../src/ui/pages/machine/phases.ts'
import { bytesOf } from '../../../src/ui/parts/sizes.ts'

function entry(at: number, kind: TraceKind, sign?: TraceSign, more: Partial<TraceEntry> = {}): TraceEntry {
  return { n: at, at, kind, outcome: 'ok', text: `${kind} ${sign}`, revision: at, ...(sign && { sign }), ...more }
}

const install = [
  entry(1000, 'power', 'power-order'),
  entry(3000, 'power', 'power-on'),
  entry(9000, 'dhcp', 'offer'),
  entry(9500, 'dhcp', 'address'),
  entry(10_000, 'step', 'loader'),
  entry(11_000, 'decision', 'install'),
  entry(12_000, 'step', 'kernel'),
  entry(20_000, 'step', 'preseed'),
  entry(21_000, 'syslog'),
  entry(200_000, 'step', 'installed'),
  entry(230_000, 'dhcp', 'offer'),
  entry(231_000, 'step', 'loader'),
  entry(232_000, 'decision', 'disk'),
  entry(260_000, 'step', 'ready'),
]

describe('phases', () => {
  test('last until the next one begins, and the second boot of an install is its first boot', () => {
    expect(phasesOf(install, 261_000)).toEqual([
      { name: 'Power on', from: 1000, to: 9000 },
      { name: 'DHCP', from: 9000, to: 10_000 },
      { name: 'Loader', from: 10_000, to: 11_000 },
      { name: 'Boot script', from: 11_000, to: 12_000 },
      { name: 'Kernel', from: 12_000, to: 20_000 },
      { name: 'Preseed', from: 20_000, to: 200_000 },
      { name: 'First boot', from: 200_000, to: 260_000 },
      { name: 'Ready', from: 260_000, to: 261_000 },
    ])
  })

  test('are none where nothing was seen, and never end before they begin', () => {
    expect(phasesOf([], 5)).toEqual([])
    expect(phasesOf([entry(9000, 'dhcp', 'discover')], 100)).toEqual([{ name: 'DHCP', from: 9000, to: 9000 }])
  })

  test('are told in words to those who do not see the picture', () => {
    expect(phasesInWords(phasesOf(install.slice(0, 5), 10_050))).toBe('Power on 8.0 s, DHCP 1.0 s, Loader 50 ms')
  })
})

describe('lanes', () => {
  test('are those that there are, in one order; a kind that is new comes last', () => {
    const strange = entry(5, 'smoke' as TraceKind)
    expect(lanesOf([strange, ...install]).map(({ kind }) => kind)).toEqual([
      ...['power', 'dhcp', 'syslog', 'decision', 'step'],
      'smoke',
    ])
  })

  test('show a transfer from its beginning, and a repetition to its end', () => {
    expect(spanOfEntry(entry(500, 'tftp', undefined, { milliseconds: 200 }))).toEqual([300, 500])
    expect(spanOfEntry(entry(500, 'dhcp', undefined, { until: 900 }))).toEqual([500, 900])
  })
})

describe('the axis', () => {
  test('keeps the order of moments between 0 and 1, by time and by steps', () => {
    const moments = fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(moments, fc.constantFrom('time' as const, 'steps' as const), (all, name) => {
        const place = scaleOf(name, all)
        const sorted = [...all].sort((one, other) => one - other)
        for (const [index, at] of sorted.entries()) {
          expect(place(at)).toBeGreaterThanOrEqual(place(sorted[index - 1] ?? at))
          expect(place(at)).toBeGreaterThanOrEqual(0)
          expect(place(at)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  test('gives each step the same room', () => {
    const place = scaleOf('steps', [0, 10, 1000])
    expect([0, 10, 505, 1000].map(place)).toEqual([0, 0.5, 0.75, 1])
    expect(scaleOf('time', [0, 10, 1000])(10)).toBe(0.01)
  })
})

test('spans and sizes are told so that people can compare them', () => {
  expect([0, 99, 350, 4200, 12_345, 119_000, 200_000, 180_000, 7_500_000].map(durationOf)).toEqual([
    ...['0 ms', '99 ms', '0.35 s', '4.2 s', '12 s', '119 s', '3 min 20 s', '3 min', '2 h 5 min'],
  ])
  expect([0, 512, 50_000, 1_500_000, 310_000_000, 4_700_000_000].map(bytesOf)).toEqual([
    ...['0 B', '512 B', '50 kB', '1.5 MB', '310 MB', '4.7 GB'],
  ])
})
