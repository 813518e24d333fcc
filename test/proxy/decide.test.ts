/** Which hosts a proxy goes to, where their names may lead, what never changes, and what a client has already. */
import { describe, expect, test } from 'vitest'
import type { Facts } from '../../src/proxy/codec.ts'
import {
  factsOf,
  isImmutable,
  isNotModified,
  mayConnect,
  mayHaveRange,
  revalidation,
  trustOf,
} from '../../src/proxy/decide.ts'

describe('a mirror', () => {
  const mirrors = ['deb.debian.org', '*.archive.ubuntu.com', 'Cache.site:3142', '10.0.0.5', '10.0.0.6:8080', '*.77.0.1']
  test.each([
    ['deb.debian.org', 80, 'site'],
    ['deb.debian.org', 8080, undefined],
    ['xdeb.debian.org', 80, undefined],
    ['a.deb.debian.org', 80, undefined],
    ['de.archive.ubuntu.com', 80, 'public'],
    ['a.b.archive.ubuntu.com', 80, 'public'],
    ['archive.ubuntu.com', 80, undefined],
    ['evilarchive.ubuntu.com', 80, undefined],
    ['cache.site', 3142, 'any'],
    ['cache.site', 80, undefined],
    ['10.0.0.5', 80, 'any'],
    ['10.0.0.6', 8080, 'any'],
    ['10.0.0.6', 80, undefined],
    ['10.77.0.1', 80, undefined],
    ['127.0.0.1', 80, undefined],
  ])('%s port %i is trusted: %s', (host, port, expected) => {
    expect(trustOf({ host, port }, mirrors)).toBe(expected)
  })

  test('that is listed twice is trusted as the closer listing says', () => {
    expect(trustOf({ host: 'de.mirror', port: 80 }, ['*.mirror', 'de.mirror'])).toBe('site')
    expect(trustOf({ host: 'de.mirror', port: 80 }, ['de.mirror:80', '*.mirror'])).toBe('any')
  })
})

describe('a name may lead to', () => {
  const isOwn = (address: string) => address === '10.77.0.1' || address === '2001:db8::1'
  const all = ['public', 'site', 'any'] as const
  const allowed = (address: string) => all.filter((trust) => mayConnect(address, trust, isOwn)).join(' ')

  test.each([
    ['151.101.2.132', 'public site any'],
    ['2a04:4e42::644', 'public site any'],
    ['172.32.0.1', 'public site any'],
    ['100.128.0.1', 'public site any'],
    ['10.0.0.1', 'site any'],
    ['172.16.0.1', 'site any'],
    ['172.31.255.255', 'site any'],
    ['192.168.1.1', 'site any'],
    ['100.64.0.1', 'site any'],
    ['fd00::1', 'site any'],
    ['127.0.0.1', 'any'],
    ['127.9.9.9', 'any'],
    ['0.0.0.0', 'any'],
    ['169.254.169.254', 'any'],
    ['224.0.0.1', 'any'],
    ['255.255.255.255', 'any'],
    ['::1', 'any'],
    ['::', 'any'],
    ['::ffff:127.0.0.1', 'any'],
    ['::ffff:151.101.2.132', 'any'],
    ['64:ff9b::7f00:1', 'any'],
    ['2002:7f00:1::1', 'any'],
    ['2001::1', 'any'],
    ['2001:0:1::1', 'any'],
    ['fe80::1', 'any'],
    ['ff02::1', 'any'],
    ['10.77.0.1', 'any'],
    ['2001:db8::1', 'any'],
  ])('%s when it is trusted: %s', (address, expected) => {
    expect(allowed(address)).toBe(expected)
  })
})

test.each([
  ['/debian/pool/main/h/hello/hello_2.10-3_amd64.deb', true],
  ['/debian/pool/main/h/hello/hello_2.10-3_amd64.udeb', true],
  ['/debian/pool/main/h/hello/hello_2.10.orig.tar.gz', true],
  [`/debian/dists/bookworm/main/binary-amd64/by-hash/SHA256/${'a'.repeat(64)}`, true],
  ['/fedora/Packages/b/bash-5.2-1.x86_64.rpm', true],
  [`/fedora/repodata/${'0'.repeat(64)}-primary.xml.gz`, true],
  ['/debian/dists/bookworm/InRelease', false],
  ['/debian/dists/bookworm/main/binary-amd64/Packages.xz', false],
  ['/debian/pool/index.html', false],
  ['/fedora/repodata/repomd.xml', false],
  ['/debian/dists/bookworm/main/installer-amd64/current/images/netboot/netboot.tar.gz', false],
])('%s never changes: %s', (path, expected) => {
  expect(isImmutable({ path, hasQuery: false })).toBe(expected)
  expect(isImmutable({ path, hasQuery: true })).toBe(false)
})

describe('an answer of a mirror', () => {
  const target = { url: 'http://m/a', hasQuery: false }
  test.each([
    [
      { 'content-length': '5', etag: '"a"', 'set-cookie': 'x' },
      { url: 'http://m/a', length: 5, headers: { etag: '"a"' } },
    ],
    [{ 'transfer-encoding': 'chunked' }, { url: 'http://m/a', length: undefined, headers: {} }],
    [{ etag: '"a"' }, undefined],
    [{ 'content-length': '5', 'cache-control': 'max-age=0, no-store' }, undefined],
    [{ 'content-length': '5', 'cache-control': 'private' }, undefined],
  ])('%j is kept as %j', (headers, expected) => {
    expect(factsOf(target, headers)).toEqual(expected)
  })

  test('to a question with a query is not kept', () => {
    expect(factsOf({ ...target, hasQuery: true }, { 'content-length': '5' })).toBeUndefined()
  })
})

describe('a client that has the file', () => {
  const modified = 'Mon, 23 Nov 2026 08:00:00 GMT'
  const facts: Facts = { url: 'http://m/a', length: 5, headers: { etag: 'W/"a"', 'last-modified': modified } }

  test.each([
    [{ 'if-none-match': '"a"' }, true],
    [{ 'if-none-match': '"b", W/"a"' }, true],
    [{ 'if-none-match': '*' }, true],
    [{ 'if-none-match': '"b"', 'if-modified-since': modified }, false],
    [{ 'if-modified-since': modified }, true],
    [{ 'if-modified-since': 'Tue, 24 Nov 2026 08:00:00 GMT' }, true],
    [{ 'if-modified-since': 'Sun, 22 Nov 2026 08:00:00 GMT' }, false],
    [{ 'if-modified-since': 'yesterday' }, false],
    [{}, false],
  ])('and says %j is told so: %s', (request, expected) => {
    expect(isNotModified(request, facts)).toBe(expected)
    expect(isNotModified({ 'if-modified-since': modified }, { ...facts, headers: {} })).toBe(false)
  })

  test('in part gets the rest only if it is of the same file', () => {
    expect(mayHaveRange({}, facts)).toBe(true)
    expect(mayHaveRange({ 'if-range': modified }, facts)).toBe(true)
    expect(mayHaveRange({ 'if-range': '"b"' }, facts)).toBe(false)
  })

  test('a mirror is asked whether it still is', () => {
    expect(revalidation(facts)).toEqual({ 'if-none-match': 'W/"a"', 'if-modified-since': modified })
    expect(revalidation({ ...facts, headers: {} })).toEqual({})
  })
})
