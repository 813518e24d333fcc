/** What a machine may do to the terminal that shows it, and what not. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FilterKind, terminalFilter } from '../../src/lib/terminal-filter.ts'

const run = (kind: FilterKind, text: string | Uint8Array) => terminalFilter(kind)(Buffer.from(text)).toString()

describe.each(['live', 'record'] as const)('%s: through go', (kind) => {
  test.each([
    ['text in any language', 'Grüße, 日本語, 🚀\r\n\ttab\b\x07'],
    ['colors', '\x1b[31;1mred\x1b[0m \x1b[38:2::1:2:3mtrue\x1b[m'],
    ['the cursor and clearing', '\x1b[2J\x1b[1;1H\x1b[10;20f\x1b[K\x1b[?25l\x1b7\x1b8\x1bc\x1bM'],
    ['scrolling and other screens', '\x1b[1;24r\x1b[?1049h\x1b[?7l\x1b[5S\x1b[4h\x1b=\x1b>'],
    ['character sets', '\x1b(0lqk\x1b(B\x1b%G'],
  ])('%s', (_, text) => {
    expect(run(kind, text)).toBe(text)
  })

  test('bytes of an encoding that is not UTF-8', () => {
    const bytes = Buffer.from('c4c4bf20b3e9fc', 'hex')
    expect(terminalFilter(kind)(Buffer.concat([bytes, Buffer.from('.')])).toString('hex')).toBe('c4c4bf20b3e9fc2e')
  })
})

describe.each(['live', 'record'] as const)('%s: out go', (kind) => {
  test.each([
    ['the clipboard', '\x1b]52;c;cm0gLXJmIC8=\x07'],
    ['a title', '\x1b]0;root@bank\x1b\\'],
    ['a title of screen', '\x1bktitle\x1b\\'],
    ['a link', '\x1b]8;;http://evil.example\x1b\\'],
    ['a control string', '\x1bP+q544e\x1b\\'],
    ['other strings', '\x1b_Gq\x1b\\\x1b^x\x1b\\\x1bXy\x1b\\'],
    ['strings begun by one character', '\u009d52;c;AAAA\u009c\u0090x\u009c'],
    ['reports and sizes of the window', '\x1b[21t\x1b[8;100;300t\u009b21t'],
    ['sequences that are malformed', '\x1b[6?52;c\x1b[ 1n'],
    ['printing', '\x1b[5i\x1b[4i\x1b[?5i\x1b[>2t'],
  ])('%s', (_, text) => {
    expect(run(kind, `a${text}b`)).toBe('ab')
  })

  test('a string that another sequence ends, up to that', () => {
    expect(run(kind, 'a\x1b]0;x\x1b[mb')).toBe('a\x1b[mb')
  })

  test('raw controls of eight bits', () => {
    expect(terminalFilter(kind)(Buffer.from('61 9b 32 31 74 62'.replaceAll(' ', ''), 'hex')).toString()).toBe('a21tb')
  })

  test('what is written longer than it is', () => {
    // e0 82 9b is c2 9b to a lax reader.
    expect(terminalFilter(kind)(Buffer.from('e0829b', 'hex')).toString('hex')).toBe('e0')
  })
})

describe('questions', () => {
  const questions = [
    ...['\x1b[c', '\x1b[0c', '\x1b[>c', '\x1b[=c', '\x1bZ', '\x1b[5n', '\x1b[6n', '\x1b[?6n', '\x1b[x', '\x1b[1x'],
    ...['\x1b[?2026$p', '\x1b[4$p', '\x1b[>q', '\x1b[>0q', '\x1b[?u', '\x1b[?1;1S', '\x1b[1;1;1;1;2;2*y', '\x1b[1$w'],
    ...['\x05', '\u009bc', '\x1b[?4m'],
  ]
  test.each(questions)('%j is not asked again from a recording', (text) => {
    expect(run('record', `a${text}b`)).toBe('ab')
  })

  test('of the cursor may be asked live', () => {
    expect(run('live', 'a\x1b[6nb')).toBe('a\x1b[6nb')
  })

  test('do not hide a mouse that is switched on in a recording', () => {
    expect(run('record', 'a\x1b[?1000h\x1b[?25;1006h\x1b[?2004hb')).toBe('a\x1b[?2004hb')
  })
})

describe('whatever comes', () => {
  const bit = fc.constantFrom(
    '\x1b',
    '[',
    ']',
    '52;c;',
    '\x07',
    '\\',
    'c',
    'n',
    't',
    '6',
    ';',
    '?',
    '\u009b',
    '\u009d',
    'ü',
    'a',
    '\n',
    '\x18',
  )
  const text = fc.array(bit, { maxLength: 40 }).map((parts) => parts.join(''))

  test('it does not matter where it is cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(60), { maxLength: 5 }), (said, cuts) => {
        const bytes = Buffer.from(said)
        const filter = terminalFilter('record')
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
        const parts = places.slice(1).map((end, at) => filter(bytes.subarray(places[at], end)))
        expect(Buffer.concat(parts).toString()).toBe(terminalFilter('record')(bytes).toString())
      }),
    )
  })

  test('nothing is left to find in what was filtered', () => {
    fc.assert(
      fc.property(text, (said) => {
        const once = run('record', said)
        expect(once).not.toMatch(/\x1b\]|\x1bP|\u009b|\u009d|\x1b\[[\d;?]*[cnt]/)
        expect(run('record', once)).toBe(once)
      }),
    )
  })

  test('a string that never ends is given up, and hides no more than 64 KiB', () => {
    const filter = terminalFilter('record')
    const after = filter(Buffer.from(`\x1b]0;${'x'.repeat(65_536)}login: `)).toString()
    expect(after).toMatch(/login: $/)
    expect(after.length).toBeLessThan(20)
  })
})
