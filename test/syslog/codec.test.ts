/** Syslog messages as installers and their programs send them, and what no program would send. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../src/lib/bytes.ts'
import { decode, splitStream } from '../../src/syslog/codec.ts'

const read = (text: string) => decode(Buffer.from(text))
const said = (severity: number, app: string, message: string) => ({ severity, app, message })

describe('RFC 3164 and what is left of it', () => {
  test.each([
    [
      'busybox, without a host',
      '<30>Nov 23 08:00:00 main-menu[512]: DEBUG: resolver\n',
      said(6, 'main-menu', 'DEBUG: resolver'),
    ],
    [
      'a kernel line',
      '<6>Nov  3 08:00:00 kernel: [    1.234567] e1000: eth0',
      said(6, 'kernel', '[    1.234567] e1000: eth0'),
    ],
    ['util-linux logger, with a host', '<13>Nov 23 08:00:00 node1 root: hello', said(5, 'root', 'hello')],
    ['a host with dots and a process id', '<13>Nov 23 08:00:00 node1.lab.example sshd[1]: hi', said(5, 'sshd', 'hi')],
    ['an IPv6 host', '<13>Nov 23 08:00:00 fe80::1 sshd: hi', said(5, 'sshd', 'hi')],
    [
      'rsyslog, with its own time',
      '<30>2026-11-23T08:00:00.123456+01:00 node1 systemd[1]: Started X.',
      said(6, 'systemd', 'Started X.'),
    ],
    ['no time', '<13>anna: retrieving', said(5, 'anna', 'retrieving')],
    ['no time and no colon', '<13>anna[7] retrieving', said(5, 'anna', 'retrieving')],
    ['no priority', 'anna: retrieving', said(5, 'anna', 'retrieving')],
    ['nothing but words', 'just some words: here', said(5, '', 'just some words: here')],
    ['words behind a time', '<11>Nov 23 08:00:00 something went wrong', said(3, '', 'something went wrong')],
    ['a year in the time', '<11>Nov 23 2026 08:00:00 switch app: x', said(3, 'app', 'x')],
    ['a priority that is none', '<999>app: x', said(5, '', '<999>app: x')],
    ['a tag without a word', '<11>Nov 23 08:00:00 node1 app:', said(3, 'app', '')],
    [
      'a dotted tag of anaconda',
      '<30>Nov 23 08:00:00 localhost org.fedoraproject.Anaconda.Boss[9]: up',
      said(6, 'org.fedoraproject.Anaconda.Boss', 'up'),
    ],
    [
      'a tag of a part of a program',
      '<22>Nov 23 08:00:00 node1 postfix/smtpd[4]: connect',
      said(6, 'postfix/smtpd', 'connect'),
    ],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toEqual(expected)
  })
})

describe('RFC 5424', () => {
  const date = '2026-11-23T08:00:00.000003Z'
  test.each([
    [
      'its first example',
      `<34>1 ${date} mymachine.example.com su - ID47 - \ufeff'su root' failed`,
      said(2, 'su', "'su root' failed"),
    ],
    ['nothing known', '<13>1 - - - - - -', undefined],
    ['no app, but a message', '<13>1 - - - - - - hello', said(5, '', 'hello')],
    [
      'structured data',
      `<13>1 ${date} h evntslog - ID47 [x@1 a="b" c="d"][y@1] An event`,
      said(5, 'evntslog', 'An event'),
    ],
    [
      'brackets and quotes in structured data',
      `<13>1 ${date} h app 8 - [x@1 a="\\]\\"\\\\ ]"] rest`,
      said(5, 'app', '[x@1 a="\\]\\"\\\\ ]"] rest'),
    ],
    ['escaped structured data', `<13>1 ${date} h app 8 - [x@1 a="\\]\\"\\\\"] rest`, said(5, 'app', 'rest')],
    ['structured data that is none', `<13>1 ${date} h app 8 - [oops rest`, said(5, 'app', '[oops rest')],
    ['structured data and no message', `<13>1 ${date} h app 8 - [x@1]`, said(5, 'app', '')],
  ])('%s', (_, text, expected) => {
    if (expected) expect(read(text)).toEqual(expected)
    else expect(() => read(text)).toThrow(DecodeError)
  })
})

describe('what people see', () => {
  test('has no control characters, no escape sequences and one line', () => {
    expect(read('<13>app: a\x1b[31mred\x1b[0m\tb\0\r\nc\u202ed\u2028e\u009b1m').message).toBe('ared b c d e 1m')
  })

  test('has what is no UTF-8 replaced', () => {
    expect(decode(Buffer.from('<13>app: caf\xe9!', 'latin1')).message).toBe('caf\ufffd!')
  })

  test('is bounded, and no character is cut', () => {
    const { message } = read(`<13>app: ${'😀'.repeat(2000)}`)
    expect(message).toMatch(/^(😀)+…$/u)
    expect(message.length).toBeLessThanOrEqual(2000)
    expect(read(`<13>${'a'.repeat(64)}: x`).app).toHaveLength(48)
  })

  test.each(['', '\n', '\0\0', '<13>', '<13>Nov 23 08:00:00 ', ' \t'])('of %j there is nothing', (text) => {
    expect(() => read(text)).toThrow(DecodeError)
  })
})

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  // Nearly right: what a grammar would get wrong.
  fc
    .array(
      fc.constantFrom(
        '<13>',
        '<',
        '1 ',
        'Nov 23 08:00:00 ',
        '2026-11-23T08:00:00Z ',
        'host ',
        '- ',
        'app[1]:',
        ': ',
        '[a b="',
        '\\"',
        '"]',
        '\n',
        'x',
        '\xff',
        '😀',
      ),
      { maxLength: 30 },
    )
    .map((parts) => Uint8Array.from(Buffer.from(parts.join('')))),
)

test('no bytes whatever make it fail in another way, or give people what they must not see', () => {
  fc.assert(
    fc.property(bytes, (message) => {
      try {
        const { severity, app, message: text } = decode(message)
        expect(severity).toBeGreaterThanOrEqual(0)
        expect(severity).toBeLessThanOrEqual(7)
        expect(`${app}${text}`).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
        expect(app.length + text.length).toBeLessThanOrEqual(2048)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }),
  )
})

test('a message of nothing but brackets and quotes is read at once', () => {
  const evil = `<13>1 - h a p m ${'[a b="\\"'.repeat(1000)}`
  const began = performance.now()
  read(evil)
  read(`<13>${'a'.repeat(8000)}`)
  read(`<13>Nov 23 08:00:00 ${'a:'.repeat(4000)}`)
  expect(performance.now() - began).toBeLessThan(200)
})

describe('a stream', () => {
  const texts = (all: readonly Uint8Array[]) => all.map((one) => Buffer.from(one).toString())

  test('is cut at line feeds', () => {
    const { messages, rest } = splitStream(Buffer.from('<13>a: b\n\n<13>c: d\n<13>e'))
    expect(texts(messages)).toEqual(['<13>a: b', '<13>c: d'])
    expect(Buffer.from(rest).toString()).toBe('<13>e')
  })

  test('is cut by the lengths in front, line feeds or not', () => {
    const { messages, rest } = splitStream(Buffer.from('8 <13>a: b9 <13>c\nd:\n12 <13>e'))
    expect(texts(messages)).toEqual(['<13>a: b', '<13>c\nd:\n'])
    expect(Buffer.from(rest).toString()).toBe('12 <13>e')
  })

  test('waits for a length that may go on', () => {
    expect(splitStream(Buffer.from('12'))).toMatchObject({ messages: [] })
    expect(texts(splitStream(Buffer.from('12 o clock\n')).messages)).toEqual([])
  })

  test('with a length that nobody may send is none', () => {
    expect(() => splitStream(Buffer.from('9999999 <13>'))).toThrow(DecodeError)
  })

  test('cuts a line without end', () => {
    const { messages, rest } = splitStream(Buffer.alloc(70_000, 'x'))
    expect(messages.map(({ length }) => length)).toEqual([65_536])
    expect(rest.length).toBe(70_000 - 65_536)
  })

  test('gives the same messages, however it is parted', () => {
    const message = fc.string({ minLength: 1, maxLength: 30 }).map((text) => `<13>${text.replaceAll('\n', ' ')}`)
    const framed = fc.tuple(message, fc.boolean())
    fc.assert(
      fc.property(fc.array(framed, { maxLength: 10 }), fc.integer({ min: 1, max: 20 }), (all, step) => {
        const stream = Buffer.concat(
          all.map(([text, isCounted]) => Buffer.from(isCounted ? `${Buffer.byteLength(text)} ${text}` : `${text}\n`)),
        )
        const got: string[] = []
        let pending: Uint8Array = new Uint8Array()
        for (let at = 0; at < stream.length; at += step) {
          const { messages, rest } = splitStream(Buffer.concat([pending, stream.subarray(at, at + step)]))
          got.push(...texts(messages))
          pending = rest
        }
        expect(got).toEqual(all.map(([text]) => text))
        expect(pending.length).toBe(0)
      }),
    )
  })

  test('of any bytes ends in messages, a rest, or a DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
        try {
          const { messages, rest } = splitStream(any)
          const total = messages.reduce((sum, { length }) => sum + length, rest.length)
          expect(total).toBeLessThanOrEqual(any.length)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
    )
  })
})
