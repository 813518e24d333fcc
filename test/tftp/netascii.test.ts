/** Netascii, and the way back that a Unix client goes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toNetascii } from '../../src/tftp/netascii.ts'

const convert = (text: string) => Buffer.from(toNetascii(Buffer.from(text, 'latin1'))).toString('latin1')

test('line ends become CR LF, and a bare CR becomes CR NUL', () => {
  expect(convert('one\ntwo\n')).toBe('one\r\ntwo\r\n')
  expect(convert('a\rb')).toBe('a\r\0b')
  expect(convert('a\r\nb')).toBe('a\r\0\r\nb')
  expect(convert('')).toBe('')
})

test('a client that turns both back has the same bytes', () => {
  const bytes = fc.array(fc.constantFrom(0, 10, 13, 65), { maxLength: 50 })
  fc.assert(
    fc.property(bytes, (given) => {
      const sent = Buffer.from(toNetascii(Uint8Array.from(given))).toString('latin1')
      const back = sent.replace(/\r\0|\r\n/g, (pair) => (pair === '\r\0' ? '\r' : '\n'))
      expect([...Buffer.from(back, 'latin1')]).toEqual(given)
    }),
  )
})

test('pieces may be converted apart', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\r\nab]{0,20}$/), fc.nat(20), (text, at) => {
      expect(convert(text.slice(0, at)) + convert(text.slice(at))).toBe(convert(text))
    }),
  )
})
