/** Who shares a port with whom, who is a stranger to it, and that it is gone when nobody needs it. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { type Conversation, conversations } from '../../src/tftp/conversations.ts'
import { type UdpClient, udpClient } from '../support/udp-client.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

describe.each(['127.0.0.1', '0.0.0.0', '::1', '::'])('on %s', (address) => {
  const isIpv6 = address.includes(':')
  const peerAddress = isIpv6 ? '::1' : '127.0.0.1'

  test('many at once share a port, and each hears only its peer', async () => {
    const room = start(address)
    const [one, other] = [await udpClient(peerAddress), await udpClient(peerAddress)]
    const [first, second] = [room.open(one), room.open(other)]
    expect(second.port).toBe(first.port)
    expect(first.address).toBe(peerAddress)
    one.socket.send('I am one', first.port, peerAddress)
    other.socket.send('I am the other', second.port, peerAddress)
    await room.heard(2)
    expect(room.messages(one)).toEqual(['I am one'])
    expect(room.messages(other)).toEqual(['I am the other'])
    first.send(Buffer.from('to one'))
    second.send(Buffer.from('to the other'))
    expect(await one.next()).toEqual({ text: 'to one', port: first.port })
    expect(await other.next()).toEqual({ text: 'to the other', port: first.port })
  })

  test('a stranger is told so; who had a conversation here is none', async () => {
    const room = start(address)
    const [one, other, stranger] = [
      await udpClient(peerAddress),
      await udpClient(peerAddress),
      await udpClient(peerAddress),
    ]
    const [first, second] = [room.open(one), room.open(other)]
    first.close()
    one.socket.send('an echo of what is over', second.port, peerAddress)
    stranger.socket.send('hello', second.port, peerAddress)
    expect(await stranger.next()).toEqual({ text: 'who are you?', port: second.port })
    expect(room.strangers).toEqual(['hello'])
    expect(one.waiting()).toBe(0)
  })

  test('tells the one whose peer has closed its port, and no other', async () => {
    const room = start(address)
    const [one, other] = [await udpClient(peerAddress), await udpClient(peerAddress)]
    const [first, second] = [room.open(one), room.open(other)]
    await one.close()
    first.send(Buffer.from('anybody?'))
    await room.refused(1)
    expect(room.refusals(one)).toBe(1)
    expect(room.refusals(other)).toBe(0)
    second.send(Buffer.from('still with you'))
    expect((await other.next()).text).toBe('still with you')
  })
})

test('a client that asks again from the same port has another of ours', async () => {
  const room = start('127.0.0.1')
  const [one, other] = [await udpClient('127.0.0.1'), await udpClient('127.0.0.1')]
  room.open(other)
  const first = room.open(one)
  first.close()
  expect(room.open(one).port).not.toBe(first.port)
})

test('a port that nobody needs is closed', async () => {
  const room = start('127.0.0.1')
  const one = await udpClient('127.0.0.1')
  const first = room.open(one)
  first.close()
  const heir = createSocket('udp4')
  stops.push(() => void heir.close())
  heir.bind(first.port, '127.0.0.1')
  await once(heir, 'listening')
  expect(heir.address().port).toBe(first.port)
})

test('no port serves more than 64 in its life', async () => {
  const room = start('127.0.0.1')
  const clients = await Promise.all(Array.from({ length: 65 }, () => udpClient('127.0.0.1')))
  const ports = clients.map((one) => room.open(one).port)
  expect(new Set(ports.slice(0, 64)).size).toBe(1)
  expect(ports[64]).not.toBe(ports[0])
})

function start(address: string) {
  const heard = new Map<UdpClient, string[]>()
  const gone = new Map<UdpClient, number>()
  const strangers: string[] = []
  let [count, refusals] = [0, 0]
  let tell = () => {}
  const lines = conversations({
    address,
    onStranger(bytes) {
      strangers.push(String(bytes))
      return Buffer.from('who are you?')
    },
  })
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise<void>((told) => (tell = told))
  }
  return {
    ...{ strangers, messages: (one: UdpClient) => heard.get(one), refusals: (one: UdpClient) => gone.get(one) ?? 0 },
    heard: (wanted: number) => until(() => count >= wanted),
    refused: (wanted: number) => until(() => refusals >= wanted),
    open(one: UdpClient): Conversation {
      const conversation = lines.open({
        peer: one.peer,
        onMessage(bytes) {
          heard.set(one, [...(heard.get(one) ?? []), String(bytes)])
          count++
          tell()
        },
        onRefused() {
          gone.set(one, (gone.get(one) ?? 0) + 1)
          refusals++
          tell()
        },
      })
      stops.push(() => conversation.close())
      return conversation
    },
  }
}
