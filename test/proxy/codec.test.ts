/** What clients ask a proxy for, ranges, and the head of a cached file. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../src/lib/bytes.ts'
import { decodeHead, encodeHead, type Facts, readRange, readTarget } from '../../src/proxy/codec.ts'

describe('a target', () => {
  test.each([
    ['http://deb.debian.org/debian/a', 'http://deb.debian.org/debian/a', 'deb.debian.org', 80],
    ['http://DEB.debian.org:80/a', 'http://deb.debian.org/a', 'deb.debian.org', 80],
    ['http://deb.debian.org./a', 'http://deb.debian.org/a', 'deb.debian.org', 80],
    ['http://mirror:3142/a#b', 'http://mirror:3142/a', 'mirror', 3142],
    ['http://mirror/a/../b%3a1.2+3~4.deb', 'http://mirror/b%3a1.2+3~4.deb', 'mirror', 80],
    ['http://0x7f.1/a', 'http://127.0.0.1/a', '127.0.0.1', 80],
    ['http://2130706433/a', 'http://127.0.0.1/a', '127.0.0.1', 80],
    ['HTTP://mirror', 'http://mirror/', 'mirror', 80],
  ])('%s is %s', (text, url, host, port) => {
    expect(readTarget('GET', text)).toMatchObject({ ok: true, target: { url, host, port } })
  })

  test.each([
    ['GET', '/debian/a', 400, /not a site/],
    ['GET', 'https://deb.debian.org/a', 400, /http:\/\//],
    ['GET', 'ftp://deb.debian.org/a', 400, /http:\/\//],
    ['GET', 'file:///etc/passwd', 400, /http:\/\//],
    ['GET', 'http://[::1]/a', 400, /IPv4/],
    ['GET', 'http://user:pw@deb.debian.org/', 400, /password/],
    ['GET', 'http://', 400, /./],
    ['GET', '*', 400, /./],
    ['POST', 'http://deb.debian.org/', 405, /GET and HEAD/],
    ['PUT', 'http://deb.debian.org/', 405, /GET and HEAD/],
  ])('%s %s is refused with %i', (method, text, status, because) => {
    expect(readTarget(method, text)).toMatchObject({ ok: false, status, because: expect.stringMatching(because) })
  })

  test('of any text is a host of plain letters, or refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `http://${text}`),
        ),
        (text) => {
          const read = readTarget('GET', text)
          if (read.ok) expect(read.target.host).toMatch(/^[a-z0-9_.-]+$/)
        },
      ),
    )
  })
})

describe('a range', () => {
  test.each([
    [undefined, undefined],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=10-', { start: 10, end: 99 }],
    ['bytes=10-500', { start: 10, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-500', { start: 0, end: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=9-3', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,5-6', undefined],
    ['lines=0-1', undefined],
    ['bytes=0-1x', undefined],
  ])('%s of a hundred bytes', (header, expected) => {
    expect(readRange(header, 100)).toEqual(expected)
  })

  test('is always inside of the file', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(), fc.nat({ max: 1000 }), (text, first, last, length) => {
        for (const header of [text, `bytes=${first}-${last}`, `bytes=${first}-`, `bytes=-${last}`]) {
          const range = readRange(header, length)
          if (typeof range !== 'object') continue
          expect(range.start).toBeGreaterThanOrEqual(0)
          expect(range.end).toBeLessThan(length)
          expect(range.start).toBeLessThanOrEqual(range.end)
        }
      }),
    )
  })
})

describe('the head of a cached file', () => {
  const facts: fc.Arbitrary<Facts> = fc.record({
    url: fc.string(),
    length: fc.option(fc.nat(), { nil: undefined }),
    headers: fc.dictionary(fc.constantFrom('etag', 'content-type', 'last-modified'), fc.string(), {
      noNullPrototype: true,
    }),
  })

  test('is read as it was written, whatever follows', () => {
    fc.assert(
      fc.property(facts, fc.uint8Array(), (written, body) => {
        const head = encodeHead(written)
        expect(decodeHead(Buffer.concat([head, body]))).toEqual({ facts: written, bodyAt: head.length })
      }),
    )
  })

  test.each([
    '',
    'ORP1',
    'ORP1\0\0\0\x04null',
    'ORP1\0\0\0\x02{}',
    'ORP1\0\0\0\x99{}',
    'ORP1\0\0\0\x02{{',
    'GET / HTTP',
  ])('is not %j', (text) => {
    expect(() => decodeHead(Buffer.from(text, 'latin1'))).toThrow(DecodeError)
  })

  test('of any bytes is one, or a DecodeError', () => {
    const near = fc
      .string()
      .map((text) => Buffer.concat([encodeHead({ url: '', length: 1, headers: {} }).subarray(0, 8), Buffer.from(text)]))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), near), (bytes) => {
        try {
          decodeHead(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
    )
  })
})
