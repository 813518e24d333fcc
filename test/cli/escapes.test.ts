/** The keys that a console keeps for itself. */
import { expect, test } from 'vitest'
import { watchEscapes } from '../../src/cli/escapes.ts'

const run = (...parts: string[]) => {
  const escapes = watchEscapes()
  return parts.flatMap((part) => escapes(Buffer.from(part))).map(({ keys, act }) => `${keys}${act ? `<${act}>` : ''}`)
}

test.each([
  [['ls\r'], ['ls\r']],
  [['~.'], ['<leave>']],
  [['ls\r~.'], ['ls\r<leave>']],
  [
    ['ls\r', '~', '.'],
    ['ls\r', '<leave>'],
  ],
  [['cd ~.'], ['cd ~.']],
  [['~~.'], ['~.']],
  [['~x'], ['~x']],
  [
    ['~B', '~B'],
    ['<break>', '<break>'],
  ],
  [['a\x1d'], ['a<leave>']],
  [['~\r~.'], ['~\r<leave>']],
])('%j is %j', (typed, told) => {
  expect(run(...typed)).toEqual(told)
})
