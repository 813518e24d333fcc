import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Known } from '../../src/boot/decide.ts'
import type { OpenFile } from '../../src/lib/files.ts'
import { type Ipv4, type Mac, parseMac } from '../../src/model/address.ts'
import type { Distro } from '../../src/model/distro.ts'
import type { BootEvent, EventMap, EventName } from '../../src/model/event.ts'
import type { System } from '../../src/model/system.ts'
import { bootFileSearch } from '../../src/services/boot-file-search.ts'
import { type BootFiles, createBootFiles } from '../../src/services/boot-files.ts'
import { findLoader } from '../../src/services/loaders.ts'
import { aBlend, aDistro, aProfileBlend, aSystem, MAC } from '../boot/blends.ts'
import { builtIn } from '../boot/golden-text.ts'
import { needPackages } from '../support/debian.ts'
import { silentLog } from '../support/store.ts'

const STRANGER = parseMac('52:54:00:99:99:99')
const PEER = '10.77.0.50' as Ipv4
const CONFIG = '/pxelinux.cfg/01-52-54-00-77-00-01'

let folder: string
let system: System
let distro: Distro
let unresolved: string | undefined
let enlisting: boolean
let peers: Map<Ipv4, Mac>
let events: { name: EventName; payload: EventMap[EventName] }[]
let warnings: string[]
let bootFiles: BootFiles

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orchestra-boot-'))
  mkdirSync(join(folder, 'root'))
  mkdirSync(join(folder, 'tree'))
  writeFileSync(join(folder, 'tree/linux'), 'the kernel')
  writeFileSync(join(folder, 'tree/initrd.gz'), 'the initrd')
  distro = aDistro({ kernel: join(folder, 'tree/linux'), initrd: join(folder, 'tree/initrd.gz') })
  system = aSystem()
  unresolved = undefined
  enlisting = false
  peers = new Map([[PEER, MAC]])
  events = []
  warnings = []
  const known = (one: System): Known => ({
    system: one,
    blend: unresolved === undefined ? aBlend({ system: one, distro }) : { ok: false, because: unresolved },
  })
  const log = { ...silentLog, debug: () => {}, info: () => {}, error: () => {}, warn: note }
  bootFiles = createBootFiles({
    systemByMac: (mac) => (mac === MAC ? system : undefined),
    known,
    policy: () => ({ enlist: enlisting ? aProfileBlend({ profile: { name: 'enlist' } }) : undefined }),
    macAt: (ip) => peers.get(ip as Ipv4),
    search: bootFileSearch({
      distro: (name) => (name === distro.name ? distro : undefined),
      bootRoot: join(folder, 'root'),
    }),
    template: builtIn('templates'),
    domain: 'lab',
    record: (name, payload) => void events.push({ name, payload }),
    log,
  })
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function note(_fields: unknown, sentence?: string): void {
  warnings.push(sentence ?? '')
}

const open = (path: string, peer: Ipv4 = PEER) => bootFiles.open({ path, peer, via: 'tftp' })
const read = async (path: string, peer?: Ipv4) => {
  const file = await open(path, peer)
  return file && (await contents(file))
}
const contents = async (file: OpenFile) => (await buffer(file.stream())).toString()
const steps = () =>
  events.flatMap(({ name, payload }) => {
    if (name !== 'boot.step') return []
    const { step, system: of, because } = payload as BootEvent
    return [[step, of, because]]
  })

describe('a boot config', () => {
  test('tells a system with netboot on to install, and its trace that it did', async () => {
    expect(await read(CONFIG)).toContain('kernel /images/debian-12-x86_64/linux')
    expect(steps()).toEqual([['config', 'node1', 'node1 was told to install debian-12-x86_64 (pxelinux, by tftp)']])
  })

  test('sends a system with netboot off to its disk', async () => {
    system = aSystem({ netbootEnabled: false })
    expect(await read(CONFIG)).toContain('localboot 0')
    expect(steps()).toEqual([['config', 'node1', 'node1 was sent to its disk (pxelinux, by tftp)']])
  })

  test('sent to the disk for the first time after an install, it is the first boot, and only then', async () => {
    await read(CONFIG)
    system = aSystem({ netbootEnabled: false })
    await read(CONFIG)
    await read(CONFIG)
    expect(steps().map(([step]) => step)).toEqual(['config', 'first-boot', 'config'])
  })

  test.each([
    'grub/grub.cfg',
    'debian-installer/amd64/grub/grub.cfg',
    'EFI/ubuntu/grub.cfg',
    'autoexec.ipxe',
    'pxelinux.cfg/default',
  ])('is found by the address of the peer where the path says nothing: %s', async (path) => {
    expect(await read(path)).toContain('images/debian-12-x86_64/linux')
  })

  test('sends a loader at an unknown address to the config of its own MAC', async () => {
    peers.clear()
    expect(await read('grub/grub.cfg')).toMatch(/^configfile .*net_default_mac/)
    expect(await read('autoexec.ipxe')).toMatch(/^#!ipxe\nchain .*mac:hexhyp/)
    expect(await open('pxelinux.cfg/default')).toBeUndefined()
    expect(events).toEqual([])
  })

  test('is not there for an unknown machine, who is told of', async () => {
    expect(await open('pxelinux.cfg/01-52-54-00-99-99-99')).toBeUndefined()
    expect(events).toEqual([
      { name: 'machine.unknown', payload: { mac: STRANGER, ip: PEER, asked: 'pxelinux.cfg/01-52-54-00-99-99-99' } },
    ])
  })

  test('enlists an unknown machine when that is on', async () => {
    enlisting = true
    expect(await read('pxelinux.cfg/01-52-54-00-99-99-99')).toContain('autoinstall/profile/enlist')
    expect(steps()).toEqual([
      ['config', undefined, 'an unknown machine was told to enlist with enlist (pxelinux, by tftp)'],
    ])
  })

  test('is not there for a system whose profile is broken: half an install is never begun', async () => {
    unresolved = 'profile "x" of system node1 does not exist'
    expect(await open(CONFIG)).toBeUndefined()
    expect(steps()).toEqual([['failed', 'node1', unresolved]])
    expect(warnings).toEqual([unresolved])
  })

  test('is not there when it cannot be written, and the trace says why', async () => {
    system = aSystem({ kernelOptions: { evil: 'a\nb' } })
    expect(await open(CONFIG)).toBeUndefined()
    expect(steps()).toEqual([['failed', 'node1', expect.stringContaining('line break')]])
  })

  test('that is only asked for its size is no step', async () => {
    const file = await open(CONFIG)
    await file?.close()
    expect(events).toEqual([])
  })

  test('can be read in pieces, at any offset', async () => {
    const [whole, file] = [await read(CONFIG), await open(CONFIG)]
    if (!file) throw new Error('not there')
    const piece = new Uint8Array(10)
    expect(await file.read(piece, 5)).toBe(10)
    expect(Buffer.from(piece).toString()).toBe(whole?.slice(5, 15))
    expect(await file.read(piece, file.size - 3)).toBe(3)
    expect(await file.read(piece, file.size)).toBe(0)
    expect((await buffer(file.stream({ start: 2, end: 4 }))).toString()).toBe(whole?.slice(2, 5))
  })
})

describe("a distro's files", () => {
  test('are served by the names that the distro has for them', async () => {
    expect(await read('/images/debian-12-x86_64/linux')).toBe('the kernel')
    expect(await read('images/debian-12-x86_64/initrd.gz')).toBe('the initrd')
    expect(steps()).toEqual([['kernel', 'node1', 'kernel linux of debian-12-x86_64 fetched by tftp']])
  })

  test('and by no other name', async () => {
    writeFileSync(join(folder, 'tree/secret'), 'x')
    for (const file of ['secret', '..', '.', 'linux/', '%2e%2e', '']) {
      expect(await open(`images/debian-12-x86_64/${file}`)).toBeUndefined()
    }
    expect(await open('images/other/linux')).toBeUndefined()
    expect(await open('images/../debian-12-x86_64/linux')).toBeUndefined()
  })

  test('that lead to another file of this server are refused, whatever they are called', async () => {
    rmSync(join(folder, 'tree/linux'))
    symlinkSync('/etc/shadow', join(folder, 'tree/linux'))
    expect(await open('images/debian-12-x86_64/linux')).toBeUndefined()
    expect(warnings).toEqual([expect.stringMatching(/leads to shadow, which is no kernel/)])
    rmSync(join(folder, 'tree/initrd.gz'))
    symlinkSync('/etc/hostname', join(folder, 'tree/initrd.gz'))
    expect(await open('images/debian-12-x86_64/initrd.gz')).toBeUndefined()
  })

  test('may be links to a kernel', async () => {
    writeFileSync(join(folder, 'tree/vmlinuz-6.1.0'), 'the real one')
    rmSync(join(folder, 'tree/linux'))
    symlinkSync('vmlinuz-6.1.0', join(folder, 'tree/linux'))
    expect(await read('images/debian-12-x86_64/linux')).toBe('the real one')
  })

  test('that are gone are a sentence in the log and in the trace', async () => {
    rmSync(join(folder, 'tree/linux'))
    expect(await open('images/debian-12-x86_64/linux')).toBeUndefined()
    expect(warnings).toEqual([
      expect.stringMatching(/tree\/linux of distro debian-12-x86_64 is not there; import it again/),
    ])
    expect(steps()).toEqual([['failed', 'node1', warnings[0]]])
  })

  test('read twice are fetched twice, asked for their size once more are not', async () => {
    const path = 'images/debian-12-x86_64/linux'
    await (await open(path))?.close()
    await read(path)
    await read(path)
    expect(steps()).toHaveLength(2)
  })
})

describe('loaders', () => {
  test('come from the boot root first', async () => {
    writeFileSync(join(folder, 'root/pxelinux.0'), 'our own')
    expect(await read('pxelinux.0')).toBe('our own')
    expect(steps()).toEqual([['loader', 'node1', 'pxelinux.0 fetched by tftp']])
  })

  test('and any other file of the boot root is served', async () => {
    mkdirSync(join(folder, 'root/tools'))
    writeFileSync(join(folder, 'root/tools/memtest'), 'x')
    expect(await read('/tools/memtest')).toBe('x')
    expect(steps()).toEqual([])
  })

  test.each([
    '../tree/linux',
    '/../tree/linux',
    'tools/../../tree/linux',
    '..',
    '.',
    '',
    '/',
    'a\0b',
    'a\\..\\b',
    '/etc/passwd',
    './pxelinux.cfg',
  ])('but nothing outside of it: %j', async (path) => {
    expect(await open(path)).toBeUndefined()
  })

  test('a link that leads out of the boot root is not there', async () => {
    symlinkSync(join(folder, 'tree'), join(folder, 'root/tree'))
    symlinkSync('/etc/passwd', join(folder, 'root/passwd'))
    expect(await open('tree/linux')).toBeUndefined()
    expect(await open('passwd')).toBeUndefined()
  })

  test('of the distribution are found where its packages put them', async () => {
    await needPackages(
      'pxelinux',
      'syslinux-common',
      'ipxe',
      'shim-signed',
      'grub-efi-amd64-signed',
      'grub-efi-amd64-bin',
    )
    const loaders = 'pxelinux.0 lpxelinux.0 undionly.kpxe snponly.efi ipxe.efi shimx64.efi grubx64.efi'
    for (const name of [...loaders.split(' '), 'ldlinux.c32', 'libcom32.c32', 'grub/x86_64-efi/http.mod']) {
      const file = await open(name)
      expect(file?.size, name).toBeGreaterThan(1000)
      await file?.close()
    }
  }, 600_000)

  test('that are not installed name the package to install', () => {
    expect(findLoader('pxelinux.0')?.debian).toBe('pxelinux')
    expect(findLoader('grub/x86_64-efi/../../../../etc/passwd.mod')).toBeUndefined()
    expect(findLoader('constructor')).toBeUndefined()
  })

  test('of an architecture that is not here say so in the log and the trace', async () => {
    const name = process.arch === 'arm64' ? 'shimia32.efi' : 'shimaa64.efi'
    expect(await open(name)).toBeUndefined()
    expect(warnings).toEqual([expect.stringMatching(/apt-get install shim-signed:\w+, or put it into/)])
    expect(steps()).toEqual([['failed', 'node1', warnings[0]]])
  })

  test('what only might be there is refused without an alarm', async () => {
    for (const path of ['revocations.efi', 'grub/x86_64-efi/nosuch.mod', 'nosuch.c32', 'pxelinux.cfg/0A4D0032']) {
      expect(await open(path)).toBeUndefined()
    }
    expect(warnings).toEqual([])
    expect(steps()).toEqual([])
  })
})
