/** What a session does with that which is not proven: rubbish, changed packets, an impostor, and what was heard before. */
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { ASK_STATUS } from '../../../src/power/ipmi/commands.ts'
import { windowed } from '../../../src/power/ipmi/session-state.ts'
import { type Bmc, type BmcOptions, createBmc } from '../../support/bmc/bmc.ts'
import { type Conversation, converse, failureOf, type Hands } from './conversation.ts'

const made: Bmc[] = []
afterEach(() => {
  for (const bmc of made.splice(0)) bmc.stop()
})

function start(options: BmcOptions = {}, hands: Hands = {}): Conversation & { bmc: Bmc } {
  const bmc = createBmc(options)
  made.push(bmc)
  const talk = converse(bmc, hands)
  talk.feed({ event: 'start' })
  return Object.assign(talk, { bmc })
}

const answersOf = ({ seen }: Conversation) => seen.filter((effect) => effect.do === 'answer')
const ask = (talk: Conversation, id = 1) => talk.feed({ event: 'request', id, request: ASK_STATUS })

describe('what is not proven', () => {
  /** Bytes that look like something: of the right kind, with the right ids, or changed from what a BMC said. */
  const rubbish = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc
      .tuple(fc.constantFrom(0, 1, 0x11, 0x13, 0x15, 0xc0, 0xc1, 0x40, 0x80), fc.uint8Array({ maxLength: 80 }))
      .map(([type, payload]) => {
        const header = Buffer.from('0600ff0706000000000000000000', 'hex')
        header[5] = type
        if (type >= 0x40) header.writeUInt32LE(0x1234_5678, 6)
        return Buffer.concat([header, Buffer.of(payload.length, 0), payload])
      }),
  )

  test('never opens a session, whatever comes and however long', () => {
    fc.assert(
      fc.property(fc.array(rubbish, { maxLength: 60 }), fc.array(fc.nat(3), { maxLength: 60 }), (packets, waits) => {
        const talk = converse({ receive() {} })
        talk.feed({ event: 'start' })
        packets.forEach((bytes, i) => {
          talk.feed({ event: 'bytes', bytes })
          if (waits[i] === 0) talk.wait()
        })
        expect(talk.seen.some((effect) => effect.do === 'opened')).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('never opens a session with a BMC that does not know the password, however its packets are changed', () => {
    const change = fc.record({ packet: fc.nat(8), at: fc.nat(120), bits: fc.integer({ min: 1, max: 255 }) })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.constantFrom([17], [3], [0, 3, 17]), (changes, suites) => {
        let count = -1
        const talk = start(
          { suites, users: [{ name: 'admin', password: 'guess', privilege: 4 }] },
          {
            toConsole(bytes) {
              count++
              const changed = Buffer.from(bytes)
              for (const { packet, at, bits } of changes) {
                if (packet === count && at < changed.length) changed[at] = (changed[at] ?? 0) ^ bits
              }
              return changed
            },
          },
        )
        talk.wait(60)
        expect(talk.seen.some((effect) => effect.do === 'opened')).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['RAKP 2', 0x13, 16 + 40, 'wrong-password'],
    ['RAKP 4', 0x15, 16 + 8, 'bmc-key'],
  ])('never opens a session when one bit of the code in %s is another', (_, type, at, what) => {
    const talk = start(
      {},
      {
        toConsole(bytes) {
          const changed = Buffer.from(bytes)
          if (bytes[4] === 6 && bytes[5] === type) changed[at] = (changed[at] ?? 0) ^ 1
          return changed
        },
      },
    )
    expect(failureOf(talk)).toEqual({ what })
    expect(talk.seen.some((effect) => effect.do === 'opened')).toBe(false)
  })

  test('never changes an answer: with one bit turned over, it is as if it were lost', () => {
    fc.assert(
      fc.property(fc.nat(79), fc.nat(7), (at, bit) => {
        let turn = false
        const talk = start(
          { isOn: true },
          {
            toConsole(bytes) {
              const changed = Buffer.from(bytes)
              // The first four bytes are RMCP's, of which two say nothing.
              if (turn && at >= 4) changed[at] = (changed[at] ?? 0) ^ (1 << bit)
              turn = false
              return changed
            },
          },
        )
        turn = true
        ask(talk)
        talk.wait()
        expect(answersOf(talk)).toMatchObject([{ response: { completion: 0, data: Uint8Array.of(0x21, 0, 0x40) } }])
      }),
      { numRuns: 200 },
    )
  })
})

describe('the window of sequence numbers', () => {
  const secure = (highest: number, heard: number) =>
    ({ keys: undefined, managedId: 1, sent: 0, highest, heard }) as unknown as Parameters<typeof windowed>[0]

  test.each([
    ['the next', 10, 11, true],
    ['one that jumps far ahead', 10, 5000, true],
    ['the same again', 10, 10, false],
    ['one that was passed by', 10, 8, true],
    ['one too old to tell', 100, 60, false],
    ['over the end of 32 bits', 0xffff_ffff, 1, true],
    ['back over the end', 1, 0xffff_ffff, true],
  ])('%s', (_, highest, sequence, isNew) => {
    expect(windowed(secure(highest, 1), sequence) !== undefined).toBe(isNew)
  })

  test('takes each number once, in whatever order they come', () => {
    const order = fc.shuffledSubarray(Array.from({ length: 30 }, (_, i) => i + 1))
    fc.assert(
      fc.property(order, order, (first, second) => {
        let state = secure(0, 1)
        const taken: number[] = []
        for (const number of [...first, ...second]) {
          const next = windowed(state, number)
          if (next) taken.push(number)
          state = next ?? state
        }
        expect(taken.sort((a, b) => a - b)).toEqual([...new Set([...first, ...second])].sort((a, b) => a - b))
      }),
    )
  })
})
