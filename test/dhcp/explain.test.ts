import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { askingRequest } from '../../src/dhcp/asking.ts'
import { decode, encode } from '../../src/dhcp/codec.ts'
import { decideDhcp } from '../../src/dhcp/decide.ts'
import { explainDhcp } from '../../src/dhcp/explain.ts'
import { readRequest } from '../../src/dhcp/request.ts'
import { DecodeError } from '../../src/lib/bytes.ts'
import type { Ipv4 } from '../../src/model/address.ts'
import { INHERIT } from '../../src/model/item.ts'
import type { System } from '../../src/model/system.ts'
import { aKnown, aState, aSubnet, aSystem, CLIENT, ip } from '../support/dhcp.ts'
import { goldenBytes, goldenFiles } from '../support/golden.ts'

describe('a DHCP reply', () => {
  const captures = goldenFiles('dhcp/golden')
  const nic = fc.record({
    ipAddress: fc.constantFrom('', '10.77.0.7') as fc.Arbitrary<Ipv4 | ''>,
    gateway: fc.constantFrom('', '10.77.0.9', '10.1.1.1'),
    dnsName: fc.constantFrom('', 'nic.example.org'),
  })
  const state = fc.record({
    hostname: fc.constantFrom('', 'a', 'b.example.org', '-'),
    netbootEnabled: fc.boolean(),
    nameServers: fc.constantFrom(INHERIT, ['10.0.0.3'], ['10.0.0.3', 'none']) as fc.Arbitrary<System['nameServers']>,
  })
  const whole = fc.record({
    nic,
    system: state,
    hasProfile: fc.boolean(),
    isKnown: fc.boolean(),
    dns: fc.constantFrom([], [ip('10.77.0.3')]),
  })

  test('to each request that was captured has the bytes that are shown', () => {
    expect(captures.length).toBeGreaterThan(5)
    fc.assert(
      fc.property(fc.constantFrom(...captures), whole, (path, { nic, system, hasProfile, isKnown, dns }) => {
        const request = readable(path)
        fc.pre(request !== undefined)
        const one = aSystem(system, { ...nic, macAddress: request.mac })
        const known = isKnown ? aKnown(one, { hasProfile }) : undefined
        const standing = request.asked === undefined ? undefined : 'free'
        const now = aState({ known, standing, subnet: aSubnet({ dns }) })
        const { reply } = decideDhcp(request, now)
        const step = explainDhcp(request, now, (fact) => [{ kind: 'computed', name: fact, field: null, line: null }])
        expect(step.outcome).toBe(reply === undefined ? 'none' : step.title === 'DHCP NAK' ? 'error' : 'ok')
        if (!reply) return
        const field = (name: string) =>
          step.lines.find(({ text }) => text.startsWith(`${name}: `))?.text.slice(name.length + 2)
        const address = (name: string) => (field(name) ?? '0.0.0.0') as Ipv4
        const shown = encode({
          ...reply,
          ...{ ciaddr: address('ciaddr'), yiaddr: address('yiaddr'), siaddr: address('siaddr') },
          ...{ giaddr: address('giaddr'), sname: field('sname') ?? '', file: field('file') ?? '' },
          options: new Map(step.options?.map(({ code, hex }) => [code, Buffer.from(hex, 'hex')])),
        })
        expect(Buffer.from(shown).toString('hex')).toBe(Buffer.from(encode(reply)).toString('hex'))
        for (const option of step.options ?? []) {
          expect(option.name).not.toBe(`option ${option.code}`)
          expect(option.value).not.toBe('')
          expect(option.from).not.toEqual([])
        }
      }),
      { numRuns: 500 },
    )
  })

  test('is worded for people, with the source of each option', () => {
    const request = askingRequest(CLIENT, { firmware: 'uefi', arch: 'x86_64' })
    if (!request) throw new Error('no request')
    const one = aSystem({ hostname: 'web.example.org', nameServers: ['10.0.0.3'] }, { gateway: '10.77.0.9' })
    const step = explainDhcp(request, aState({ known: aKnown(one) }), (fact) => [
      { kind: 'computed', name: fact, field: null, line: null },
    ])
    const told = step.options?.map(
      ({ code, name, value, from }) => `${code} ${name}: ${value} (${from.map((by) => by.name).join(', ')})`,
    )
    expect(told).toEqual(
      expect.arrayContaining([
        '53 DHCP Msg Type: DHCPOFFER (2) (computed.DHCP)',
        '51 Address Time: 1 h (3600 s) (setting.dhcp.subnets)',
        '3 Router: 10.77.0.9 (system.interfaces.eth0.gateway)',
        '6 Domain Server: 10.0.0.3 (name_servers)',
        '12 Hostname: web (system.hostname)',
        '15 Domain Name: example.org (system.hostname)',
        '67 Bootfile-Name: uefi-x64-install.0 (setting.boot.loaders, request.option 93)',
      ]),
    )
    expect(step.lines.map(({ text }) => text)).toContain('yiaddr: 10.77.0.100')
  })

  function readable(path: string) {
    try {
      return readRequest(decode(goldenBytes(path)))
    } catch (error) {
      if (error instanceof DecodeError) return undefined
      throw error
    }
  }
})
