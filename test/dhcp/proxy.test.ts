/** ProxyDHCP: what a machine that boots is told beside the address that another server gives it, and who hears nothing. */
import { describe, expect, test } from 'vitest'
import type { DhcpState } from '../../src/dhcp/answer.ts'
import { decode, encode } from '../../src/dhcp/codec.ts'
import { decideDhcp } from '../../src/dhcp/decide.ts'
import { isOfBoot, sightedOf } from '../../src/dhcp/exchange.ts'
import { OPTION, readIpv4, readText } from '../../src/dhcp/options.ts'
import { replyAddress } from '../../src/dhcp/reply-address.ts'
import type { RequestType } from '../../src/dhcp/request.ts'
import { type Asking, aKnown, aRequest, aState, aSubnet, aSystem, CLIENT, SERVER } from '../support/dhcp.ts'

const known = aKnown(aSystem())
const OTHER = '10.77.0.53'

function decide(type: RequestType, asking: Asking, state: Partial<DhcpState> = {}) {
  return decideDhcp(aRequest(type, asking), aState({ known, subnet: aSubnet({ mode: 'proxy' }), ...state }))
}

describe('a DISCOVER', () => {
  test.each([
    ['a BIOS', { arch: 0 }, 'PXEClient', 'bios-install.0'],
    ['UEFI', { arch: 7 }, 'PXEClient', 'uefi-x64-install.0'],
    ['iPXE', { arch: 0, userClass: 'iPXE' }, 'PXEClient', 'ipxe-install.0'],
    [
      'UEFI HTTP Boot',
      { arch: 16, vendorClass: 'HTTPClient:Arch:00016' },
      'HTTPClient',
      'http://10.77.0.1/boot/uefi-http-x64',
    ],
  ])('of %s is told what to boot, and gets no address', (_, asking, vendorClass, file) => {
    const { kind, reply, changes } = decide('discover', asking)
    expect([kind, changes]).toEqual(['offer', []])
    if (!reply) throw new Error('no reply')
    const seen = decode(encode(reply))
    expect([seen.yiaddr, seen.ciaddr, seen.siaddr]).toEqual(['0.0.0.0', '0.0.0.0', SERVER])
    expect(readText(seen.options, OPTION.vendorClass)).toBe(vendorClass)
    expect(readIpv4(seen.options, OPTION.serverId)).toBe(SERVER)
    expect([seen.file, readText(seen.options, OPTION.bootFile)]).toEqual([file, file])
    // Nothing of the network: that is the other server's.
    for (const code of [OPTION.subnetMask, OPTION.router, OPTION.nameServers, OPTION.leaseTime]) {
      expect(seen.options.has(code), `option ${code}`).toBe(false)
    }
    expect(replyAddress(reply)).toEqual({ ip: '255.255.255.255', port: 'client' })
  })

  test('of a machine that does not boot is not answered', () => {
    expect(decide('discover', {})).toMatchObject({ kind: 'silence', changes: [] })
  })

  test.each([
    ['that nobody knows', { arch: 7 }, { known: undefined }, /enlisting is off/],
    ['for which there is no loader', { arch: 2 }, {}, /no loader for client architecture 2 \(Itanium\)/],
  ])('of a machine %s is not answered', (_, asking, state, because) => {
    const answer = decide('discover', asking, state)
    expect(answer).toMatchObject({ kind: 'silence', changes: [] })
    expect(answer.because).toMatch(because)
  })
})

describe('a REQUEST', () => {
  test('for the other server tells us who has which address, and is a good step of its boot', () => {
    const asking = { arch: 7, asked: '10.77.0.200', serverId: OTHER }
    const answer = decide('request', asking)
    expect(answer).toMatchObject({
      kind: 'silence',
      because: `it has 10.77.0.200 from ${OTHER}`,
      changes: [{ change: 'heard', ip: '10.77.0.200', mac: CLIENT }],
    })
    const state = aState({ known, subnet: aSubnet({ mode: 'proxy' }) })
    const sighted = sightedOf({ request: aRequest('request', asking), state, decided: answer })
    expect(sighted).toMatchObject({ outcome: 'ok', sign: 'address', server: undefined })
    expect(sighted.text).toContain(`it has 10.77.0.200 from ${OTHER}`)
  })

  test('to the boot server, from the address that it has, is answered there with the file', () => {
    const asking = { arch: 7, ciaddr: '10.77.0.200' }
    const answer = decide('request', asking)
    expect(answer).toMatchObject({ kind: 'ack', changes: [{ change: 'heard', ip: '10.77.0.200', mac: CLIENT }] })
    const { reply } = answer
    if (!reply) throw new Error('no reply')
    expect([reply.yiaddr, reply.ciaddr, reply.file]).toEqual(['0.0.0.0', '10.77.0.200', 'uefi-x64-install.0'])
    expect(replyAddress(reply).ip).toBe('10.77.0.200')
    expect(
      isOfBoot({
        request: aRequest('request', asking),
        state: aState({ subnet: aSubnet({ mode: 'proxy' }) }),
        decided: answer,
      }),
    ).toBe(true)
  })

  test('of a system that only renews its address is not answered', () => {
    expect(decide('request', { ciaddr: '10.77.0.200' })).toMatchObject({ kind: 'silence', changes: [] })
  })

  test('without a server and an address is not answered: never a NAK where others give the addresses', () => {
    expect(decide('request', { arch: 7, asked: '10.77.0.9' })).toMatchObject({ kind: 'silence', changes: [] })
  })
})

test.each(['decline', 'release'] as const)('a %s is the other server’s matter', (type) => {
  expect(decide(type, { arch: 7, asked: '10.77.0.9', ciaddr: '10.77.0.9' })).toMatchObject({
    kind: 'silence',
    changes: [],
  })
})

test.each(['discover', 'request', 'inform'] as const)('where DHCP is off, a %s is not answered', (type) => {
  const answer = decide(type, { arch: 7, ciaddr: '10.77.0.9' }, { subnet: aSubnet({ mode: 'off' }) })
  expect(answer).toMatchObject({ kind: 'silence', changes: [], because: expect.stringContaining('DHCP is off') })
})
