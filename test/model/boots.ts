/** Boots for tests: what was seen, second by second, put together as it is when it happens. */
import { ipv4OfNumber, type Mac } from '../../src/model/address.ts'
import { type BootAttempt, ended, firstOf, grown, placeOf, type Sighted } from '../../src/model/trace.ts'

export const MAC = '52:54:00:77:00:01' as Mac
export const WHOSE = { mac: MAC, uid: 'uid-1', system: 'node1' }

const dhcp = (seen: Partial<Sighted>): Sighted => ({ kind: 'dhcp', outcome: 'ok', text: 'dhcp', ...seen })
const boots = { boots: true, firmware: 'uefi-x64', path: 'shimx64.efi' } as const

/** What machines show, as the servers note it. */
export const SEEN = {
  order: {
    kind: 'power',
    outcome: 'ok',
    text: 'power on of node1 by ipmi is under way',
    sign: 'power-order',
    task: 't1',
    wants: 'install',
  },
  orderToDisk: {
    kind: 'power',
    outcome: 'ok',
    text: 'power on of node1 by ipmi is under way',
    sign: 'power-order',
    task: 't1',
    wants: 'disk',
  },
  orderAgain: {
    kind: 'power',
    outcome: 'ok',
    text: 'power on of node1 by ipmi is under way',
    sign: 'power-order',
    task: 't2',
    wants: 'install',
  },
  refused: {
    kind: 'power',
    outcome: 'refused',
    text: 'ipmi did not take the order to boot by network once: no',
    sign: 'order-refused',
  },
  on: { kind: 'power', outcome: 'ok', text: 'ipmi took the order: power on', sign: 'power-on', task: '' },
  powerFailed: {
    kind: 'power',
    outcome: 'error',
    text: 'ipmi of node1: no answer within 20 s',
    sign: 'power-failed',
    task: 't1',
  },
  plainDiscover: dhcp({ text: 'DISCOVER: offered 10.77.0.100', sign: 'offer' }),
  plainAddress: dhcp({ text: 'REQUEST: has 10.77.0.100', sign: 'address' }),
  silent: dhcp({
    text: 'DISCOVER: no answer',
    outcome: 'refused',
    because: 'unknown machine, and enlisting is off',
    sign: 'discover',
    boots: true,
  }),
  offer: dhcp({
    ...boots,
    text: 'DISCOVER by uefi-x64: offered 10.77.0.100, to boot shimx64.efi',
    sign: 'offer',
    wants: 'install',
  }),
  offerToDisk: dhcp({ ...boots, text: 'DISCOVER by uefi-x64: offered 10.77.0.100', sign: 'offer', wants: 'disk' }),
  ipxeOffer: dhcp({ ...boots, firmware: 'ipxe', text: 'DISCOVER by ipxe', sign: 'offer', wants: 'install' }),
  elsewhere: dhcp({
    boots: true,
    outcome: 'refused',
    text: 'REQUEST: it took the offer of 10.77.0.9',
    sign: 'elsewhere',
    server: ipv4OfNumber(0x0a4d0009),
  }),
  address: dhcp({
    ...boots,
    text: 'REQUEST by uefi-x64: has 10.77.0.100, to boot shimx64.efi',
    sign: 'address',
    wants: 'install',
  }),
  noLoader: dhcp({
    boots: true,
    text: 'REQUEST: has 10.77.0.100',
    because: 'no loader for client architecture 99',
    sign: 'address',
  }),
  size: {
    kind: 'tftp',
    outcome: 'ok',
    text: 'shimx64.efi was asked for its size',
    path: 'shimx64.efi',
    bytes: 0,
    milliseconds: 3,
  },
  part: {
    kind: 'tftp',
    outcome: 'error',
    text: 'shimx64.efi was sent in part',
    path: 'shimx64.efi',
    bytes: 4096,
    milliseconds: 30_000,
  },
  missing: {
    kind: 'tftp',
    outcome: 'missing',
    text: 'shimx64.efi was asked for, and not served',
    path: '/shimx64.efi',
    because: 'shimx64.efi is not here: apt-get install shim-signed, or put it into /b',
  },
  module: {
    kind: 'tftp',
    outcome: 'missing',
    text: 'grub/x86_64-efi/fs.lst was asked for',
    path: 'grub/x86_64-efi/fs.lst',
    because: 'there is no such file',
  },
  loader: { kind: 'step', outcome: 'ok', text: 'shimx64.efi fetched by tftp', sign: 'loader' },
  ownLoader: { kind: 'tftp', outcome: 'ok', text: 'own.efi was sent', path: 'own.efi', bytes: 400_000 },
  noConfig: {
    kind: 'tftp',
    outcome: 'error',
    text: 'grub/grub.cfg was asked for, and not served',
    path: 'grub/grub.cfg',
    because: 'there is no profile "p"',
  },
  install: {
    kind: 'decision',
    outcome: 'ok',
    text: 'node1 was told to install debian (grub, by tftp)',
    sign: 'install',
    wants: 'install',
  },
  disk: {
    kind: 'decision',
    outcome: 'ok',
    text: 'node1 was sent to its disk (grub, by tftp)',
    sign: 'disk',
    wants: 'disk',
  },
  stopped: {
    kind: 'decision',
    outcome: 'ok',
    text: 'node1 was sent to its disk (grub, by tftp): reinstall loop: 4 installs in 9 min, none ended',
    sign: 'disk',
  },
  noKernel: {
    kind: 'http',
    outcome: 'missing',
    text: 'images/d/linux was asked for',
    path: '/images/d/linux',
    because: '/srv/linux is not there; import it again',
  },
  kernel: { kind: 'step', outcome: 'ok', text: 'kernel linux of debian fetched by http', sign: 'kernel' },
  preseed: { kind: 'step', outcome: 'ok', text: 'the preseed was fetched from 10.77.0.100', sign: 'preseed' },
  preseedError: {
    kind: 'step',
    outcome: 'error',
    text: 'no preseed: default.seed:12: there is no value of "disk"',
    sign: 'preseed',
  },
  installing: { kind: 'step', outcome: 'ok', text: 'partitioning', sign: 'installing' },
  line: { kind: 'syslog', outcome: 'ok', text: 'main-menu: configuring the clock' },
  failed: { kind: 'step', outcome: 'error', text: 'failed: no space on the disk', sign: 'failed' },
  late: {
    kind: 'decision',
    outcome: 'error',
    text: 'it counts as broken: the install did not end within 2 h',
    sign: 'broken',
  },
  installed: { kind: 'step', outcome: 'ok', text: 'the installer has ended', sign: 'installed' },
  netbootOn: { kind: 'decision', outcome: 'ok', text: 'netboot was turned on', sign: 'netboot-on' },
  netbootOff: { kind: 'decision', outcome: 'ok', text: 'netboot was turned off', sign: 'netboot-off' },
  ready: { kind: 'step', outcome: 'ok', text: 'the installed system called back', sign: 'ready' },
  question: { kind: 'dns', outcome: 'ok', text: 'the address of mirror.lab: answered' },
} as const satisfies Record<string, Sighted>
export type SeenName = keyof typeof SEEN

/** `[3, 'offer']`: three seconds after the one before. Answers the boots that it makes, the oldest first. */
export function bootsOf(...seen: readonly (SeenName | readonly [number, SeenName])[]): BootAttempt[] {
  const all: BootAttempt[] = []
  let at = START
  for (const one of seen) {
    const [after, name] = typeof one === 'string' ? [1, one] : one
    at += after * 1000
    const before = all.at(-1)
    const place = placeOf(before, SEEN[name], at)
    if (place === 'same' && before) all[all.length - 1] = grown(before, SEEN[name], at, WHOSE)
    if (place !== 'new') continue
    if (before && before.ended === undefined) all[all.length - 1] = ended(before, at, SEEN[name])
    all.push(firstOf(all.length + 1, WHOSE, SEEN[name], at, before))
  }
  return all
}

export const START = 1_700_000_000_000
