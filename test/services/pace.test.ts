/** Places and turns: who goes first, who leaves early, and who gives up. */
import { expect, test } from 'vitest'
import { gateOf, paceOf } from '../../src/services/pace.ts'
import { toldTime } from '../support/told-time.ts'

const settled = () => new Promise((done) => setImmediate(done))

function door(limit: number) {
  const gate = gateOf(limit)
  const inside: string[] = []
  const leaves = new Map<string, () => void>()
  const ends = new Map<string, () => void>()
  return {
    inside,
    leave: (name: string) => leaves.get(name)?.(),
    end: (name: string) => ends.get(name)?.(),
    go: (name: string, isPatient = false, signal = new AbortController().signal) =>
      gate({ signal, isPatient }, (leave) => {
        inside.push(name)
        leaves.set(name, leave)
        return new Promise<void>((end) => ends.set(name, end))
      }),
  }
}

test('a gate lets the patient in behind all others', async () => {
  const { go, end, inside } = door(1)
  const [first] = [go('first'), go('poll', true), go('person')]
  await settled()
  expect(inside).toEqual(['first'])
  end('first')
  await first
  await settled()
  expect(inside).toEqual(['first', 'person'])
})

test('who leaves before the end makes room, once', async () => {
  const { go, leave, end, inside } = door(1)
  const [silent] = [go('silent'), go('second'), go('third')]
  await settled()
  leave('silent')
  leave('silent')
  await settled()
  expect(inside).toEqual(['silent', 'second'])
  end('silent')
  await silent
  await settled()
  expect(inside).toEqual(['silent', 'second'])
})

test('who gives up in the line is gone at once, and takes no place', async () => {
  const { go, end, inside } = door(1)
  const stop = new AbortController()
  void go('first')
  const given = go('given up', false, stop.signal)
  void go('last')
  await settled()
  stop.abort('no more')
  await expect(given).rejects.toBe('no more')
  end('first')
  await settled()
  expect(inside).toEqual(['first', 'last'])
})

test('who gives up before its turn of a wave does not wait for it', async () => {
  const time = toldTime()
  const pace = paceOf({ wave: 1, within: 10_000, clock: time.clock, wait: time.wait })
  const stop = new AbortController()
  const going = new AbortController().signal
  await pace(going)
  const second = pace(going)
  const third = pace(stop.signal)
  const fourth = pace(going)
  await settled()
  stop.abort('no more')
  await expect(third).rejects.toBe('no more')
  await time.pass(10_000)
  await second
  await time.pass(10_000)
  await fourth
  expect(time.sleepers.size).toBe(0)
})
