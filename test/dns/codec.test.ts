/** DNS messages: what clients send, what we answer, and that no bytes break it. */
import packet from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DnsAnswer, decodeQuery, encodeAnswer, encodeFormErr, RCODE, udpLimit } from '../../src/dns/codec.ts'
import { DecodeError } from '../../src/lib/bytes.ts'
import { questionBytes, readAnswer } from './question.ts'

const label = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/)
const name = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'))
const a = (data: string): DnsAnswer['answers'][number] => ({ type: 'A', name: 'node01.lab.example', ttl: 60, data })
const some: DnsAnswer = { rcode: 0, authoritative: true, answers: [a('10.77.0.11')], authorities: [] }

describe('a DNS query', () => {
  test('is read with the letters as they were asked', () => {
    fc.assert(
      fc.property(name, fc.constantFrom('A', 'AAAA', 'PTR', 'UNKNOWN_65'), (asked, type) => {
        const query = decodeQuery(questionBytes({ name: asked, type }))
        expect(query).toMatchObject({ id: 4711, opcode: 0, recursionDesired: true, edns: undefined })
        expect(query.questions).toEqual([{ name: asked, type, class: 'IN' }])
      }),
    )
  })

  test('of the root has an empty name', () => {
    expect(decodeQuery(questionBytes({ name: '.', type: 'NS' })).questions[0]?.name).toBe('')
  })

  test('says how much its client can take', () => {
    expect(udpLimit(decodeQuery(questionBytes()))).toBe(512)
    for (const [said, limit] of [
      [0, 512],
      [100, 512],
      [1000, 1000],
      [4096, 1232],
    ] as const) {
      // The library takes 0 for "not said", so the bytes are put in place.
      const bytes = questionBytes({ edns: { udpPayloadSize: 9999 } })
      bytes.writeUInt16BE(said, bytes.length - 8)
      expect(udpLimit(decodeQuery(bytes))).toBe(limit)
    }
  })

  test.each([
    ['is empty', Buffer.alloc(0)],
    ['has half a header', Buffer.alloc(11)],
    ['promises a question that is not there', Buffer.from('000100000001000000000000', 'hex')],
    ['has a name that points to itself', Buffer.from('000100000001000000000000c00c00010001', 'hex')],
    ['has a name that points into the header', Buffer.from('000100000001000000000000c00400010001', 'hex')],
    ['is an answer', packet.encode({ type: 'response', id: 1, questions: [{ name: 'a', type: 'A' }] })],
  ])('that %s is refused', (_, bytes) => {
    expect(() => decodeQuery(bytes)).toThrow(DecodeError)
  })

  test('fails with DecodeError only, and what can be read can be answered, whatever the bytes', () => {
    const seed = [...questionBytes({ edns: { udpPayloadSize: 1232 } })]
    const change = fc.tuple(fc.nat(seed.length - 1), fc.nat(255))
    const mutant = fc.tuple(fc.array(change, { maxLength: 6 }), fc.nat(seed.length)).map(([changes, cut]) => {
      const bytes = [...seed]
      for (const [at, byte] of changes) bytes[at] = byte
      return Uint8Array.from(cut % 3 === 0 ? bytes.slice(0, cut) : bytes)
    })
    fc.assert(
      fc.property(fc.oneof(mutant, fc.uint8Array({ maxLength: 100 })), (bytes) => {
        try {
          const query = decodeQuery(bytes)
          expect(encodeAnswer(query, some, 1232).length).toBeLessThanOrEqual(1232)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
        expect(encodeFormErr(bytes)?.length ?? 12).toBe(12)
      }),
      { numRuns: 20_000 },
    )
  })
})

describe('a DNS answer', () => {
  test('has the question and its id in it, and says who speaks', () => {
    const query = decodeQuery(questionBytes({ name: 'NoDe01.lab.example' }))
    const read = readAnswer(encodeAnswer(query, some, 512))
    expect(read).toMatchObject({
      id: 4711,
      type: 'response',
      rcode: 'NOERROR',
      flag_aa: true,
      flag_rd: true,
      flag_ra: false,
      flag_tc: false,
      questions: [{ name: 'NoDe01.lab.example', type: 'A' }],
      answers: [{ type: 'A', ttl: 60, data: '10.77.0.11' }],
      additionals: [],
    })
  })

  test('speaks EDNS to those who do', () => {
    const query = decodeQuery(questionBytes({ edns: { udpPayloadSize: 4096 } }))
    expect(readAnswer(encodeAnswer(query, some, 512)).additionals).toMatchObject([
      { type: 'OPT', udpPayloadSize: 1232 },
    ])
    const bad = readAnswer(encodeAnswer(query, { ...some, rcode: RCODE.badVers, answers: [] }, 512))
    expect(bad.additionals).toMatchObject([{ extendedRcode: 1 }])
    expect(bad.rcode).toBe('NOERROR')
  })

  test('that is too long says so, and has no records', () => {
    const query = decodeQuery(questionBytes())
    const many = { ...some, answers: Array.from({ length: 40 }, (_, i) => a(`10.77.0.${i}`)) }
    const read = readAnswer(encodeAnswer(query, many, 512))
    expect(read).toMatchObject({ flag_tc: true, flag_aa: true, answers: [] })
    expect(readAnswer(encodeAnswer(query, many, 65_535)).answers?.length).toBe(40)
  })

  test('to what cannot be read has the id alone', () => {
    const bytes = questionBytes().subarray(0, 20)
    const answer = encodeFormErr(bytes)
    expect(answer && readAnswer(answer)).toMatchObject({ id: 4711, rcode: 'FORMERR', type: 'response', flag_rd: true })
    expect(encodeFormErr(bytes.subarray(0, 11))).toBeUndefined()
    expect(answer && encodeFormErr(answer)).toBeUndefined()
  })
})
