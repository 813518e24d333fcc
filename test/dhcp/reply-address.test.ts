import { expect, test } from 'vitest'
import { replyAddress } from '../../src/dhcp/reply-address.ts'
import { aPacket, ip } from '../support/dhcp.ts'

const EVERYBODY = '255.255.255.255'

test.each([
  ['an OFFER goes to everybody', 2, {}, EVERYBODY, 'client'],
  ['an ACK of a first lease goes to everybody', 5, { flags: 0x8000 }, EVERYBODY, 'client'],
  ['an ACK of a renewal goes to the client', 5, { ciaddr: ip('10.77.0.100') }, '10.77.0.100', 'client'],
  ['a NAK goes to everybody, whatever the client uses', 6, { ciaddr: ip('10.9.9.9') }, EVERYBODY, 'client'],
  ['what came through a relay goes back to it', 5, { giaddr: ip('10.88.0.1') }, '10.88.0.1', 'server'],
  ['so does a NAK', 6, { giaddr: ip('10.88.0.1'), ciaddr: ip('10.77.0.100') }, '10.88.0.1', 'server'],
])('%s', (_, type, fields, address, port) => {
  const packet = aPacket('request', { options: [[53, Uint8Array.of(type)]] })
  expect(replyAddress({ ...packet, op: 'reply', ...fields })).toEqual({ ip: address, port })
})
