/** Builders for DHCP tests: packets as clients send them, a subnet, and what is known of a machine. */
import type { Known } from '../../src/boot/decide.ts'
import type { DhcpState } from '../../src/dhcp/answer.ts'
import type { DhcpPacket } from '../../src/dhcp/codec.ts'
import { MESSAGE, OPTION, ofIpv4s, ofText, ofU8 } from '../../src/dhcp/options.ts'
import { type DhcpRequest, type RequestType, readRequest } from '../../src/dhcp/request.ts'
import { type Ipv4, type Mac, macToBytes, parseIpv4, parseMac } from '../../src/model/address.ts'
import { blendSystem } from '../../src/model/blend.ts'
import { emptyItem } from '../../src/model/items.ts'
import type { ServedSubnet } from '../../src/model/subnet.ts'
import { emptyInterface, type System } from '../../src/model/system.ts'

export const ip = (text: string): Ipv4 => parseIpv4(text)
export const mac = (text: string): Mac => parseMac(text)

export const SERVER = ip('10.77.0.1')
export const CLIENT = mac('52:54:00:77:00:01')

export interface Asking {
  readonly mac?: Mac
  readonly ciaddr?: string
  readonly giaddr?: string
  readonly flags?: number
  /** Option 50. */
  readonly asked?: string
  /** Option 54. */
  readonly serverId?: string
  /** Option 93, with the vendor class that goes with it. */
  readonly arch?: number
  readonly vendorClass?: string
  readonly userClass?: string
  readonly hostname?: string
  readonly wants?: readonly number[]
  /** More options, or others in place of those above. */
  readonly options?: readonly (readonly [number, Uint8Array])[]
}

export function aPacket(type: RequestType, asking: Asking = {}): DhcpPacket {
  const chaddr = new Uint8Array(16)
  chaddr.set(macToBytes(asking.mac ?? CLIENT))
  const { arch, asked, serverId, userClass, hostname, wants } = asking
  const by = asking.vendorClass ?? (arch === undefined ? undefined : `PXEClient:Arch:${String(arch).padStart(5, '0')}`)
  const options = new Map<number, Uint8Array>([[OPTION.messageType, ofU8(MESSAGE[type])]])
  if (asked) options.set(OPTION.requestedAddress, ofIpv4s(ip(asked)))
  if (serverId) options.set(OPTION.serverId, ofIpv4s(ip(serverId)))
  if (arch !== undefined) options.set(OPTION.clientArch, Uint8Array.of(arch >> 8, arch))
  if (by !== undefined) options.set(OPTION.vendorClass, ofText(by))
  if (userClass) options.set(OPTION.userClass, ofText(userClass))
  if (hostname) options.set(OPTION.hostName, ofText(hostname))
  if (wants) options.set(OPTION.parameterList, Uint8Array.from(wants))
  for (const [code, value] of asking.options ?? []) options.set(code, value)
  return {
    op: 'request',
    htype: 1,
    hlen: 6,
    hops: 0,
    xid: 0x1234_5678,
    secs: 0,
    flags: asking.flags ?? 0,
    ciaddr: ip(asking.ciaddr ?? '0.0.0.0'),
    yiaddr: ip('0.0.0.0'),
    siaddr: ip('0.0.0.0'),
    giaddr: ip(asking.giaddr ?? '0.0.0.0'),
    chaddr,
    sname: '',
    file: '',
    options,
  }
}

export function aRequest(type: RequestType, asking: Asking = {}): DhcpRequest {
  return readRequest(aPacket(type, asking))
}

export function aSubnet(overrides: Partial<ServedSubnet> = {}): ServedSubnet {
  return {
    subnet: { network: ip('10.77.0.0'), prefix: 24 },
    mode: 'authoritative',
    pools: [{ first: ip('10.77.0.100'), last: ip('10.77.0.103') }],
    gateway: ip('10.77.0.254'),
    dns: [],
    domain: 'lab.example',
    leaseSeconds: 3600,
    ...overrides,
  }
}

/** A system whose only interface has the client's MAC. */
export function aSystem(overrides: Partial<System> = {}, nic: Partial<System['interfaces'][string]> = {}): System {
  return {
    ...emptyItem('system', 'uid-node1'),
    name: 'node1',
    profile: 'debian',
    interfaces: { eth0: { ...emptyInterface(), macAddress: CLIENT, ...nic } },
    ...overrides,
  }
}

/** The system with its profile blended in, or with the reason why there is none. */
export function aKnown(system: System = aSystem(), { hasProfile = true } = {}): Known {
  const distro = { ...emptyItem('distro', 'uid-d'), name: 'debian', kernel: '/srv/linux', initrd: '/srv/initrd.gz' }
  const profile = { ...emptyItem('profile', 'uid-p'), name: 'debian', distro: 'debian' }
  const parents = { profile: () => (hasProfile ? profile : undefined), distro: () => distro }
  const defaults = { server: SERVER, autoinstall: 'default.seed', nameServers: [], nameServersSearch: [], owners: [] }
  return { system, blend: blendSystem(system, parents, defaults) }
}

export function aState(overrides: Partial<DhcpState> = {}): DhcpState {
  return {
    server: SERVER,
    subnet: aSubnet(),
    known: undefined,
    policy: { enlist: undefined },
    choice: { ip: ip('10.77.0.100'), because: 'a free address' },
    standing: undefined,
    held: undefined,
    bootFile: (decision, { firmware }) =>
      firmware.includes('http') ? `http://10.77.0.1/boot/${firmware}` : `${firmware}-${decision.boot}.0`,
    ...overrides,
  }
}
