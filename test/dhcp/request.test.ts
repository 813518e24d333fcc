import { describe, expect, test } from 'vitest'
import { OPTION, ofText } from '../../src/dhcp/options.ts'
import { readRequest } from '../../src/dhcp/request.ts'
import { DecodeError } from '../../src/lib/bytes.ts'
import { aPacket, aRequest } from '../support/dhcp.ts'

describe('what is no request of ours to answer', () => {
  test.each([
    ['an answer of another server', { ...aPacket('discover'), op: 'reply' as const }, /reply/],
    ['InfiniBand', { ...aPacket('discover'), htype: 32, hlen: 0 }, /hardware type 32 with 0/],
    ['a long hardware address', { ...aPacket('discover'), hlen: 16 }, /with 16/],
    ['a machine without a MAC', { ...aPacket('discover'), chaddr: new Uint8Array(16) }, /zero/],
    ['BOOTP', { ...aPacket('discover'), options: new Map() }, /BOOTP/],
    ['a message of servers', aPacket('discover', { options: [[OPTION.messageType, Uint8Array.of(5)]] }), /type 5/],
  ])('%s', (_, packet, reason) => {
    expect(() => readRequest(packet)).toThrow(DecodeError)
    expect(() => readRequest(packet)).toThrow(reason)
  })
})

describe('what a request says', () => {
  test('addresses of zeros and of multicast are none', () => {
    const { asked, serverId, ciaddr, relay } = aRequest('request', { asked: '224.0.0.1', serverId: '0.0.0.0' })
    expect([asked, serverId, ciaddr, relay]).toEqual([undefined, undefined, undefined, undefined])
  })

  test.each([
    ['no size: what every client takes', undefined, 548],
    ['a size below the least that is legal', [1, 0], 548],
    ['a size that fits a frame', [4, 236], 1232],
    ['a size above a frame', [255, 255], 1472],
  ])('%s', (_, size, room) => {
    const options = size ? [[OPTION.maxMessageSize, Uint8Array.from(size)] as const] : []
    expect(aRequest('discover', { options }).room).toBe(room)
  })

  test('the network is the one that the relay selects (RFC 3527), else the relay itself', () => {
    const relayInfo = [OPTION.relayInfo, Uint8Array.of(1, 2, 65, 66, 5, 4, 10, 77, 5, 0)] as const
    expect(aRequest('discover', { giaddr: '10.88.0.1', options: [relayInfo] }).relay).toBe('10.77.5.0')
    expect(aRequest('discover', { giaddr: '10.88.0.1' }).relay).toBe('10.88.0.1')
    const broken = [OPTION.relayInfo, Uint8Array.of(1, 200, 65, 5)] as const
    expect(aRequest('discover', { giaddr: '10.88.0.1', options: [broken] }).relay).toBe('10.88.0.1')
  })

  test.each([
    ['Node-1.example', 'node-1.example'],
    ['$(reboot)', ''],
    ['<script>', ''],
    ['-x', ''],
    ['a'.repeat(64), ''],
  ])('a client that calls itself %s is called "%s"', (given, taken) => {
    expect(aRequest('discover', { options: [[OPTION.hostName, ofText(given)]] }).hostname).toBe(taken)
  })
})
