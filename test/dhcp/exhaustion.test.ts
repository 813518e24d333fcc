import { pino } from 'pino'
import { expect, test } from 'vitest'
import { exhaustion } from '../../src/dhcp/exhaustion.ts'
import { aState, aSubnet, ip } from '../support/dhcp.ts'

test('a pool that has run out is said once, with what to do, and once more when it has something again', () => {
  const lines: { level: number; msg: string }[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const note = exhaustion(log)
  const subnet = aSubnet()
  const discover = (address: string | undefined, isFree = true) => {
    const choice = address === undefined ? { ip: undefined, because: '' } : { ip: ip(address), because: '', isFree }
    note(aState({ subnet, choice }))
  }
  discover('10.77.0.100')
  for (let i = 0; i < 3; i++) discover(undefined)
  expect(lines).toMatchObject([
    { level: 40, msg: expect.stringMatching(/no free address left in 10\.77\.0\.0\/24.*pool larger.*lease_seconds/) },
  ])
  // Who has an address already gets it from a full pool too.
  discover('10.77.0.100', false)
  discover(undefined)
  expect(lines).toHaveLength(1)
  discover('10.77.0.101')
  discover('10.77.0.102')
  discover(undefined)
  expect(lines.map(({ level }) => level)).toEqual([40, 30, 40])
})

test('a subnet without a pool has none that could run out', () => {
  const lines: string[] = []
  const note = exhaustion(pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }))
  const state = aState({ subnet: aSubnet({ pools: [] }), choice: { ip: undefined, because: 'there is no pool' } })
  note(state)
  expect(lines).toEqual([])
})
