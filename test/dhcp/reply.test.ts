import { describe, expect, test } from 'vitest'
import type { DhcpState } from '../../src/dhcp/answer.ts'
import { encode } from '../../src/dhcp/codec.ts'
import { decideDhcp } from '../../src/dhcp/decide.ts'
import { readIpv4, readText, readU8 } from '../../src/dhcp/options.ts'
import type { RequestType } from '../../src/dhcp/request.ts'
import { type Asking, aKnown, aRequest, aState, aSubnet, aSystem, ip, SERVER } from '../support/dhcp.ts'

function replyTo(type: RequestType, asking: Asking = {}, state: Partial<DhcpState> = {}) {
  const { reply } = decideDhcp(aRequest(type, asking), aState(state))
  if (!reply) throw new Error('silence')
  return reply
}

const known = aKnown()
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex')

describe('every OFFER and ACK', () => {
  test('carries lease, renewal and rebinding time, mask, router, name server, domain and broadcast address', () => {
    const { options } = replyTo('discover')
    expect([...options].map(([code, value]) => `${code}: ${hex(value)}`)).toEqual([
      '53: 02',
      '54: 0a4d0001',
      '51: 00000e10',
      '58: 00000708',
      '59: 00000c4e',
      '1: ffffff00',
      '28: 0a4d00ff',
      '3: 0a4d00fe',
      '6: 0a4d0001',
      `15: ${hex(Buffer.from('lab.example'))}`,
    ])
  })

  test('gives what the client wants in its order, the mask first, and nothing else of the network', () => {
    expect([...replyTo('discover', { wants: [15, 3, 77] }).options.keys()]).toEqual([53, 54, 51, 58, 59, 1, 15, 3])
  })

  test('carries what its subnet says: MTU, time servers, search domains, routes with the gateway among them, and more by name', () => {
    const subnet = aSubnet({
      ...{ mtu: 9000, ntp: [ip('10.77.0.5')], search: ['lab.example', 'example'] },
      routes: [{ to: { network: ip('10.1.0.0'), prefix: 16 }, via: ip('10.77.0.9') }],
      options: { 'tzdb-timezone': 'UTC', 'option-224': 'ff' },
    })
    const { options } = replyTo('discover', {}, { subnet })
    const told = [26, 42, 119, 121, 101, 224].map((code) => hex(options.get(code)))
    expect(told).toEqual([
      ...['2328', '0a4d0005', '036c6162076578616d706c6500' + '076578616d706c6500'],
      ...['000a4d00fe' + '100a010a4d0009', '555443', 'ff'],
    ])
    // Who does not ask for them is not told.
    expect([...replyTo('discover', { wants: [3, 121] }, { subnet }).options.keys()]).toEqual([
      53, 54, 51, 58, 59, 1, 3, 121,
    ])
  })

  test('copies xid, flags, relay and hardware address', () => {
    const reply = replyTo('discover', { flags: 0x8000, giaddr: '10.77.0.2' })
    expect(reply).toMatchObject({ op: 'reply', xid: 0x1234_5678, flags: 0x8000, giaddr: '10.77.0.2', hops: 0, hlen: 6 })
  })

  test('echoes the client id, and last of all what the relay added (RFC 6842, RFC 3046)', () => {
    const [id, relayInfo] = [Uint8Array.of(1, 2, 3), Uint8Array.of(1, 1, 65)]
    const asking: Asking = {
      giaddr: '10.77.0.2',
      options: [
        [82, relayInfo],
        [61, id],
      ],
    }
    for (const reply of [
      replyTo('discover', asking),
      replyTo('request', { ...asking, asked: '10.9.9.9' }, { standing: 'elsewhere' }),
    ]) {
      expect(reply.options.get(61)).toEqual(id)
      expect([...reply.options].at(-1)).toEqual([82, relayInfo])
    }
  })

  test('names our own address as name server only when none is set', () => {
    const subnet = aSubnet({ dns: [ip('10.77.0.53'), ip('9.9.9.9')] })
    expect(hex(replyTo('discover', {}, { subnet }).options.get(6))).toBe('0a4d003509090909')
    const own = aKnown(aSystem({ nameServers: ['10.77.0.54', 'no address'] }))
    expect(hex(replyTo('discover', {}, { subnet, known: own }).options.get(6))).toBe('0a4d0036')
  })

  test('leaves the router out when there is none', () => {
    expect(replyTo('discover', {}, { subnet: aSubnet({ gateway: undefined }) }).options.has(3)).toBe(false)
  })

  test.each([
    ['its interface', {}, { gateway: '10.77.0.9' }, '10.77.0.9'],
    ['itself', { gateway: '10.77.0.8' }, {}, '10.77.0.8'],
    ['its interface before itself', { gateway: '10.77.0.8' }, { gateway: '10.77.0.9' }, '10.77.0.9'],
    ['nothing on this subnet, so that of the subnet', { gateway: '10.99.0.1' }, { gateway: 'none' }, '10.77.0.254'],
  ])('gives a system the gateway of %s', (_, system, nic, gateway) => {
    expect(readIpv4(replyTo('discover', {}, { known: aKnown(aSystem(system, nic)) }).options, 3)).toBe(gateway)
  })

  test.each([
    ['its host name', { hostname: 'web1' }, {}, 'web1', 'lab.example'],
    ['its whole host name in two parts', { hostname: 'web1.site.example' }, {}, 'web1', 'site.example'],
    ['the DNS name of its interface', {}, { dnsName: 'nic1.site.example' }, 'nic1', 'site.example'],
    ['its own name', {}, {}, 'node1', 'lab.example'],
    ['nothing when its name cannot be one', { name: 'rack:4+1' }, {}, '', 'lab.example'],
  ])('calls a system by %s', (_, system, nic, host, domain) => {
    const { options } = replyTo('discover', {}, { known: aKnown(aSystem(system, nic)) })
    expect([readText(options, 12), readText(options, 15)]).toEqual([host, domain])
  })

  test('is 300 bytes or more, and never more than the client takes', () => {
    const long = `http://10.77.0.1/${'a'.repeat(500)}`
    const state = { known, bootFile: () => long }
    const reply = replyTo('discover', { arch: 16, options: [[82, new Uint8Array(200)]] }, state)
    expect(encode(reply).length).toBeLessThanOrEqual(548)
    expect([reply.options.has(67), reply.options.has(82), reply.options.has(51)]).toEqual([false, true, true])
    const roomy = replyTo('discover', { arch: 16, options: [[57, Uint8Array.of(5, 192)]] }, state)
    expect(readText(roomy.options, 67)).toBe(long)
    expect(roomy.file).toBe('')
  })
})

describe('a machine that boots', () => {
  test('of the PXE kind is told the file in the field, and to look for no boot server', () => {
    const uuid = new Uint8Array(17).fill(9)
    const reply = replyTo('discover', { arch: 0, wants: [1, 43, 60], options: [[97, uuid]] }, { known })
    expect([reply.siaddr, reply.sname, reply.file]).toEqual([SERVER, SERVER, 'bios-install.0'])
    expect(readText(reply.options, 60)).toBe('PXEClient')
    expect(hex(reply.options.get(43))).toBe('060108ff')
    expect(reply.options.get(97)).toEqual(uuid)
    expect([reply.options.has(66), reply.options.has(67), reply.options.has(175)]).toEqual([false, false, false])
  })

  test('that wants options 66 and 67 gets them too', () => {
    const { options } = replyTo('discover', { arch: 7, wants: [66, 67] }, { known })
    expect([readText(options, 66), readText(options, 67)]).toEqual([SERVER, 'uefi-x64-install.0'])
  })

  test('by HTTP gets its class back and the URL, and no PXE options', () => {
    const reply = replyTo('discover', { arch: 16, vendorClass: 'HTTPClient:Arch:00016', wants: [1] }, { known })
    expect(readText(reply.options, 60)).toBe('HTTPClient')
    expect(readText(reply.options, 67)).toBe('http://10.77.0.1/boot/uefi-http-x64')
    expect(reply.file).toBe('http://10.77.0.1/boot/uefi-http-x64')
    expect(reply.options.has(43)).toBe(false)
  })

  test('with iPXE is told not to wait for a proxy, and is never told that it is a PXE client', () => {
    const reply = replyTo('request', { arch: 0, userClass: 'iPXE', asked: '10.77.0.100' }, { known, standing: 'own' })
    expect(reply.file).toBe('ipxe-install.0')
    expect(hex(reply.options.get(175))).toBe('b00101')
    expect([reply.options.has(43), reply.options.has(60)]).toEqual([false, false])
  })

  test('and for which there is no file is told of none', () => {
    const reply = replyTo('discover', { arch: 0 }, { known, bootFile: () => undefined })
    expect([reply.file, reply.sname, reply.options.has(67)]).toEqual(['', '', false])
  })
})

describe('a NAK', () => {
  test('has no address, says why, and comes from us', () => {
    const { options, ...reply } = replyTo('request', { asked: '10.9.9.9' }, { standing: 'elsewhere' })
    expect(reply).toMatchObject({ yiaddr: '0.0.0.0', ciaddr: '0.0.0.0', siaddr: '0.0.0.0', flags: 0 })
    expect([readU8(options, 53), readIpv4(options, 54)]).toEqual([6, SERVER])
    expect(readText(options, 56)).toBe('10.9.9.9 is not on this network')
  })

  test('through a relay asks that to broadcast it', () => {
    expect(replyTo('request', { asked: '10.9.9.9', giaddr: '10.77.0.2' }, { standing: 'elsewhere' }).flags).toBe(0x8000)
  })
})
