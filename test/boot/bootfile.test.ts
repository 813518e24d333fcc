import { describe, expect, test } from 'vitest'
import { bootFile, configOf, type LoaderChoice } from '../../src/boot/bootfile.ts'
import type { Firmware } from '../../src/model/firmware.ts'
import { DECISIONS, MAC } from './blends.ts'

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

test('UEFI HTTP Boot has a choice of its own', () => {
  const loaders = { bios: 'pxelinux', uefi: 'grub', uefi_http: 'ipxe' } as const
  const asked = (firmware: Firmware) => bootFile(DECISIONS.install(), { mac: MAC, firmware }, { http: HTTP, loaders })
  expect(asked('uefi-http-x64')).toBe(`${HTTP}/boot/snponly.efi`)
  expect(asked('uefi-x64')).toBe('shimx64.efi')
  expect(configOf({ mac: MAC, firmware: 'uefi-http-x64' }, loaders)).toMatchObject({ format: 'ipxe', via: 'http' })
})
