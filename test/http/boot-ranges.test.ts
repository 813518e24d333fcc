/** Parts of boot files, against a model of RFC 9110: to the byte, for whatever fields, and for many requests in one write. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SEED } from '../support/hostile.ts'
import { type Answer, bootDoor, cut, readAnswers } from './boot-door.ts'

const door = bootDoor()

interface Asked {
  readonly method: 'GET' | 'HEAD'
  readonly file: 'file' | 'large' | 'empty'
  readonly range: string | undefined
  readonly ifRange: string | undefined
}

const contents = (file: Asked['file']) => (file === 'empty' ? Buffer.alloc(0) : door.site[file])

async function etagOf(file: Asked['file']): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${door.port}/boot/${file}`, { method: 'HEAD' })
  return answer.headers.get('etag') ?? ''
}

type Meaning = { readonly start: number; readonly end: number } | 'none of it' | 'ignored'

/** RFC 9110, 14.1.1, 14.1.2 and 14.2; several parts are ignored, which they may be. */
function meaningOf(range: string, size: number): Meaning {
  const [, list] = /^bytes=(.*)$/i.exec(range) ?? []
  const specs = (list ?? '').split(',').map((one) => one.replace(/^[ \t]+|[ \t]+$/g, ''))
  const [spec, ...more] = specs.filter((one) => one !== '')
  const [, from = '', to = ''] = /^(\d*)-(\d*)$/.exec(spec ?? '') ?? []
  if (more.length > 0 || (from === '' && to === '')) return 'ignored'
  const last = BigInt(size - 1)
  if (from === '') {
    if (BigInt(to) === 0n) return 'none of it'
    const length = Number(BigInt(to) > BigInt(size) ? BigInt(size) : BigInt(to))
    return length === 0 ? 'ignored' : { start: size - length, end: size - 1 }
  }
  if (to !== '' && BigInt(to) < BigInt(from)) return 'ignored'
  if (BigInt(from) > last) return 'none of it'
  return { start: Number(from), end: to === '' || BigInt(to) > last ? size - 1 : Number(to) }
}

const position = fc.oneof(
  fc.nat(1100).map(String),
  fc.nat(41_000).map(String),
  fc.constantFrom('', '0', '00', '999', '1000', '1001', '39999', '40000', '9007199254740993', '9'.repeat(400)),
)
const plain = fc.tuple(position, position).map(([from, to]) => `bytes=${from}-${to}`)
/** As many letters as a field may have: no line ends and no NUL. */
const letters = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'bytes=-, 0123456789'),
      fc.integer({ min: 32, max: 255 }).map((one) => String.fromCharCode(one)),
    ),
    { maxLength: 20 },
  )
  .map((all) => all.join('').replaceAll('\x7f', ''))
const odd = fc.oneof(
  letters,
  letters.map((text) => `bytes=${text}`),
  fc.tuple(plain, fc.constantFrom(' ', ',', ', ', '\t', '\u00a0', ',,', ';q=1', '-')).map(([one, more]) => one + more),
  fc
    .array(fc.tuple(position, position), { maxLength: 4 })
    .map((all) => `bytes=${all.map((one) => one.join('-')).join(',')}`),
  plain.map((one) => one.toUpperCase()),
  plain.map((one) => one.replace('=', ' = ')),
)
const validator = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('ETAG', 'W/ETAG', '"ETAG"', 'DATE', '*', '""') },
  { weight: 1, arbitrary: letters },
)
const asked: fc.Arbitrary<Asked> = fc.record({
  method: fc.constantFrom('GET' as const, 'GET' as const, 'GET' as const, 'HEAD' as const),
  file: fc.constantFrom('file' as const, 'large' as const, 'empty' as const),
  range: fc.option(fc.oneof(plain, odd), { nil: undefined, freq: 9 }),
  ifRange: fc.option(validator, { nil: undefined, freq: 1 }),
})

test('a part of a file is what was asked for, to the byte, whatever the headers; and many in one write are answered in their order', async () => {
  const etags = { file: await etagOf('file'), large: await etagOf('large'), empty: await etagOf('empty') }
  const told = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(asked, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(2000), { maxLength: 3 }),
      async (all, cuts) => {
        const wanted = all.map((one) => ({ ...one, ifRange: one.ifRange?.replace('ETAG', etags[one.file]) }))
        const text = wanted.map(({ method, file, range, ifRange }, index) =>
          [
            `${method} /boot/${file} HTTP/1.1`,
            'Host: x',
            ...(range === undefined ? [] : [`Range: ${range}`]),
            ...(ifRange === undefined ? [] : [`If-Range: ${ifRange}`]),
            ...(index === all.length - 1 ? ['Connection: close'] : []),
            '\r\n',
          ].join('\r\n'),
        )
        const answers = readAnswers(
          await door.exchange(cut(Buffer.from(text.join(''), 'latin1'), cuts)),
          all.map(({ method }) => method),
        )
        expect(answers.length).toBe(all.length)
        for (const [index, one] of wanted.entries()) {
          told.set(answers[index]?.status ?? 0, (told.get(answers[index]?.status ?? 0) ?? 0) + 1)
          expectRight(one, answers[index], etags[one.file])
        }
      },
    ),
    { numRuns: 300, seed: SEED },
  )
  expect([...told.keys()].sort()).toEqual([200, 206, 416])
})

/** A field's value without what stands around it. */
const trimmed = (text: string | undefined) => text?.replace(/^[ \t]+|[ \t]+$/g, '')

function expectRight({ method, file, ...fields }: Asked, answer: Answer | undefined, etag: string): void {
  const whole = contents(file)
  const [range, ifRange] = [trimmed(fields.range), trimmed(fields.ifRange)]
  const counts = method === 'GET' && range !== undefined && (ifRange === undefined || ifRange === etag)
  const meaning = counts ? meaningOf(range, whole.length) : 'ignored'
  const said = { status: answer?.status, range: answer?.headers.get('content-range') }
  const isPlain = /^bytes=\d*-\d*$/.test(range ?? '')
  if (meaning !== 'ignored' && !isPlain && said.status === 200) {
    // What is spelled in another way may be ignored.
    expect(answer?.body.equals(method === 'HEAD' ? Buffer.alloc(0) : whole)).toBe(true)
  } else if (meaning === 'none of it') {
    expect(said).toEqual({ status: 416, range: `bytes */${whole.length}` })
  } else if (meaning === 'ignored') {
    expect(said).toEqual({ status: 200, range: undefined })
    expect(answer?.headers.get('content-length')).toBe(`${whole.length}`)
    expect(answer?.body.equals(method === 'HEAD' ? Buffer.alloc(0) : whole)).toBe(true)
  } else {
    const { start, end } = meaning
    expect(said).toEqual({ status: 206, range: `bytes ${start}-${end}/${whole.length}` })
    expect(answer?.body.equals(whole.subarray(start, end + 1))).toBe(true)
  }
}
