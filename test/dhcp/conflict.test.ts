import { pino } from 'pino'
import { beforeEach, expect, test } from 'vitest'
import type { DhcpState } from '../../src/dhcp/answer.ts'
import { type ConflictCheck, conflictCheck } from '../../src/dhcp/conflict.ts'
import { decideDhcp } from '../../src/dhcp/decide.ts'
import type { Ipv4, Mac } from '../../src/model/address.ts'
import type { LeaseChange } from '../../src/model/lease.ts'
import { type Asking, aRequest, aState, aSubnet, CLIENT, ip, mac } from '../support/dhcp.ts'

const STRANGER = mac('52:54:00:99:00:01')
let owners: Map<Ipv4, Mac>
let asked: Ipv4[]
let applied: LeaseChange[]
let said: string[]
let check: ConflictCheck
/** Until it is called, nobody has answered. */
let answerNow: () => void

beforeEach(() => {
  ;[owners, asked, applied, said] = [new Map(), [], [], []]
  check = conflictCheck({
    device: 'br0',
    whoHas: (_, ip) => {
      asked.push(ip)
      return new Promise((done) => {
        answerNow = () => done(owners.get(ip))
      })
    },
    apply: async (changes) => void applied.push(...changes),
    log: pino({}, { write: (line: string) => void said.push(JSON.parse(line).msg) }),
  })
})

function offer(state: Partial<DhcpState> = {}, asking: Asking = {}) {
  const [request, all] = [aRequest('discover', asking), aState({ subnet: aSubnet({ conflictCheck: true }), ...state })]
  return check(request, all, decideDhcp(request, all))
}
const held = (address: string) =>
  ({ ip: ip(address), mac: CLIENT, state: 'offered', expires: 1, hostname: '' }) as const
const choose = (address: string) => ({ choice: { ip: ip(address), because: '' } })

async function looked(work: Promise<void> | undefined): Promise<void> {
  // It asks after the address is held.
  await Promise.resolve()
  await Promise.resolve()
  answerNow()
  await work
}

test('a free address is held, asked for, and let go to the client when nobody has it', async () => {
  await looked(offer())
  expect([asked, applied]).toEqual([['10.77.0.100'], [expect.objectContaining({ change: 'hold' })]])
  expect(offer({ held: held('10.77.0.100') })).toBeUndefined()
})

test('what a stranger has is out of the pool', async () => {
  owners.set(ip('10.77.0.100'), STRANGER)
  await looked(offer())
  expect(applied.at(-1)).toMatchObject({ change: 'decline', ip: '10.77.0.100', mac: CLIENT })
  expect(said).toEqual([`${STRANGER} has 10.77.0.100, which we took for free: not given out for an hour`])
})

test('a client that answers for the address itself has it', async () => {
  owners.set(ip('10.77.0.100'), CLIENT)
  await looked(offer())
  expect(applied.map(({ change }) => change)).toEqual(['hold'])
})

test('a client that repeats itself meanwhile waits for the same answer', async () => {
  const first = offer()
  const again = offer({ held: held('10.77.0.100') })
  expect(again).toBe(first)
  await looked(first)
  expect(asked).toEqual(['10.77.0.100'])
})

test.each([
  ['where nobody wants it', { subnet: aSubnet() }, {}],
  ['of its own address', { held: held('10.77.0.100') }, {}],
  ['behind a relay', {}, { giaddr: '10.77.0.1' }],
])('nothing is asked %s', (_, state, asking) => {
  expect(offer(state, asking)).toBeUndefined()
})

test('a router that answers for all addresses takes three of them, and no more', async () => {
  const all = Array.from({ length: 10 }, (_, index) => `10.77.0.${100 + index}`)
  for (const address of all) owners.set(ip(address), STRANGER)
  for (const address of all) await looked(offer(choose(address)))
  expect(applied.filter(({ change }) => change === 'decline')).toHaveLength(3)
  expect(said.filter((line) => line.includes('proxy ARP'))).toHaveLength(1)
})
