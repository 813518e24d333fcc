import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRequestPath } from '../../src/boot/request-path.ts'

const mac = '52:54:00:77:00:01'
const config = (format: string, of: string | undefined) => ({ want: 'config', format, mac: of })

describe('what each loader asks for', () => {
  test.each([
    ['pxelinux.cfg/01-52-54-00-77-00-01', config('pxelinux', mac)],
    ['/pxelinux.cfg/01-52-54-00-77-00-01', config('pxelinux', mac)],
    ['debian-installer/amd64/pxelinux.cfg/01-52-54-00-77-00-01', config('pxelinux', mac)],
    ['pxelinux.cfg/default', config('pxelinux', undefined)],
    ['grub/grub.cfg', config('grub', undefined)],
    ['/grub/grub.cfg', config('grub', undefined)],
    ['debian-installer/amd64/grub/grub.cfg', config('grub', undefined)],
    ['EFI/debian/grub.cfg', config('grub', undefined)],
    ['EFI/ubuntu/grub.cfg', config('grub', undefined)],
    ['grub.cfg', config('grub', undefined)],
    ['//grub//grub.cfg', config('grub', undefined)],
    ['grub/grub.cfg-01-52-54-00-77-00-01', config('grub', mac)],
    ['grub/grub.cfg-01-52:54:00:77:00:01', config('grub', mac)],
    ['ipxe/01-52-54-00-77-00-01', config('ipxe', mac)],
    ['ipxe/52:54:00:77:00:01.ipxe', config('ipxe', mac)],
    ['autoexec.ipxe', config('ipxe', undefined)],
    ['images/debian-12-x86_64/linux', { want: 'distro-file', distro: 'debian-12-x86_64', file: 'linux' }],
    ['/images/d/initrd.gz', { want: 'distro-file', distro: 'd', file: 'initrd.gz' }],
    ['pxelinux.0', { want: 'file', name: 'pxelinux.0' }],
    ['/shimx64.efi', { want: 'file', name: 'shimx64.efi' }],
    ['ipxe/undionly.kpxe', { want: 'file', name: 'ipxe/undionly.kpxe' }],
    ['images/a/b/c', { want: 'file', name: 'images/a/b/c' }],
  ])('%s', (path, wanted) => {
    expect(readRequestPath(path)).toEqual(wanted)
  })
})

describe('what is answered with nothing at once, so that the loader comes to its next question', () => {
  test.each([
    'pxelinux.cfg/b8945908-d6a6-41a9-611d-74a6ab80b83d',
    'pxelinux.cfg/0A4D0001',
    'pxelinux.cfg/0A4D000',
    'pxelinux.cfg/0',
    'pxelinux.cfg/20-52-54-00-77-00-01',
    'grub/grub.cfg-0A4D0001',
    'grub/x86_64-efi/grub.cfg',
    'debian-installer/arm64/grub/arm64-efi/grub.cfg',
  ])('%s', (path) => {
    expect(readRequestPath(path)).toEqual({ want: 'nothing', because: expect.stringMatching(/./) })
  })
})

test('no path whatever makes it fail, and a MAC is only ever taken from the path', () => {
  const parts = fc.constantFrom(
    '/',
    '..',
    'pxelinux.cfg',
    'grub.cfg',
    'grub.cfg-01-',
    'images',
    'ipxe',
    '01-',
    mac,
    '\0',
    'x',
  )
  const paths = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(parts).map((some) => some.join('')),
  )
  fc.assert(
    fc.property(paths, (path) => {
      const wanted = readRequestPath(path)
      if (wanted.want === 'config' && wanted.mac !== undefined) {
        expect(path.toLowerCase().replace(/[^0-9a-f]/g, '')).toContain(wanted.mac.replaceAll(':', ''))
      }
      if (wanted.want === 'distro-file') expect(wanted.file).not.toContain('/')
    }),
  )
})
