import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { destinationOf, hostOf, hrefOf, isBelow, placeOf } from '../../src/webdav/path.ts'
import { Refusal } from '../../src/webdav/refusal.ts'

const status = (act: () => unknown): number => {
  try {
    act()
    return 200
  } catch (error) {
    if (error instanceof Refusal) return error.status
    throw error
  }
}

describe('the place that a URL means', () => {
  test.each([
    ['/webdav', '', false],
    ['/webdav/', '', true],
    ['/webdav//a//b', 'a/b', false],
    ['/webdav/formulas/', 'formulas', true],
    ['/webdav/a%20b/%C3%A9%25.txt?x=1', 'a b/é%.txt', false],
    ['http://10.0.0.1:8080/webdav/local_3a_mysql', 'local_3a_mysql', false],
    ['/webdav/e%CC%81', 'e\u0301', false],
  ])('%s is %j', (target, path, slash) => {
    expect(placeOf(target)).toEqual({ path, slash })
  })

  test.each([
    ['/webdav/..', 400],
    ['/webdav/a/../b', 400],
    ['/webdav/%2e%2e/x', 400],
    ['/webdav/.', 400],
    ['/webdav/a%2fb', 400],
    ['/webdav/..%5c..%5c', 400],
    ['/webdav/a\\b', 400],
    ['/webdav/%00', 400],
    ['/webdav/a%0ab', 400],
    ['/webdav/%zz', 400],
    ['/webdav/%c0%ae', 400],
    ['/webdav/%ed%a0%80', 400],
    ['/webdav/a#b', 400],
    ['/webdavs/a', 404],
    ['/', 404],
    [`/webdav/${'x'.repeat(256)}`, 414],
    [`/webdav/${'%C3%A9'.repeat(128)}`, 414],
    [`/webdav/${'abcdefgh/'.repeat(300)}`, 414],
  ])('%s is refused', (target, wanted) => {
    expect(status(() => placeOf(target))).toBe(wanted)
  })

  test('is written and read back alike, whatever the names', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => {
      return !/[/\\\0-\x1f\x7f\ufffe\uffff]/.test(text) && text !== '.' && text !== '..' && text.isWellFormed()
    })
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), fc.boolean(), (names, slash) => {
        const path = names.join('/')
        expect(placeOf(hrefOf(path, slash))).toEqual({ path, slash })
      }),
    )
  })

  test('never has a way out in it, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'%./\\2eEfF05cC\0a#?') }), (text) => {
        try {
          const { path } = placeOf(`/webdav/${text}`)
          expect(path.split('/').some((name) => name === '..' || name === '.' || /[\\\0]/.test(name))).toBe(false)
          expect(path.startsWith('/')).toBe(false)
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a destination', () => {
  test.each([
    ['/webdav/x', ['a.example'], 'x'],
    ['http://a.example:81/webdav/x/', ['a.example'], 'x'],
    ['HTTPS://B.example/webdav/x', ['a.example', 'b.example'], 'x'],
    ['http://other/webdav/x', [], 'x'],
    ['http://[::1]:8080/webdav/x', ['[::1]'], 'x'],
  ])('%s is here', (header, hosts, path) => {
    expect(destinationOf(header, hosts).path).toBe(path)
  })

  test.each([
    [undefined, 400],
    ['x', 400],
    ['http://other/webdav/x', 502],
    ['http://a.example@other/webdav/x', 502],
    ['/etc/passwd', 502],
    ['http://a.example/webdav/../etc', 400],
    ['/webdav/%2e%2e/x', 400],
  ])('%s is refused', (header, wanted) => {
    expect(status(() => destinationOf(header, ['a.example']))).toBe(wanted)
  })
})

test('a host is known with a port and without', () => {
  expect(['a.example:80', 'A.example', 'https://a.example:1/x'].map(hostOf)).toEqual(Array(3).fill('a.example'))
  expect(hostOf('[fe80::1]:80')).toBe('[fe80::1]')
  expect(hostOf(undefined)).toBeUndefined()
})

test('a name that begins like a folder is not in it', () => {
  expect(isBelow('ab/c', 'a')).toBe(false)
  expect(isBelow('a', 'a')).toBe(false)
  expect(isBelow('a/b', 'a')).toBe(true)
  expect(isBelow('a', '')).toBe(true)
  expect(isBelow('', '')).toBe(false)
})
