/** Whom the forwarder asks, how often, and what it keeps. */
import packet from 'dns-packet'
import { expect, test } from 'vitest'
import { decodeQuery } from '../../src/dns/codec.ts'
import { createForwarder } from '../../src/dns/forward.ts'
import type { Resolver } from '../../src/dns/socket.ts'
import { questionBytes, readAnswer } from './question.ts'

const [first, second] = [
  { address: '10.0.0.1', port: 53 },
  { address: '10.0.0.2', port: 53 },
]
const question = (name: string) => decodeQuery(questionBytes({ name }))

function start(
  ask: (at: Resolver, name: string) => packet.Packet | undefined,
  resolvers: Resolver[] = [first, second],
) {
  let now = 0
  const asked: string[] = []
  const forwarder = createForwarder({
    resolvers,
    async ask(at, { questions: [one] }) {
      asked.push(at.address)
      const name = one?.name ?? ''
      const answer = ask(at, name)
      if (!answer) throw new Error('nobody is there')
      return packet.encode({ type: 'response', id: 1, questions: [{ name, type: 'A' }], ...answer })
    },
    clock: { now: () => now },
  })
  const answer = async (name: string) => {
    const bytes = await forwarder.answer(question(name), 512)
    return bytes && readAnswer(bytes)
  }
  const pass = (seconds: number) => {
    now += seconds * 1000
  }
  return { forwarder, answer, asked, pass }
}
const found = (name: string, ttl = 60): packet.Packet => ({ answers: [{ type: 'A', name, ttl, data: '10.9.9.9' }] })

test('the next resolver is asked when one is silent or unable, and stays the first to be asked', async () => {
  const { answer, asked } = start((at, name) =>
    at === second ? found(name) : name === 'a.b' ? undefined : { flags: 5 },
  )
  expect(await answer('a.b')).toMatchObject({ rcode: 'NOERROR' })
  expect(await answer('c.d')).toMatchObject({ rcode: 'NOERROR' })
  expect(asked).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.2'])
})

test('a single resolver is asked twice; if none knows, its word or nothing is the answer', async () => {
  const { answer, asked } = start((_, name) => (name === 'a.b' ? undefined : { flags: 5 }), [first])
  expect(await answer('a.b')).toBeUndefined()
  expect(asked).toHaveLength(2)
  expect(await answer('c.d')).toMatchObject({ rcode: 'REFUSED' })
})

test('what many ask at once is asked once, and then kept for its time', async () => {
  const { answer, asked, pass } = start((_, name) => found(name))
  const all = await Promise.all(['a.b', 'A.b', 'a.B'].map(answer))
  expect(all.map((one) => one?.questions?.[0]?.name)).toEqual(['a.b', 'A.b', 'a.B'])
  pass(59)
  expect((await answer('a.b'))?.answers).toMatchObject([{ ttl: 1 }])
  expect(asked).toHaveLength(1)
  pass(1)
  expect((await answer('a.b'))?.answers).toMatchObject([{ ttl: 60 }])
  expect(asked).toHaveLength(2)
})

test('a closed one asks nobody', async () => {
  const { forwarder, answer, asked } = start((_, name) => found(name))
  forwarder.close()
  expect(await answer('a.b')).toBeUndefined()
  expect(asked).toEqual([])
})
