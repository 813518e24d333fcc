import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../src/lib/bytes.ts'
import { isTrue, parseIf, type StateList, submittedTokens } from '../../src/webdav/if-header.ts'

describe('the If header', () => {
  test('is read as RFC 4918 writes it (section 10.4.6 to 10.4.11)', () => {
    expect(parseIf('(<urn:uuid:1> ["I am an ETag"]) (["I am another ETag"])')).toEqual([
      {
        resource: undefined,
        conditions: [
          { not: false, is: 'token', value: 'urn:uuid:1' },
          { not: false, is: 'etag', value: '"I am an ETag"' },
        ],
      },
      { resource: undefined, conditions: [{ not: false, is: 'etag', value: '"I am another ETag"' }] },
    ])
    expect(parseIf('(Not <urn:uuid:1> <urn:uuid:2>)')[0]?.conditions.map(({ not }) => not)).toEqual([true, false])
    const tagged = parseIf('</a> (<urn:uuid:1> [W/"weak"]) </b> (["strong"]) (["third"])')
    expect(tagged.map(({ resource }) => resource)).toEqual(['/a', '/b', '/b'])
    expect(submittedTokens(tagged)).toEqual(new Set(['urn:uuid:1']))
  })

  test.each([
    '',
    '()',
    '(',
    ')',
    '(<a>',
    '<a>',
    '<a> <b> (<c>)',
    '(Not)',
    '(Not Not <a>)',
    'Not (<a>)',
    '(<a>) <b> (<c>)',
    '(<a>) <b>',
    '["x"] (<a>)',
    '((<a>))',
    '(<a b>)',
    '(["a)',
    'nonsense',
  ])('%j is not one', (header) => {
    expect(() => parseIf(header)).toThrow(DecodeError)
  })

  test('fails in no other way, whatever the text, and quickly', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'()<>[]" \tNotW/ax:') }), (text) => {
        try {
          parseIf(text)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
      { numRuns: 2000 },
    )
    expect(() => parseIf('('.repeat(16_000))).toThrow(DecodeError)
    expect(() => parseIf(`(${' '.repeat(16_000)}x`)).toThrow(DecodeError)
  })

  const condition = fc.record({
    not: fc.boolean(),
    is: fc.constantFrom('token' as const, 'etag' as const),
    value: fc.constantFrom('a', 'b', 'c'),
  })
  const list = fc.record({ resource: fc.constant(undefined), conditions: fc.array(condition, { minLength: 1 }) })
  const lists: fc.Arbitrary<StateList[]> = fc.array(list, { minLength: 1 })
  const quoted = (all: StateList[]) =>
    all.map(({ resource, conditions }) => ({
      resource,
      conditions: conditions.map((one) => (one.is === 'etag' ? { ...one, value: `"${one.value}"` } : one)),
    }))

  test('is written and read back alike', () => {
    fc.assert(
      fc.property(lists, (all) => {
        const text = quoted(all)
          .map(({ conditions }) => {
            const parts = conditions.map(({ not, is, value }) => {
              return `${not ? 'Not ' : ''}${is === 'token' ? `<${value}>` : `[${value}]`}`
            })
            return `(${parts.join(' ')})`
          })
          .join(' ')
        expect(parseIf(text)).toEqual(quoted(all))
      }),
    )
  })

  test('is true when all of one list are', async () => {
    const state = { etag: '"a"', tokens: new Set(['b']) }
    await fc.assert(
      fc.asyncProperty(lists, async (all) => {
        const wanted = all.some(({ conditions }) =>
          conditions.every(({ not, is, value }) => (is === 'etag' ? value === 'a' : value === 'b') !== not),
        )
        expect(await isTrue(quoted(all), async () => state)).toBe(wanted)
      }),
    )
  })

  test('asks about the resource that the tag names', async () => {
    const asked: (string | undefined)[] = []
    await isTrue(parseIf('</a> (<x>) </b> (<y>)'), async (resource) => {
      asked.push(resource)
      return { etag: undefined, tokens: new Set() }
    })
    expect(asked).toEqual(['/a', '/b'])
  })
})
