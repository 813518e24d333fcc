/** The session as a table: what the BMC does, what follows. The BMC is the one of these tests, without a network. */
import { afterEach, describe, expect, test } from 'vitest'
import { ASK_STATUS, control } from '../../../src/power/ipmi/commands.ts'
import { isOpen } from '../../../src/power/ipmi/session-state.ts'
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
const suiteOf = (talk: Conversation) => talk.session().secure?.keys.suite.id
const ask = (talk: Conversation, id = 1) => talk.feed({ event: 'request', id, request: ASK_STATUS })
/** Kinds of datagrams, by payload type; 1.5 is -1. */
const kindsOf = (datagrams: readonly Uint8Array[]) =>
  datagrams.map((bytes) => (bytes[4] === 6 ? (bytes[5] ?? 0) & 0x3f : -1))

describe('a session opens', () => {
  test('in six round trips, with suite 17 where the BMC has both', () => {
    const talk = start()
    expect(isOpen(talk.session())).toBe(true)
    expect(suiteOf(talk)).toBe(17)
    expect(talk.seen).toEqual([{ do: 'opened' }])
    expect(kindsOf(talk.sent)).toEqual([-1, 0, 0x10, 0x12, 0x14, 0])
    ask(talk)
    expect(answersOf(talk)).toMatchObject([{ id: 1, response: { completion: 0 } }])
  })

  test.each([
    ['17 alone', { suites: [17] }, 17],
    ['3 alone', { suites: [3] }, 3],
    ['the list without an end in the first sixteen bytes', { suites: [0, 1, 2, 6, 7, 8, 3, 17] }, 17],
    ['3 beside such as let anyone in', { suites: [0, 1, 2, 3] }, 3],
  ] as const)('with what the BMC says it has: %s', (_, options, suite) => {
    expect(suiteOf(start(options))).toBe(suite)
  })

  test('with 17, then with 3, where the BMC does not say what it has', () => {
    const both = start({ listsSuites: false })
    both.wait()
    expect(suiteOf(both)).toBe(17)
    const old = start({ listsSuites: false, suites: [3] })
    old.wait()
    expect(suiteOf(old)).toBe(3)
    expect(kindsOf(old.sent).filter((kind) => kind === 0x10)).toHaveLength(2)
  })

  test('with the suite that the settings name, without asking for the list', () => {
    const talk = start({}, { terms: { suite: 3 } })
    expect(suiteOf(talk)).toBe(3)
    expect(kindsOf(talk.sent)).toEqual([-1, 0x10, 0x12, 0x14, 0])
  })

  test('as operator, and as administrator where the user cannot be less', () => {
    expect(start().session().privileges[0]).toBe('operator')
    expect(start({ users: [{ name: 'admin', password: 'secret', privilege: 3 }] }).session().privileges[0]).toBe(
      'operator',
    )
  })

  test('though every packet comes twice', () => {
    const bmc = createBmc()
    made.push(bmc)
    const twice = {
      receive(bytes: Uint8Array, from: string, reply: (bytes: Uint8Array) => void) {
        const both = (answer: Uint8Array) => [answer, answer].forEach((one) => void reply(one))
        bmc.receive(bytes, from, both)
        bmc.receive(bytes, from, both)
      },
    }
    const talk = converse(twice)
    talk.feed({ event: 'start' })
    ask(talk)
    expect(answersOf(talk)).toHaveLength(1)
    expect(bmc.asked).toEqual(['6/3b', '0/1'])
  })
})

describe('a session is refused', () => {
  test.each([
    ['IPMI 1.5 only', { isOld: true }, { what: 'old' }],
    ['cipher suite 0 only', { suites: [0] }, { what: 'no-suite', offered: [0], tried: [] }],
    ['suites without secrecy only', { suites: [1, 2] }, { what: 'no-suite', offered: [1, 2], tried: [] }],
    ['a request for 17 taken for none', { suites: [17], weakens: true }, { what: 'no-suite' }],
    ['a wrong password', { users: [{ name: 'admin', password: 'Secret', privilege: 4 }] }, { what: 'wrong-password' }],
    ['an unknown user', { users: [{ name: 'root', password: 'secret', privilege: 4 }] }, { what: 'unknown-user' }],
    ['a user with too little', { users: [{ name: 'admin', password: 'secret', privilege: 2 }] }, { what: 'privilege' }],
    ['no free session', { slots: 0 }, { what: 'no-slot' }],
  ] as const)('by %s', (_, options, failure) => {
    const talk = start(options)
    expect(failureOf(talk)).toMatchObject(failure)
    expect(talk.session().secure).toBeUndefined()
    expect(talk.bmc.sessions()).toBe(0)
  })

  test('by a BMC key beside the password', () => {
    expect(failureOf(start({ key: 'kg' }))).toEqual({ what: 'bmc-key' })
  })

  test('when the BMC does not say what it has, and takes neither', () => {
    const talk = start({ listsSuites: false, suites: [0] })
    talk.wait()
    expect(failureOf(talk)).toEqual({ what: 'no-suite', offered: undefined, tried: [17, 3] })
  })

  test('when it has another suite than the settings name', () => {
    const talk = start({ suites: [3] }, { terms: { suite: 17 } })
    expect(failureOf(talk)).toEqual({ what: 'no-suite', offered: undefined, tried: [17] })
  })

  test('a wrong password is tried once, not once for each suite and privilege', () => {
    const talk = start({ users: [{ name: 'admin', password: 'other', privilege: 4 }] })
    expect(kindsOf(talk.sent).filter((kind) => kind === 0x12)).toHaveLength(1)
  })

  test('the password is nowhere in what was said', () => {
    const { sent } = start()
    expect(Buffer.concat(sent).includes('secret')).toBe(false)
  })
})

describe('silence', () => {
  test('is met with the same words, ever more patiently, and a ping; then it is said', () => {
    const talk = start({}, { toBmc: () => undefined })
    talk.wait(20)
    expect(talk.waits).toEqual([1000, 1000, 2000, 2000, 2000])
    expect(failureOf(talk)).toEqual({ what: 'silent', heard: 'nothing' })
    expect(talk.sent.filter((bytes) => bytes[3] === 6)).toHaveLength(3)
  })

  test('of one that answers a ping only is told from that of one that is not there', () => {
    const talk = start({}, { toBmc: (bytes) => (bytes[3] === 6 ? bytes : undefined) })
    talk.wait(20)
    expect(failureOf(talk)).toEqual({ what: 'silent', heard: 'pong' })
  })

  test.each([0x10, 0x12, 0x14])('after message %i of the handshake ends it in the end', (kind) => {
    const talk = start({}, { toBmc: (bytes) => (bytes[4] === 6 && bytes[5] === kind ? undefined : bytes) })
    talk.wait(100)
    expect(failureOf(talk)).toEqual({ what: 'silent', heard: 'something' })
    expect(talk.now() - 1_000_000).toBeLessThan(60_000)
  })

  test('of an open session is a loss after four tries, the first ones soon', () => {
    const talk = start()
    talk.bmc.forget()
    const before = talk.waits.length
    ask(talk)
    talk.wait(20)
    expect(talk.waits.slice(before)).toEqual([300, 600, 1200, 2000])
    expect(failureOf(talk)).toEqual({ what: 'lost' })
  })

  test('after an order that takes long is waited for', () => {
    const talk = start()
    talk.bmc.forget()
    const before = talk.waits.length
    talk.feed({ event: 'request', id: 1, request: control('cycle') })
    talk.wait(20)
    expect(talk.waits.slice(before)).toEqual([2000, 3000, 4000])
  })
})

describe('a BMC that loses its thread', () => {
  /** It forgets everything when it first hears a packet of a kind. */
  function startForgetting(kind: number): Conversation {
    let forgotten = false
    const toBmc = (bytes: Uint8Array) => {
      if (bytes[4] === 6 && bytes[5] === kind && !forgotten) {
        forgotten = true
        made.at(-1)?.forget()
      }
      return bytes
    }
    return start({}, { toBmc })
  }

  test.each([
    ['before RAKP 1', 0x12],
    ['before RAKP 3', 0x14],
    ['just after the handshake', 0xc0],
  ])('%s is begun with again', (_, kind) => {
    const talk = startForgetting(kind)
    talk.wait(isOpen(talk.session()) ? 0 : 5)
    expect(isOpen(talk.session())).toBe(true)
    expect(talk.session().restarts).toBe(1)
  })
})

describe('an open session', () => {
  test('asks one thing at a time, in the order they came', () => {
    const talk = start()
    talk.bmc.isAway = true
    for (const id of [1, 2, 3]) ask(talk, id)
    expect(talk.session().queue.map(({ id }) => id)).toEqual([2, 3])
    talk.feed({ event: 'cancel', id: 2 })
    expect(talk.session().queue.map(({ id }) => id)).toEqual([3])
    talk.bmc.isAway = false
    talk.wait()
    expect(answersOf(talk).map(({ id }) => id)).toEqual([1, 3])
  })

  test('says the same thing again under a new number of the session, and the same of the message', () => {
    let lose = 0
    const talk = start({}, { toConsole: (bytes) => (lose-- > 0 ? undefined : bytes) })
    lose = 2
    ask(talk)
    talk.wait(2)
    expect(answersOf(talk)).toHaveLength(1)
    // It was done once: the BMC saw that it was the same.
    expect(talk.bmc.asked).toEqual(['6/3b', '0/1'])
    const numbers = talk.sent.slice(-3).map((bytes) => Buffer.from(bytes).readUInt32LE(10))
    expect(numbers).toEqual([2, 3, 4])
  })

  test('hears nothing twice, and nothing from before', () => {
    const talk = start()
    ask(talk)
    const answer = talk.heard.at(-1) ?? new Uint8Array()
    ask(talk, 2)
    const before = talk.session()
    talk.feed({ event: 'bytes', bytes: answer })
    expect(talk.session()).toBe(before)
    expect(answersOf(talk)).toHaveLength(2)
  })

  test('stays awake by a question of its own, and is lost when that is not answered', () => {
    const talk = start()
    expect(talk.waits.at(-1)).toBe(25_000)
    talk.wait()
    expect(talk.bmc.asked.at(-1)).toBe('6/1')
    expect(answersOf(talk)).toHaveLength(0)
    talk.bmc.isAway = true
    talk.wait(10)
    expect(failureOf(talk)).toEqual({ what: 'lost' })
  })

  test('asks a busy BMC again', () => {
    const talk = start({ busy: 2 })
    ask(talk)
    expect(answersOf(talk)).toHaveLength(0)
    talk.wait(2)
    expect(answersOf(talk)).toMatchObject([{ response: { completion: 0 } }])
  })

  test('says that a BMC is busy when it stays so', () => {
    const talk = start({ busy: 9 })
    ask(talk)
    talk.wait(10)
    expect(answersOf(talk)).toMatchObject([{ response: { completion: 0xc0 } }])
    expect(isOpen(talk.session())).toBe(true)
  })

  test('says goodbye, and waits for the answer', () => {
    const talk = start()
    expect(talk.bmc.sessions()).toBe(1)
    talk.feed({ event: 'close' })
    expect(failureOf(talk)).toBeUndefined()
    expect(talk.bmc.sessions()).toBe(0)
    expect(talk.session().secure).toBeUndefined()
  })

  test('does not wait for the answer to a goodbye for ever', () => {
    const talk = start()
    talk.bmc.isAway = true
    talk.feed({ event: 'close' })
    ask(talk)
    talk.wait(5)
    expect(failureOf(talk)).toBeUndefined()
    expect(answersOf(talk)).toHaveLength(0)
  })

  test('does nothing more when it has ended', () => {
    const talk = start()
    talk.feed({ event: 'close' })
    const [count, ended] = [talk.sent.length, talk.session()]
    for (const event of [{ event: 'start' }, { event: 'timeout' }, { event: 'close' }] as const) talk.feed(event)
    ask(talk)
    expect(talk.session()).toBe(ended)
    expect(talk.sent).toHaveLength(count)
  })
})
