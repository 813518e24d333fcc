/** Other DHCP servers: remembered within bounds, news once an hour, forgotten after a day. */
import { expect, test } from 'vitest'
import { ipv4OfNumber } from '../../src/model/address.ts'
import { watchForeignDhcp } from '../../src/services/foreign-dhcp.ts'
import { ip } from '../support/dhcp.ts'

const HOUR = 3_600_000

function watching() {
  let now = 1_000_000
  const news: unknown[] = []
  const foreign = watchForeignDhcp({
    clock: { now: () => now },
    record: (_name, payload) => void news.push(payload),
    isOwn: (server) => server === '10.77.0.1',
  })
  return { foreign, news, pass: (milliseconds: number) => (now += milliseconds), now: () => now }
}

const other = { server: ip('10.77.0.53'), interface: 'br0', offered: ip('10.77.0.9') }

test('a server is news once an hour, and counted each time', () => {
  const { foreign, news, pass, now } = watching()
  const first = now()
  foreign.seen(other, 'a')
  pass(HOUR - 1)
  foreign.seen({ ...other, offered: '' }, 'b')
  expect(news).toEqual([{ ...other, because: 'a' }])
  expect(foreign.list()).toEqual([{ ...other, first, last: now(), times: 2 }])
  pass(1)
  foreign.seen(other, 'c')
  expect(news).toHaveLength(2)
})

test('we are none, and one that was not seen for a day is none any more', () => {
  const { foreign, news, pass } = watching()
  foreign.seen({ ...other, server: ip('10.77.0.1') }, 'us')
  expect([foreign.foreignDhcp(), news]).toEqual([0, []])
  foreign.seen(other, 'a')
  pass(24 * HOUR - 1)
  expect(foreign.foreignDhcp()).toBe(1)
  pass(1)
  expect(foreign.foreignDhcp()).toBe(0)
})

test('a flood of made-up servers fills neither the memory nor the journal', () => {
  const { foreign, news } = watching()
  for (let server = 1; server <= 5000; server++)
    foreign.seen({ ...other, server: ipv4OfNumber(0x0a000000 + server) }, 'made up')
  expect(foreign.list().length).toBeLessThanOrEqual(100)
  expect(news.length).toBeLessThanOrEqual(20)
  expect(foreign.list()[0]?.server).toBe(ipv4OfNumber(0x0a000000 + 5000))
})
