/** Options as text: how Cobbler's users write them, and how a kernel line must read. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Options } from '../../src/model/item.ts'
import { formatOptions, parseList, parseOptions } from '../../src/model/options.ts'

describe('options in a text', () => {
  test.each<[string, Options]>([
    ['', {}],
    ['   ', {}],
    ['quiet', { quiet: null }],
    ['a=1 b=2', { a: '1', b: '2' }],
    ['a=1 a=2 a=3', { a: ['1', '2', '3'] }],
    ['a a=2', { a: [null, '2'] }],
    ['console=ttyS0,115200n8 quiet', { console: 'ttyS0,115200n8', quiet: null }],
    ["c='two words'", { c: 'two words' }],
    ['c="two words" d', { c: 'two words', d: null }],
    ['c=two\\ words', { c: 'two words' }],
    ['c="say \\"hi\\""', { c: 'say "hi"' }],
    ["c='no \\ escape'", { c: 'no \\ escape' }],
    ['c="unended', { c: 'unended' }],
    ['url=http://x/?a=b&c=d', { url: 'http://x/?a=b&c=d' }],
    ['a=', { a: '' }],
    ['!a', { '!a': null }],
    ['a=1\tb=2\nc=3', { a: '1', b: '2', c: '3' }],
  ])('%j are %j', (text, options) => {
    expect(parseOptions(text)).toEqual(options)
  })

  test('never fail, and never reach the prototype', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseOptions(text)))
    const options = parseOptions('__proto__=x constructor=y')
    expect(Object.keys(options)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(options)).toBe(Object.prototype)
  })
})

describe('a list in a text', () => {
  test.each([
    ['', []],
    ['delete', []],
    ['a b  c', ['a', 'b', 'c']],
    ['"a b" c', ['a b', 'c']],
  ])('%j is %j', (text, list) => {
    expect(parseList(text)).toEqual(list)
  })
})

describe('a kernel line', () => {
  test.each<[Options, string]>([
    [{}, ''],
    [{ quiet: null, a: '1' }, 'quiet a=1'],
    [{ quiet: '~', splash: '' }, 'quiet splash'],
    [{ console: ['tty0', 'ttyS0,115200n8'] }, 'console=tty0 console=ttyS0,115200n8'],
    [{ none: [] }, ''],
    [{ name: 'two words' }, 'name="two words"'],
    [{ n: 7, on: true }, 'n=7 on=true'],
  ])('of %j is %j', (options, line) => {
    expect(formatOptions(options)).toBe(line)
  })

  test('is one line, whatever the values are: a second one would be a command of the boot loader', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string()))), (options) => {
        expect(formatOptions({ ...options, evil: 'a\nAPPEND init=/bin/sh', 'k\ny': null })).not.toMatch(/[\r\n]/)
      }),
    )
  })

  test('is read back as what was written, for plain words', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9_.,:/=-]+$/)
    const key = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]*$/)
    const value = fc.oneof(word, fc.array(word, { minLength: 2, maxLength: 4 }), fc.constant(null))
    fc.assert(
      fc.property(fc.dictionary(key, value), (options) => {
        expect(parseOptions(formatOptions(options))).toEqual({ ...options })
      }),
    )
  })
})
