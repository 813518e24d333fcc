/** Boards that are no PCs: the boot ROM of a Raspberry Pi, and U-Boot. */
import { describe, expect, test } from 'vitest'
import { bootFile } from '../../src/boot/bootfile.ts'
import { decideDhcp } from '../../src/dhcp/decide.ts'
import { OPTION, ofText, readText } from '../../src/dhcp/options.ts'
import { type Asking, aKnown, aRequest, aState, aSystem, mac, SERVER } from '../support/dhcp.ts'

const PI = { arch: 0, vendorClass: 'PXEClient:Arch:00000:UNDI:002001' }

function offered(asking: Asking, netbootEnabled = true) {
  const state = aState({
    known: aKnown(aSystem({ netbootEnabled })),
    bootFile: (decision, machine) =>
      bootFile(decision, machine, { http: 'http://10.77.0.1', loaders: { bios: 'pxelinux', uefi: 'grub' } }),
  })
  const { kind, reply } = decideDhcp(aRequest('discover', asking), state)
  if (kind !== 'offer' || !reply) throw new Error('no offer')
  return reply
}

describe('a Raspberry Pi', () => {
  test.each(['b8:27:eb:01:02:03', 'dc:a6:32:01:02:03', '2c:cf:67:01:02:03'])('%s is offered its menu', (address) => {
    const { options, siaddr } = offered({ mac: mac(address), ...PI })
    // As pfSense's users type it: discovery control, prompt "PXE", menu "Raspberry Pi Boot".
    expect(Buffer.from(options.get(OPTION.vendorSpecific) ?? []).toString('hex')).toBe(
      '0601030a0400505845091400001152617370626572727920506920426f6f74ff',
    )
    expect([readText(options, OPTION.vendorClass), readText(options, OPTION.tftpServer), siaddr]).toEqual([
      'PXEClient',
      SERVER,
      SERVER,
    ])
  })

  test('with netboot off is offered an address alone, and goes on to its card', () => {
    const { options, file } = offered({ mac: mac('dc:a6:32:01:02:03'), ...PI }, false)
    expect([options.has(OPTION.vendorSpecific), options.has(OPTION.vendorClass), file]).toEqual([false, false, ''])
  })

  test('that is none, but says the same, is a BIOS; one that runs UEFI is what it says', () => {
    expect(offered(PI).file).toBe('pxelinux.0')
    expect(offered({ mac: mac('dc:a6:32:01:02:03'), arch: 11 }).file).toBe('shimaa64.efi')
  })
})

test.each<[string, Asking]>([
  ['with its architecture', { arch: 22, vendorClass: 'U-Boot.armv8' }],
  ['of 32 bits', { arch: 21, vendorClass: 'U-Boot.armv7' }],
  ['by its name alone', { options: [[OPTION.vendorClass, ofText('U-Boot.armv8')]] }],
])('U-Boot %s is told where its pxelinux.cfg is', (_, asking) => {
  for (const netbootEnabled of [true, false]) {
    const { file, siaddr, options } = offered(asking, netbootEnabled)
    expect([file, siaddr]).toEqual(['boot.scr.uimg', SERVER])
    expect(options.has(OPTION.vendorSpecific)).toBe(false)
  }
})
