/** What a first packet is answered with, and the terms of a transfer. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encode, type TftpPacket } from '../../src/tftp/codec.ts'
import { agree, decideTftp, errorPacket } from '../../src/tftp/decide.ts'

const read = (path: string, mode = 'octet'): TftpPacket => ({ op: 'read', path, mode, options: new Map() })

describe('a first packet', () => {
  test.each([
    ['pxelinux.0', 'pxelinux.0'],
    ['/pxelinux.0', 'pxelinux.0'],
    ['//grubx64.efi', 'grubx64.efi'],
    ['/boot//grub/grub.cfg', 'boot/grub/grub.cfg'],
    // Where it leads is decided by whoever opens files.
    ['../secret', '../secret'],
    ['%2e%2e/secret', '%2e%2e/secret'],
  ])('that reads %s asks for %s', (asked, path) => {
    expect(decideTftp(read(asked))).toMatchObject({ answer: 'serve', request: { path, netascii: false } })
  })

  test('may ask for netascii', () => {
    expect(decideTftp(read('a', 'netascii'))).toMatchObject({ answer: 'serve', request: { netascii: true } })
  })

  test.each<[string, TftpPacket, number, RegExp]>([
    ['writes', { op: 'write', path: 'a', mode: 'octet', options: new Map() }, 2, /read-only/],
    ['asks for mail', read('a', 'mail'), 4, /mode "mail"/],
    ['has a backslash', read('boot\\x86\\wdsnbp.com'), 2, /slashes/],
    ['has a NUL', read('a\0b'), 2, /slashes/],
    ['names nothing', read(''), 1, /no file/],
    ['names the root', read('//'), 1, /no file/],
    ['is an ACK', { op: 'ack', block: 1 }, 5, /no transfer/],
    ['is DATA', { op: 'data', block: 1, bytes: new Uint8Array(4) }, 5, /no transfer/],
    ['is an OACK', { op: 'oack', options: new Map() }, 5, /no transfer/],
  ])('that %s is met with an error', (_, packet, code, message) => {
    expect(decideTftp(packet)).toMatchObject({
      answer: 'error',
      packet: { op: 'error', code, message: expect.stringMatching(message) },
    })
  })

  test('that is an error is met with silence', () => {
    expect(decideTftp({ op: 'error', code: 0, message: 'x' }).answer).toBe('silence')
  })
})

describe('an error', () => {
  test('stays small and on one line, whatever name is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (name) => {
        const packet = errorPacket(1, `File not found: ${name}`)
        expect(encode(packet).length).toBeLessThan(850)
        expect(packet).toMatchObject({ message: expect.not.stringMatching(/\p{Cc}/u) })
      }),
    )
  })
})

describe('the terms', () => {
  const terms = (options: Record<string, string>, { size = 1000, netascii = false } = {}) => {
    const { granted, ...rest } = agree({ path: 'a', netascii, options: new Map(Object.entries(options)) }, size)
    return { ...rest, granted: Object.fromEntries(granted) }
  }
  const plain = { blockSize: 512, window: 1, timeoutMs: undefined, granted: {} }

  test.each<[string, Record<string, string>, object]>([
    ['nothing', {}, {}],
    ['blksize', { blksize: '1468' }, { blockSize: 1468, granted: { blksize: '1468' } }],
    ['the smallest blksize', { blksize: '8' }, { blockSize: 8, granted: { blksize: '8' } }],
    ['the largest blksize', { blksize: '65464' }, { blockSize: 65_464, granted: { blksize: '65464' } }],
    ['a blksize that is too large', { blksize: '99999' }, { blockSize: 65_464, granted: { blksize: '65464' } }],
    ['a blksize that is too small', { blksize: '7' }, {}],
    ['a blksize that is no number', { blksize: '0x200' }, {}],
    ['a negative blksize', { blksize: '-1' }, {}],
    ['an empty blksize', { blksize: '' }, {}],
    ['windowsize', { windowsize: '4' }, { window: 4, granted: { windowsize: '4' } }],
    ['a windowsize that is too large', { windowsize: '65535' }, { window: 64, granted: { windowsize: '64' } }],
    ['a windowsize of 0', { windowsize: '0' }, {}],
    [
      'large blocks and windows together',
      { blksize: '32768', windowsize: '64' },
      { blockSize: 32_768, window: 8, granted: { blksize: '32768', windowsize: '8' } },
    ],
    ['timeout', { timeout: '3' }, { timeoutMs: 3000, granted: { timeout: '3' } }],
    ['the longest timeout', { timeout: '255' }, { timeoutMs: 255_000, granted: { timeout: '255' } }],
    ['a timeout that is too long', { timeout: '256' }, {}],
    ['a timeout of 0', { timeout: '0' }, {}],
    ['tsize', { tsize: '0' }, { granted: { tsize: '1000' } }],
    ['unknown options', { rollover: '0', blksize2: '1024', multicast: '' }, {}],
  ])('for %s', (_, options, expected) => {
    expect(terms(options)).toEqual({ ...plain, ...expected })
  })

  test('keep the order in which the client asked', () => {
    const asked = { tsize: '0', blksize: '1024', 'x-odd': '1', timeout: '1', windowsize: '2' }
    expect(Object.keys(terms(asked).granted)).toEqual(['tsize', 'blksize', 'timeout', 'windowsize'])
  })

  test('never name a size in netascii', () => {
    expect(terms({ tsize: '0', blksize: '1024' }, { netascii: true }).granted).toEqual({ blksize: '1024' })
  })

  test('grant no more than was asked, whatever was asked', () => {
    const value = fc.oneof(fc.nat().map(String), fc.string())
    fc.assert(
      fc.property(
        fc.record({ blksize: value, windowsize: value, timeout: value, tsize: value }, { requiredKeys: [] }),
        (options) => {
          const { blockSize, window, granted } = terms(options)
          if (granted['blksize'] !== undefined) expect(blockSize).toBeLessThanOrEqual(Number(options.blksize))
          if (granted['windowsize'] !== undefined) expect(window).toBeLessThanOrEqual(Number(options.windowsize))
          expect(blockSize * window).toBeLessThanOrEqual(256 * 1024)
        },
      ),
    )
  })
})

test('a block is no larger than what goes in one packet on the way', () => {
  const request = { path: 'a', netascii: false, options: new Map([['blksize', '65464']]) }
  expect(agree(request, 1000, 1468)).toMatchObject({ blockSize: 1468, granted: new Map([['blksize', '1468']]) })
  expect(agree(request, 1000)).toMatchObject({ blockSize: 65_464 })
  expect(agree({ ...request, options: new Map([['blksize', '1024']]) }, 1000, 1468)).toMatchObject({ blockSize: 1024 })
})
