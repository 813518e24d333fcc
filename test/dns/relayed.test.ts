/** What passes through our DNS: questions as resolvers get them, answers as clients do, and that no bytes break it. */
import packet from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeQuery } from '../../src/dns/codec.ts'
import { encodeForward, encodeRelayed, isAnswerTo, lifeOf } from '../../src/dns/relayed.ts'
import { DecodeError } from '../../src/lib/bytes.ts'
import { type Asked, questionBytes, readAnswer } from './question.ts'

const name = 'www.Debian.org'
const queryOf = (asked: Asked = {}) => decodeQuery(questionBytes({ name, ...asked }))
const a = (ttl: number): packet.Answer => ({ type: 'A', name, ttl, data: '10.9.9.9' })
const soa = (ttl: number): packet.Answer => ({
  ...{ type: 'SOA', name: 'debian.org', ttl },
  data: { mname: 'a', rname: 'b', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1 },
})
const answerBytes = (more: packet.Packet, id = 7) =>
  packet.encode({ type: 'response', id, questions: [{ name, type: 'A' }], ...more })

test('a resolver is asked under another id, with EDNS where the client has it', () => {
  const bytes = encodeForward(queryOf({ edns: { udpPayloadSize: 4096 } }), 99)
  expect(decodeQuery(bytes)).toMatchObject({
    ...{ id: 99, recursionDesired: true, edns: { version: 0, udpSize: 1232, dnssecOk: false } },
    questions: [{ name, type: 'A', class: 'IN' }],
  })
  expect(decodeQuery(encodeForward(queryOf(), 99)).edns).toBeUndefined()
})

test('an answer is one to our question only', () => {
  const query = queryOf()
  expect(isAnswerTo(query, 7, answerBytes({}))).toBe(true)
  expect(isAnswerTo(query, 7, answerBytes({ questions: [{ name: name.toLowerCase(), type: 'A' }] }))).toBe(true)
  expect(isAnswerTo(query, 8, answerBytes({}))).toBe(false)
  expect(isAnswerTo(query, 7, answerBytes({ type: 'query' }))).toBe(false)
  expect(isAnswerTo(query, 7, answerBytes({ questions: [{ name: 'xxx.debian.org', type: 'A' }] }))).toBe(false)
  expect(isAnswerTo(query, 7, answerBytes({ questions: [{ name, type: 'TXT' }] }))).toBe(false)
  expect(isAnswerTo(query, 7, answerBytes({ questions: [] }))).toBe(false)
})

test.each<[string, packet.Packet, number]>([
  ['as long as its shortest record', { answers: [a(300), a(20)], authorities: [soa(5)] }, 20],
  ['an hour at most', { answers: [a(86_400)] }, 3600],
  ['as long as the SOA when there is nothing', { authorities: [soa(30)] }, 30],
  ['a minute at most when there is nothing', { flags: 3, authorities: [soa(3000)] }, 60],
  ['not without an SOA', {}, 0],
  ['not when the resolver failed', { flags: 2, answers: [a(300)] }, 0],
  ['not when it is cut off', { flags: packet.TRUNCATED_RESPONSE, answers: [a(300)] }, 0],
])('an answer is kept %s', (_, more, seconds) => {
  expect(lifeOf(queryOf(), answerBytes(more)).seconds).toBe(seconds)
})

describe('the client', () => {
  const query = queryOf({ name: 'WWW.debian.org' })
  const bytes = answerBytes({ flags: packet.AUTHORITATIVE_ANSWER, answers: [a(300)], authorities: [soa(5)] })
  const life = lifeOf(query, bytes)

  test('gets it with its own id and letters, and the time that is left', () => {
    expect(readAnswer(encodeRelayed(query, bytes, life, 20, 512))).toMatchObject({
      ...{ id: 4711, flag_aa: false, flag_ra: true, flag_rd: true, flag_tc: false },
      questions: [{ name: 'WWW.debian.org' }],
      answers: [{ ttl: 280, data: '10.9.9.9' }],
      authorities: [{ ttl: 0 }],
    })
  })

  test('is told to ask by TCP when it is too long', () => {
    const read = readAnswer(encodeRelayed(query, bytes, life, 0, bytes.length - 1))
    expect(read).toMatchObject({ flag_tc: true, flag_ra: true, answers: [], authorities: [] })
  })
})

test('whatever a resolver sends: DecodeError only, and what is handed on is as long as what came', () => {
  const query = queryOf()
  const seed = [...answerBytes({ answers: [a(300), a(20)], authorities: [soa(5)] })]
  const change = fc.tuple(fc.nat(seed.length - 1), fc.nat(255))
  const mutant = fc.tuple(fc.array(change, { maxLength: 6 }), fc.nat(seed.length)).map(([changes, cut]) => {
    const bytes = [...seed]
    for (const [at, byte] of changes) bytes[at] = byte
    return Uint8Array.from(cut % 3 === 0 ? bytes.slice(0, cut) : bytes)
  })
  fc.assert(
    fc.property(fc.oneof(mutant, fc.uint8Array({ maxLength: 100 })), (bytes) => {
      if (!isAnswerTo(query, 7, bytes)) return
      try {
        const life = lifeOf(query, bytes)
        expect(encodeRelayed(query, bytes, life, 5, 65_535).length).toBe(bytes.length)
        expect(life.seconds).toBeLessThanOrEqual(3600)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }),
    { numRuns: 10_000 },
  )
})
