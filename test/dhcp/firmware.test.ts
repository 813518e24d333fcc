import { describe, expect, test } from 'vitest'
import { firmwareOf, userClasses } from '../../src/dhcp/firmware.ts'
import type { Firmware } from '../../src/model/firmware.ts'
import { aRequest } from '../support/dhcp.ts'

describe('which firmware asks', () => {
  test.each<[string, number[], string, boolean, Firmware | undefined]>([
    ['BIOS', [0], 'PXEClient:Arch:00000:UNDI:002001', false, 'bios'],
    ['32-bit UEFI', [6], 'PXEClient', false, 'uefi-x86'],
    ['UEFI', [7], 'PXEClient:Arch:00007:UNDI:003016', false, 'uefi-x64'],
    ['UEFI that follows the old text of RFC 4578', [9], 'PXEClient', false, 'uefi-x64'],
    ['64-bit ARM', [11], 'PXEClient', false, 'uefi-arm64'],
    ['HTTP Boot', [16], 'HTTPClient:Arch:00016', false, 'uefi-http-x64'],
    ['HTTP Boot on ARM', [19], 'HTTPClient', false, 'uefi-http-arm64'],
    ['HTTP Boot that only says so in its class', [7], 'HTTPClient:Arch:00007', false, 'uefi-http-x64'],
    ['HTTP Boot on 32-bit x86, for which we have nothing', [15], 'HTTPClient', false, undefined],
    ['32-bit UEFI that calls itself HTTP Boot keeps what it has', [6], 'HTTPClient', false, 'uefi-x86'],
    ['iPXE on BIOS', [0], 'PXEClient:Arch:00000', true, 'ipxe'],
    ['iPXE on a processor we do not know', [27], 'PXEClient', true, 'ipxe'],
    ['the first of a list that we know', [27, 7, 0], 'PXEClient', false, 'uefi-x64'],
    ['a ROM without option 93', [], 'PXEClient:Arch:00006:UNDI:003000', false, 'uefi-x86'],
    ['a ROM older than option 93', [], 'PXEClient', false, 'bios'],
    ['nothing that it says', [], 'HTTPClient', false, undefined],
    ['Itanium', [2], 'PXEClient', false, undefined],
  ])('%s', (_, archs, vendorClass, isIpxe, firmware) => {
    expect(firmwareOf({ archs, vendorClass, isIpxe }).firmware).toBe(firmware)
  })

  test('iPXE is known by its user class and by its own option', () => {
    expect(aRequest('discover', { arch: 0, userClass: 'iPXE' }).boot?.firmware).toBe('ipxe')
    expect(aRequest('discover', { arch: 0, options: [[175, Uint8Array.of(177, 0)]] }).boot?.firmware).toBe('ipxe')
    expect(aRequest('discover', { userClass: 'iPXE' }).boot?.firmware).toBe('ipxe')
    expect(aRequest('discover', { arch: 0, userClass: 'notiPXE' }).boot?.firmware).toBe('bios')
  })

  test('an ordinary client does not ask to boot', () => {
    expect(aRequest('discover', { vendorClass: 'MSFT 5.0' }).boot).toBeUndefined()
    expect(aRequest('discover').boot).toBeUndefined()
  })

  test.each<[string, string, string[]]>([
    ['a bare word', Buffer.from('iPXE').toString('hex'), ['iPXE']],
    ['a list as RFC 3004 wants it', `04${Buffer.from('iPXE').toString('hex')}0141`, ['iPXE', 'A']],
    ['a list with a hole', `00${Buffer.from('iPXE').toString('hex')}`, ['iPXE']],
    ['nothing', '', []],
  ])('a user class may be %s', (_, bytes, words) => {
    expect(userClasses(Buffer.from(bytes, 'hex'))).toEqual(words)
  })
})
