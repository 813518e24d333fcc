/** The client's sockets of a question to another resolver: by UDP, and by TCP when the answer is too long for that. */
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { ofU16 } from '../lib/bytes.ts'
import type { DnsQuery } from './codec.ts'
import { encodeForward, isAnswerTo, isTruncated } from './relayed.ts'

export interface Resolver {
  readonly address: string
  readonly port: number
}

/**
 * Its answer, whole. Each question has a socket, a port and an id of its own, which the system draws.
 * @throws whatever the system says; at the signal its reason
 */
export async function askResolver(at: Resolver, query: DnsQuery, signal: AbortSignal): Promise<Uint8Array> {
  const answer = await askByUdp(at, query, signal)
  signal.throwIfAborted()
  return isTruncated(answer) ? askByTcp(at, query, signal) : answer
}

function askByUdp(at: Resolver, query: DnsQuery, signal: AbortSignal): Promise<Uint8Array> {
  const socket = createSocket(at.address.includes(':') ? 'udp6' : 'udp4')
  const id = randomInt(65_536)
  let isOpen = true
  const asked = new Promise<Uint8Array>((answered, failed) => {
    signal.addEventListener('abort', () => failed(signal.reason), { once: true })
    socket.on('error', failed)
    // What is no answer to it may be forged: the true one may still come.
    socket.on('message', (bytes) => isAnswerTo(query, id, bytes) && answered(bytes))
    // Connected, it hears nobody else.
    socket.connect(at.port, at.address, () => isOpen && socket.send(encodeForward(query, id)))
  })
  return asked.finally(() => {
    isOpen = false
    socket.close()
  })
}

/** Two bytes of length in front (RFC 1035, 4.2.2). */
function askByTcp({ address, port }: Resolver, query: DnsQuery, signal: AbortSignal): Promise<Uint8Array> {
  const socket = connect({ host: address, port })
  const id = randomInt(65_536)
  let pending: Buffer = Buffer.alloc(0)
  const asked = new Promise<Uint8Array>((answered, failed) => {
    signal.addEventListener('abort', () => failed(signal.reason), { once: true })
    socket.on('error', failed)
    socket.on('close', () => failed(new Error('it hung up before it had answered')))
    socket.on('data', (part) => {
      pending = Buffer.concat([pending, part])
      if (pending.length < 2 || pending.length < 2 + pending.readUInt16BE(0)) return
      const answer = pending.subarray(2, 2 + pending.readUInt16BE(0))
      if (isAnswerTo(query, id, answer)) answered(answer)
      else failed(new Error('it answered another question'))
    })
    const question = encodeForward(query, id)
    socket.write(Buffer.concat([ofU16(question.length), question]))
  })
  return asked.finally(() => socket.destroy())
}
