/** Serial over LAN as a table: what is typed, what the BMC says, what follows. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  encodeSol,
  newSol,
  SOL_STATUS,
  type Sol,
  type SolEffect,
  type SolPacket,
  step,
} from '../../../src/power/ipmi/sol.ts'

const NONE = new Uint8Array()

function machine(size = 12) {
  let sol: Sol = newSol(size)
  const feed = (event: Parameters<typeof step>[1]): readonly SolEffect[] => {
    const [next, effects] = step(sol, event)
    sol = next
    return effects
  }
  return {
    write: (text: string) => feed({ event: 'write', bytes: Buffer.from(text) }),
    hear: (packet: Partial<SolPacket>, takes = true) =>
      feed({
        event: 'packet',
        takes,
        payload: encodeSol({ sequence: 0, acknowledged: 0, accepted: 0, status: 0, data: NONE, ...packet }),
      }),
    late: () => feed({ event: 'timeout' }),
    sendBreak: () => feed({ event: 'break' }),
  }
}

const sent = (effects: readonly SolEffect[]) =>
  effects.flatMap((effect) => (effect.do === 'send' ? [Buffer.from(effect.payload).toString('latin1')] : []))
const heard = (effects: readonly SolEffect[]) =>
  effects.flatMap((effect) => (effect.do === 'data' ? [Buffer.from(effect.bytes).toString()] : [])).join('')

describe('a break', () => {
  test('goes with the last characters that were typed before it', () => {
    const sol = machine(4 + 5)
    sol.write('hello you')
    expect(sent(sol.sendBreak())).toEqual([])
    expect(sent(sol.hear({ acknowledged: 1, accepted: 5 }))).toEqual(['\x02\0\0\x10 you'])
    expect(sol.hear({ acknowledged: 2, accepted: 4 })).toEqual([{ do: 'drained' }])
  })

  test('goes alone when nothing was typed, is said again, and is over when it was heard', () => {
    const sol = machine()
    expect(sent(sol.sendBreak())).toEqual(['\x01\0\0\x10'])
    expect(sent(sol.late())).toEqual(['\x01\0\0\x10'])
    expect(sol.hear({ acknowledged: 1, accepted: 0 })).toEqual([{ do: 'drained' }])
  })

  test('waits for the characters that the BMC did not take', () => {
    const sol = machine()
    sol.write('abc')
    sol.sendBreak()
    expect(sent(sol.hear({ acknowledged: 1, accepted: 3 }))).toEqual(['\x02\0\0\x10'])
    sol.hear({ acknowledged: 2, accepted: 0 })
    sol.write('d')
    sol.sendBreak()
    sol.hear({ acknowledged: 3, accepted: 0 })
    expect(sent(sol.late())).toEqual(['\x04\0\0\x10d'])
  })
})

describe('what is typed', () => {
  test('goes in packets of the size that the BMC takes, one after the other', () => {
    const sol = machine(4 + 5)
    expect(sent(sol.write('hello world'))).toEqual(['\x01\0\0\0hello'])
    expect(sent(sol.write('!'))).toEqual([])
    expect(sent(sol.hear({ acknowledged: 1, accepted: 5 }))).toEqual(['\x02\0\0\0 worl'])
    expect(sent(sol.hear({ acknowledged: 2, accepted: 5 }))).toEqual(['\x03\0\0\0d!'])
    expect(sol.hear({ acknowledged: 3, accepted: 2 })).toEqual([{ do: 'drained' }])
  })

  test('is said again, ever more patiently, until the BMC is gone', () => {
    const sol = machine()
    sol.write('x')
    for (let i = 0; i < 5; i++) expect(sent(sol.late())).toEqual(['\x01\0\0\0x'])
    expect(sol.late()).toEqual([{ do: 'gone' }])
  })

  test('and was taken in part only is said under the next number, from there on', () => {
    const sol = machine()
    sol.write('abcdef')
    expect(sent(sol.hear({ acknowledged: 1, accepted: 2 }))).toEqual(['\x02\0\0\0cdef'])
  })

  test('waits when the BMC has no place, until it says so or a while has passed', () => {
    const sol = machine()
    sol.write('abc')
    const status = SOL_STATUS.nack | SOL_STATUS.unavailable
    expect(sol.hear({ acknowledged: 1, accepted: 1, status })).toEqual([{ do: 'wait', ms: 500 }])
    expect(sent(sol.write('d'))).toEqual([])
    expect(sent(sol.hear({}))).toEqual(['\x02\0\0\0bcd'])
    sol.hear({ acknowledged: 2, accepted: 0 })
    expect(sent(sol.late())).toEqual(['\x03\0\0\0bcd'])
  })

  test('is not taken for heard by an old acknowledgement', () => {
    const sol = machine()
    sol.write('a')
    sol.hear({ acknowledged: 1, accepted: 1 })
    sol.write('b')
    expect(sol.hear({ acknowledged: 1, accepted: 1 })).toEqual([])
  })

  test('is counted from 1 to 15, never 0', () => {
    const sol = machine()
    const numbers = Array.from({ length: 31 }, () => {
      const [packet = ''] = sent(sol.write('x'))
      const number = packet.charCodeAt(0)
      sol.hear({ acknowledged: number, accepted: 1 })
      return number
    })
    expect(numbers.slice(13, 18)).toEqual([14, 15, 1, 2, 3])
    expect(numbers).not.toContain(0)
  })
})

describe('what the machine says', () => {
  test('is acknowledged and told', () => {
    const effects = machine().hear({ sequence: 4, data: Buffer.from('login: ') })
    expect(sent(effects)).toEqual(['\0\x04\x07\0'])
    expect(heard(effects)).toBe('login: ')
  })

  test('twice is acknowledged twice, and told once, but for what is new', () => {
    const sol = machine()
    expect(heard(sol.hear({ sequence: 4, data: Buffer.from('login') }))).toBe('login')
    const again = sol.hear({ sequence: 4, data: Buffer.from('login') })
    expect([sent(again), heard(again)]).toEqual([['\0\x04\x05\0'], ''])
    expect(heard(sol.hear({ sequence: 4, data: Buffer.from('login: ') }))).toBe(': ')
    expect(heard(sol.hear({ sequence: 5, data: Buffer.from('login') }))).toBe('login')
  })

  test('is left with the BMC when nobody has room for it, and what it acknowledges counts', () => {
    const sol = machine()
    sol.write('a')
    const effects = sol.hear({ sequence: 4, acknowledged: 1, accepted: 1, data: Buffer.from('x') }, false)
    expect(effects).toEqual([{ do: 'drained' }])
    expect(heard(sol.hear({ sequence: 4, data: Buffer.from('x') }))).toBe('x')
  })

  test('ends with the console taken away', () => {
    expect(machine().hear({ status: SOL_STATUS.deactivated })).toEqual([{ do: 'gone' }])
  })
})

/** A port that takes some characters of each packet, on a way that loses packets both ways. */
test('every character arrives once and in order, whatever is lost and however little is taken', () => {
  const ways = fc.record({
    texts: fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' }), { maxLength: 12 }),
    takes: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 9 }),
    lost: fc.array(fc.boolean(), { minLength: 5, maxLength: 40 }),
  })
  fc.assert(
    fc.property(ways, ({ texts, takes, lost }) => {
      const sol = machine(4 + 8)
      let [arrived, last, accepted, count, turn, misses] = ['', 0, 0, 0, 0, 0]
      // After three that were lost, one gets through and back: so much is promised.
      const loses = () => misses < 3 && lost[turn++ % lost.length] === true && ++misses > 0
      const queue: SolEffect[] = []
      const deliver = (effects: readonly SolEffect[]) => queue.push(...effects)
      for (const text of texts) deliver(sol.write(text))
      for (let rounds = 0; rounds < 5000; rounds++) {
        const effect = queue.shift()
        if (!effect) break
        if (effect.do === 'wait' && queue.length === 0) deliver(sol.late())
        if (effect.do !== 'send' || loses()) continue
        const [sequence = 0] = effect.payload
        const data = Buffer.from(effect.payload.subarray(4))
        if (sequence !== last) {
          accepted = Math.min(data.length, takes[count++ % takes.length] ?? 8) || (count % 3 === 0 ? 1 : 0)
          arrived += data.subarray(0, accepted).toString()
          last = sequence
        }
        if (loses()) continue
        misses = 0
        deliver(sol.hear({ acknowledged: sequence, accepted }))
      }
      expect(arrived).toBe(texts.join(''))
    }),
    { numRuns: 300 },
  )
})
