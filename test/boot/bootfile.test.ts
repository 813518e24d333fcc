import { describe, expect, test } from 'vitest'
import { bootFile, configOf, type LoaderChoice, type LoaderWish } from '../../src/boot/bootfile.ts'
import type { Firmware } from '../../src/model/firmware.ts'
import { aBlend, DECISIONS, MAC } from './blends.ts'

const HTTP = 'http://10.77.0.1:8080'
const SCRIPT = `${HTTP}/boot/ipxe/01-52-54-00-77-00-01`

const TABLE: [Firmware, withDefaults: string, withIpxe: string][] = [
  ['bios', 'pxelinux.0', 'undionly.kpxe'],
  ['uefi-x64', 'shimx64.efi', 'snponly.efi'],
  ['uefi-arm64', 'shimaa64.efi', 'snponly-arm64.efi'],
  ['uefi-x86', 'shimia32.efi', 'shimia32.efi'],
  ['uefi-http-x64', `${HTTP}/boot/shimx64.efi`, `${HTTP}/boot/snponly.efi`],
  ['uefi-http-arm64', `${HTTP}/boot/shimaa64.efi`, `${HTTP}/boot/snponly-arm64.efi`],
  ['ipxe', SCRIPT, SCRIPT],
]

const DEFAULTS: LoaderChoice = { bios: 'pxelinux', uefi: 'grub' }
const IPXE: LoaderChoice = { bios: 'ipxe', uefi: 'ipxe' }

describe.each(TABLE)('%s', (firmware, withDefaults, withIpxe) => {
  const asked = (decision: keyof typeof DECISIONS, loaders: LoaderChoice) =>
    bootFile(DECISIONS[decision](), { mac: MAC, firmware }, { http: HTTP, loaders })

  test.each(['install', 'enlist', 'local'] as const)('is told its loader to %s', (decision) => {
    expect(asked(decision, DEFAULTS)).toBe(withDefaults)
    expect(asked(decision, IPXE)).toBe(withIpxe)
  })

  test('is told nothing when it is ignored', () => {
    expect(asked('ignore', DEFAULTS)).toBeUndefined()
    expect(asked('ignore', IPXE)).toBeUndefined()
  })
})

test.each([
  ['uefi-x64', 'snponly.efi'],
  ['uefi-arm64', 'snponly-arm64.efi'],
  ['uefi-http-x64', 'http://10.77.0.1/boot/shimx64.efi'],
] as const)(
  '%s whose address another server gives is not left to a GRUB that would ask that server',
  (firmware, file) => {
    const machine = { mac: MAC, firmware, isProxied: true }
    const urls = { http: 'http://10.77.0.1', loaders: { bios: 'pxelinux', uefi: 'grub' } } as const
    expect(bootFile(DECISIONS.install(), machine, urls)).toBe(file)
    expect(configOf(machine, urls.loaders).format).toBe(firmware === 'uefi-http-x64' ? 'grub' : 'ipxe')
  },
)

describe('what the objects of a machine say', () => {
  const told = (firmware: Firmware, wish: Partial<LoaderWish>, loaders = DEFAULTS) =>
    (['install', 'enlist', 'local'] as const).map((boot) => {
      const decision = DECISIONS[boot]()
      const blend = { ...aBlend(), bootLoaders: [], filename: '', ...wish }
      return bootFile({ ...decision, blend } as typeof decision, { mac: MAC, firmware }, { http: HTTP, loaders })
    })
  const all = (file: string) => [file, file, file]

  test.each<[Firmware, readonly string[], string]>([
    ['bios', ['ipxe'], 'undionly.kpxe'],
    ['uefi-x64', ['ipxe', 'grub'], 'snponly.efi'],
    ['uefi-http-x64', ['ipxe'], `${HTTP}/boot/snponly.efi`],
    // Of Cobbler's list of all of them it is the same as without.
    ['bios', ['grub', 'pxe', 'ipxe'], 'pxelinux.0'],
    ['uefi-x64', ['grub', 'pxe', 'ipxe'], 'shimx64.efi'],
    // Nobody has that one for such a machine, or at all.
    ['uefi-x64', ['pxe'], 'shimx64.efi'],
    ['bios', ['yaboot', 'constructor'], 'pxelinux.0'],
  ])('%s with boot_loaders %j loads %s', (firmware, bootLoaders, file) => {
    expect(told(firmware, { bootLoaders })).toEqual(all(file))
  })

  test('goes before the settings, and its config is looked for where that loader looks', () => {
    expect(told('uefi-x64', { bootLoaders: ['grub'] }, IPXE)).toEqual(all('shimx64.efi'))
    const wish = { bootLoaders: ['ipxe'], filename: '' }
    expect(configOf({ mac: MAC, firmware: 'bios' }, DEFAULTS, wish).format).toBe('ipxe')
  })

  test('is a file name that goes out as it stands, as a URL where one is needed, and never to an iPXE', () => {
    const wish = { filename: 'site/special.efi', bootLoaders: ['ipxe'] }
    expect(told('uefi-x64', wish)).toEqual(all('site/special.efi'))
    expect(told('uefi-http-x64', wish)).toEqual(all(`${HTTP}/boot/site/special.efi`))
    expect(told('uefi-http-x64', { filename: 'http://other/x.efi' })).toEqual(all('http://other/x.efi'))
    expect(told('ipxe', wish)).toEqual(all(SCRIPT))
  })
})

test('by TFTP over IPv6 comes iPXE, since GRUB knows no DHCPv6', () => {
  const asked = (firmware: Firmware) =>
    bootFile(DECISIONS.install(), { mac: MAC, firmware, isIpv6: true }, { http: HTTP, loaders: DEFAULTS })
  expect(asked('uefi-x64')).toBe('snponly.efi')
  expect(asked('uefi-http-x64')).toBe(`${HTTP}/boot/shimx64.efi`)
})

test('UEFI HTTP Boot has a choice of its own', () => {
  const loaders = { bios: 'pxelinux', uefi: 'grub', uefi_http: 'ipxe' } as const
  const asked = (firmware: Firmware) => bootFile(DECISIONS.install(), { mac: MAC, firmware }, { http: HTTP, loaders })
  expect(asked('uefi-http-x64')).toBe(`${HTTP}/boot/snponly.efi`)
  expect(asked('uefi-x64')).toBe('shimx64.efi')
  expect(configOf({ mac: MAC, firmware: 'uefi-http-x64' }, loaders)).toMatchObject({ format: 'ipxe', via: 'http' })
})
