/** Texts as people see them: compared, searched, and freed of what would steer what is read. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hitsOf, piecesOf } from '../../../src/ui/pages/machine/found.ts'
import { textDiff } from '../../../src/ui/parts/text-diff.ts'
import { visible } from '../../../src/ui/parts/visible.ts'

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('')

describe('a difference', () => {
  test('shows what changed with three lines around, and counts the rest', () => {
    const { rows, gone, added } = textDiff(lines(20), lines(20).replace('line 10\n', 'line ten\nand more\n'))
    expect({ gone, added }).toEqual({ gone: 1, added: 2 })
    expect(rows.map((row) => (row.kind === 'skipped' ? `${row.count} skipped` : `${row.kind} ${row.text}`))).toEqual([
      '6 skipped',
      ...['same line 7', 'same line 8', 'same line 9'],
      ...['gone line 10', 'new line ten', 'new and more'],
      ...['same line 11', 'same line 12', 'same line 13'],
      '7 skipped',
    ])
  })

  test('is none for the same text, whether its last line has an end or not', () => {
    expect(textDiff('a\nb', 'a\nb\n')).toMatchObject({ gone: 0, added: 0 })
    expect(textDiff('', '')).toEqual({ rows: [], gone: 0, added: 0 })
  })

  test('numbers the lines of both sides', () => {
    expect(textDiff('a\nb\n', 'a\nc\nb\n').rows).toEqual([
      { kind: 'same', before: 1, after: 1, text: 'a' },
      { kind: 'new', after: 2, text: 'c' },
      { kind: 'same', before: 2, after: 3, text: 'b' },
    ])
  })

  test('has every line of the new text, shown or counted', () => {
    const text = fc.array(fc.constantFrom('a', 'b', '', 'c'), { maxLength: 30 }).map((all) => all.join('\n'))
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { rows } = textDiff(before, after)
        const counted = rows.reduce((sum, row) => {
          if (row.kind === 'skipped') return sum + row.count
          return row.kind === 'gone' ? sum : sum + 1
        }, 0)
        expect(counted).toBe(after === '' ? 0 : after.replace(/\n$/, '').split('\n').length)
      }),
    )
  })
})

describe('a search', () => {
  test('finds a word in any case, and cuts the line there', () => {
    expect(piecesOf('Menu item Partman partman', 'PARTMAN')).toEqual([
      { text: 'Menu item ', isHit: false },
      { text: 'Partman', isHit: true },
      { text: ' ', isHit: false },
      { text: 'partman', isHit: true },
    ])
    expect(hitsOf(['a', 'b', 'AB'], 'b')).toEqual([1, 2])
    expect(hitsOf(['a'], '')).toEqual([])
  })

  test('loses no letter of a line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (line, wanted) => {
        expect(
          piecesOf(line, wanted)
            .map(({ text }) => text)
            .join(''),
        ).toBe(line)
      }),
    )
  })
})

test('nothing of a machine steers a terminal or the direction of reading', () => {
  expect(visible('a\x1b[31mred\x07\x7f\x9b')).toBe('a␛[31mred␇␡<U+009B>')
  expect(visible('photo\u202egpj.exe\u2066')).toBe('photo<U+202E>gpj.exe<U+2066>')
  expect(visible('plain\ttext, ünïcode, 日本')).toBe('plain\ttext, ünïcode, 日本')
})
