import { describe, expect, test } from 'vitest'
import type { DhcpState } from '../../src/dhcp/answer.ts'
import { decideDhcp } from '../../src/dhcp/decide.ts'
import { OPTION, ofIpv4s } from '../../src/dhcp/options.ts'
import type { RequestType } from '../../src/dhcp/request.ts'
import type { Lease, Standing } from '../../src/model/lease.ts'
import { type Asking, aKnown, aRequest, aState, aSubnet, aSystem, CLIENT, ip, SERVER } from '../support/dhcp.ts'

function decide(type: RequestType, asking: Asking = {}, state: Partial<DhcpState> = {}) {
  return decideDhcp(aRequest(type, asking), aState(state))
}

const lease = (state: Lease['state'], address = '10.77.0.100'): Lease => ({
  ip: ip(address),
  mac: CLIENT,
  state,
  expires: 1,
  hostname: '',
})

describe('a DISCOVER', () => {
  test('is offered the chosen address, which is kept for a minute', () => {
    const { kind, reply, changes } = decide('discover')
    expect([kind, reply?.yiaddr, reply?.siaddr, reply?.ciaddr]).toEqual(['offer', '10.77.0.100', SERVER, '0.0.0.0'])
    expect(changes).toEqual([{ change: 'hold', ip: '10.77.0.100', mac: CLIENT, seconds: 60 }])
  })

  test('is met with silence when there is no address, and the log says why', () => {
    const choice = { ip: undefined, because: 'the pool has no free address' }
    expect(decide('discover', {}, { choice })).toMatchObject({ kind: 'silence', because: choice.because, changes: [] })
  })

  test('is met with silence on a network that we do not serve', () => {
    const { kind, because } = decide('discover', { giaddr: '192.168.9.1' }, { subnet: undefined })
    expect([kind, because]).toEqual(['silence', 'no subnet is served for clients behind 192.168.9.1'])
  })

  test('of an unknown machine that wants to boot is met with silence when enlisting is off', () => {
    const { kind, because, changes } = decide('discover', { arch: 0 })
    expect([kind, changes]).toEqual(['silence', []])
    expect(because).toMatch(/enlisting is off/)
  })

  test('of an unknown machine that does not want to boot gets an address', () => {
    expect(decide('discover').kind).toBe('offer')
  })

  test('of a system whose profile is missing is met with silence when it wants to boot, and with an address when not', () => {
    const known = aKnown(aSystem(), { hasProfile: false })
    expect(decide('discover', { arch: 7 }, { known })).toMatchObject({ kind: 'silence', changes: [] })
    expect(decide('discover', { arch: 7 }, { known }).because).toMatch(
      /profile "debian" of system node1 does not exist/,
    )
    expect(decide('discover', {}, { known }).kind).toBe('offer')
  })

  test.each([
    [true, 'uefi-x64-install.0'],
    [false, 'uefi-x64-local.0'],
  ])('of a system with netboot %s is told to load %s', (netbootEnabled, file) => {
    const { reply, because } = decide('discover', { arch: 7 }, { known: aKnown(aSystem({ netbootEnabled })) })
    expect(reply?.file).toBe(file)
    expect(because).toContain(file)
  })

  test('of a machine that we have no loader for gets an address and no file', () => {
    const { kind, reply, because } = decide('discover', { arch: 27 }, { known: aKnown() })
    expect([kind, reply?.file]).toEqual(['offer', ''])
    expect(because).toContain('no loader for client architecture 27 (RISC-V 64-bit UEFI)')
  })
})

describe('a REQUEST', () => {
  const asks = {
    'after our OFFER': { asked: '10.77.0.100', serverId: SERVER },
    'after a reboot': { asked: '10.77.0.100' },
    'to renew': { ciaddr: '10.77.0.100' },
  }
  const [yes, no, still] = ['ack', 'nak', 'silence'] as const
  type Row = [Standing, keyof typeof asks, alone: string, besideAnotherServer: string]

  test.each<Row>([
    ['own', 'after our OFFER', yes, yes],
    ['own', 'after a reboot', yes, yes],
    ['own', 'to renew', yes, yes],
    ['free', 'after our OFFER', yes, yes],
    ['free', 'after a reboot', yes, still],
    ['free', 'to renew', yes, still],
    ['taken', 'after our OFFER', no, no],
    ['taken', 'after a reboot', no, still],
    ['taken', 'to renew', no, still],
    ['unmanaged', 'after our OFFER', no, no],
    ['unmanaged', 'after a reboot', no, still],
    ['elsewhere', 'after our OFFER', no, no],
    ['elsewhere', 'after a reboot', no, still],
    ['elsewhere', 'to renew', no, still],
  ])('for an address that is %s, %s: %s; beside another server: %s', (standing, when, alone, beside) => {
    expect(decide('request', asks[when], { standing }).kind).toBe(alone)
    const subnet = aSubnet({ mode: 'beside' })
    expect(decide('request', asks[when], { standing, subnet }).kind).toBe(beside)
    // Whoever has a lease of ours, or is a system of ours, is our business.
    const held = lease('leased')
    const ours = alone === no ? no : yes
    expect(decide('request', asks[when], { standing, subnet, held }).kind).toBe(ours)
    expect(decide('request', asks[when], { standing, subnet, known: aKnown() }).kind).toBe(ours)
  })

  test('that is acknowledged is a lease, with the name that the client has for itself', () => {
    const { changes, reply } = decide('request', { ...asks['after our OFFER'], hostname: 'box' }, { standing: 'own' })
    expect(changes).toEqual([{ change: 'lease', ip: '10.77.0.100', mac: CLIENT, seconds: 3600, hostname: 'box' }])
    expect(reply).toMatchObject({ yiaddr: '10.77.0.100', ciaddr: '0.0.0.0' })
  })

  test('that is refused changes nothing', () => {
    expect(decide('request', asks['to renew'], { standing: 'taken' }).changes).toEqual([])
  })

  test('for the offer of another server is met with silence, and our own offer is free again', () => {
    const elsewhere = { asked: '10.77.0.7', serverId: '10.77.0.2' }
    const { kind, changes } = decide('request', elsewhere, { held: lease('offered'), standing: 'unmanaged' })
    expect(kind).toBe('silence')
    expect(changes).toEqual([{ change: 'release', ip: '10.77.0.100', mac: CLIENT }])
  })

  test('for the offer of another server does not end a lease of ours', () => {
    const elsewhere = { asked: '10.77.0.7', serverId: '10.77.0.2' }
    expect(decide('request', elsewhere, { held: lease('leased') }).changes).toEqual([])
  })

  test('that names no address is met with silence', () => {
    expect(decide('request').kind).toBe('silence')
  })

  test('of a running system keeps its address though nothing is there to boot', () => {
    const known = aKnown(aSystem(), { hasProfile: false })
    const { kind, reply } = decide('request', { ...asks['to renew'], arch: 7 }, { standing: 'own', known })
    expect([kind, reply?.ciaddr, reply?.file]).toEqual(['ack', '10.77.0.100', ''])
  })

  test('of a machine that boots is silent when the answer to the boot question has become "ignore"', () => {
    const asking = { ...asks['after our OFFER'], arch: 7 }
    expect(decide('request', asking, { standing: 'own' })).toMatchObject({ kind: 'silence', changes: [] })
  })
})

describe('a DECLINE', () => {
  const asking = { asked: '10.77.0.100', serverId: SERVER }

  test('of its own address keeps that out of use, without an answer', () => {
    const { reply, changes } = decide('decline', asking, { held: lease('leased') })
    expect(reply).toBeUndefined()
    expect(changes).toEqual([{ change: 'decline', ip: '10.77.0.100', mac: CLIENT, seconds: 3600 }])
  })

  test.each<[string, Asking, Lease | undefined]>([
    ['of an address that it was never given', asking, undefined],
    ['of the address of another', { ...asking, asked: '10.77.0.101' }, lease('leased')],
    ['for another server', { ...asking, serverId: '10.77.0.2' }, lease('leased')],
    ['of nothing', { serverId: SERVER }, lease('leased')],
  ])('%s changes nothing', (_, given, held) => {
    expect(decide('decline', given, { held })).toMatchObject({ kind: 'silence', changes: [] })
  })
})

describe('a RELEASE', () => {
  test('of its own address frees that, without an answer', () => {
    const { reply, changes } = decide('release', { ciaddr: '10.77.0.100', serverId: SERVER }, { held: lease('leased') })
    expect(reply).toBeUndefined()
    expect(changes).toEqual([{ change: 'release', ip: '10.77.0.100', mac: CLIENT }])
  })

  test.each<[string, Asking, Lease | undefined]>([
    ['of the address of another', { ciaddr: '10.77.0.101' }, lease('leased')],
    ['of an address that has no lease', { ciaddr: '10.77.0.100' }, undefined],
    ['for another server', { ciaddr: '10.77.0.100', serverId: '10.77.0.2' }, lease('leased')],
  ])('%s changes nothing', (_, given, held) => {
    expect(decide('release', given, { held })).toMatchObject({ kind: 'silence', changes: [] })
  })
})

describe('an INFORM', () => {
  test('is told of the network, and given no address', () => {
    const { kind, reply, changes } = decide('inform', { ciaddr: '10.77.0.9' })
    expect([kind, reply?.yiaddr, reply?.ciaddr, changes]).toEqual(['ack', '0.0.0.0', '10.77.0.9', []])
    expect([...(reply?.options.keys() ?? [])]).not.toContain(51)
  })

  test('without an address, or from an address that is not of here, is met with silence', () => {
    expect(decide('inform').kind).toBe('silence')
    expect(decide('inform', { ciaddr: '192.168.9.9' }).kind).toBe('silence')
  })

  test('of a machine that we would not boot is told of the network all the same', () => {
    expect(decide('inform', { ciaddr: '10.77.0.9', arch: 7 })).toMatchObject({ kind: 'ack', reply: { file: '' } })
  })
})

describe('behind a relay that stands in for us (RFC 5107)', () => {
  const RELAY = '10.88.0.1'
  const options = [[OPTION.relayInfo, Uint8Array.of(1, 1, 65, 11, 4, 10, 88, 0, 1)]] as const
  const behind = { giaddr: RELAY, options }

  test('its address is the server identifier of every answer, and the next server is still ours', () => {
    const offer = decide('discover', behind).reply
    const taken = { ...behind, serverId: RELAY, asked: '10.77.0.100' }
    const ack = decide('request', taken, { standing: 'own' })
    const nak = decide('request', taken, { standing: 'taken' })
    const inform = decide('inform', { ...behind, ciaddr: '10.77.0.9' })
    expect([ack.kind, nak.kind, inform.kind]).toEqual(['ack', 'nak', 'ack'])
    for (const reply of [offer, ack.reply, nak.reply, inform.reply]) {
      expect(reply?.options.get(OPTION.serverId)).toEqual(ofIpv4s(ip(RELAY)))
    }
    expect([offer?.siaddr, ack.reply?.siaddr]).toEqual([SERVER, SERVER])
  })

  test('who names it means us, also when giving an address back', () => {
    const held = lease('leased')
    const said = { ...behind, serverId: RELAY }
    expect(decide('release', { ...said, ciaddr: held.ip }, { held }).changes).toMatchObject([{ change: 'release' }])
    expect(decide('decline', { ...said, asked: held.ip }, { held }).changes).toMatchObject([{ change: 'decline' }])
  })

  test('who names another server, or ours that it was never told, does not', () => {
    for (const serverId of ['10.77.0.2', SERVER]) {
      const { kind, because } = decide('request', { ...behind, serverId, asked: '10.77.0.100' }, { standing: 'own' })
      expect([kind, because]).toEqual(['silence', `the client took the offer of ${serverId}`])
    }
    // Without the relay's word its address is just another server's.
    expect(decide('request', { giaddr: RELAY, serverId: RELAY, asked: '10.77.0.100' }, { standing: 'own' }).kind).toBe(
      'silence',
    )
  })
})
