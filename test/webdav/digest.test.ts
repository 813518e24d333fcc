import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestHa1 } from '../../src/lib/secret.ts'
import { challenge, isResponse, makeNonce, nonceTime, parseDigest, responseOf } from '../../src/webdav/digest.ts'

/** The example of RFC 2617 section 3.5. */
const EXAMPLE = [
  'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
  'uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b"',
  'response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
].join(', ')
const HA1 = digestHa1('Mufasa', 'testrealm@host.com', 'Circle Of Life')

describe('Digest credentials', () => {
  test('of the RFC are right, and with anything changed they are not', () => {
    const given = parseDigest(EXAMPLE)
    if (!given) throw new Error('not read')
    expect(isResponse(HA1, 'GET', given)).toBe(true)
    expect(isResponse(HA1, 'PUT', given)).toBe(false)
    expect(isResponse(digestHa1('Mufasa', 'testrealm@host.com', 'circle of life'), 'GET', given)).toBe(false)
    for (const change of [{ nonce: 'x' }, { uri: '/' }, { nc: '00000002' }, { cnonce: 'x' }]) {
      expect(isResponse(HA1, 'GET', { ...given, ...change })).toBe(false)
    }
  })

  test('may quote what RFC 7616 wants bare, and name the absolute URL', () => {
    const credentials = { nonce: 'n', nc: '00000007', cnonce: 'c', qop: 'auth', uri: 'http://h/webdav/x' }
    const response = responseOf(HA1, 'PUT', { username: 'Mufasa', realm: 'Cobbler', ...credentials })
    const given = parseDigest(
      `Digest algorithm="MD5", username="Mufasa", realm="Cobbler", nonce="n", uri="http://h/webdav/x", ` +
        `qop="auth", nc="00000007", cnonce="c", response="${response}"`,
    )
    expect(given).toMatchObject(credentials)
    expect(given && isResponse(HA1, 'PUT', given)).toBe(true)
  })

  test.each([
    ['Basic YTpi'],
    ['Digest'],
    [EXAMPLE.replace('qop=auth', 'qop=auth-int')],
    [EXAMPLE.replace('qop=auth, ', '')],
    [EXAMPLE.replace('nc=00000001', 'nc=1')],
    [EXAMPLE.replace('nc=00000001, ', '')],
    [EXAMPLE.replace(/nonce="[^"]*", /, '')],
    [`${EXAMPLE}, algorithm=SHA-256`],
    [`${EXAMPLE}, username="Scar"`],
    [EXAMPLE.replace(/response="[^"]*"/, 'response="short"')],
    [`${EXAMPLE}, =`],
    [EXAMPLE.replace('"Mufasa"', '"Mufasa')],
  ])('%s are none', (header) => {
    expect(parseDigest(header)).toBeUndefined()
  })

  test('are read or not, whatever the text, and never throw', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'abc="\\, \tnc0realm') })
    fc.assert(fc.property(letters, (text) => void parseDigest(`Digest ${text}`)))
    expect(parseDigest(`Digest a="${'\\'.repeat(15_000)}`)).toBeUndefined()
  })

  test('take a quoted quote as it is', () => {
    const given = parseDigest(EXAMPLE.replace('"Mufasa"', '"Mu\\"fasa\\\\"'))
    expect(given?.username).toBe('Mu"fasa\\')
  })
})

describe('a nonce', () => {
  const key = randomBytes(32)

  test('tells when it was made, to whoever has the key', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 47 }), (time) => {
        const nonce = makeNonce(key, time, randomBytes(9))
        expect(nonce).toMatch(/^[\w-]{44}$/)
        expect(nonceTime(key, nonce)).toBe(time)
        expect(nonceTime(randomBytes(32), nonce)).toBeUndefined()
      }),
    )
  })

  test('that was changed in one place is not ours', () => {
    const nonce = makeNonce(key, 1_700_000_000_000, randomBytes(9))
    for (let at = 0; at < nonce.length; at++) {
      const other = nonce[at] === 'A' ? 'B' : 'A'
      expect(nonceTime(key, nonce.slice(0, at) + other + nonce.slice(at + 1))).toBeUndefined()
    }
    for (const text of ['', 'x', `${nonce}=`, `${nonce} `, nonce.slice(1)]) expect(nonceTime(key, text)).toBeUndefined()
  })
})

test('the challenge is what a client of 2011 can read: its qop split at commas holds auth, and MD5 is bare', () => {
  expect(challenge('Cobbler', 'abc', false)).toBe('Digest realm="Cobbler", nonce="abc", algorithm=MD5, qop="auth"')
  expect(challenge('Cobbler', 'abc', true)).toMatch(/, stale=true$/)
})
