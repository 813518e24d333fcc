/**
 * DHCP for a whole machine room from one socket: each machine has its MAC, its transaction and its patience (RFC 2131 section 4.1:
 * 4 seconds, then twice as long each time); answers are told apart by the transaction.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { askingPacket } from '../../src/dhcp/asking.ts'
import { BROADCAST, type DhcpPacket, decode, encode } from '../../src/dhcp/codec.ts'
import { MESSAGE, OPTION, ofIpv4s, ofU8, readIpv4, readText, readU8 } from '../../src/dhcp/options.ts'
import { openDeviceSocket } from '../../src/lib/device-socket.ts'
import type { Ipv4, Mac } from '../../src/model/address.ts'

/** What a machine was told. */
export interface Told {
  readonly ip: Ipv4
  readonly server: Ipv4
  /** Where the loader is fetched from. */
  readonly nextServer: Ipv4
  readonly file: string
}

export interface DhcpWire {
  /** Discover, offer, request, acknowledge. @throws Error when nobody answers, or with a NAK */
  ask(mac: Mac): Promise<Told>
  close(): void
}

const [SERVER_PORT, CLIENT_PORT] = [67, 68]
/** Seconds until a question is asked again. */
const PATIENCE = [1, 2, 4, 8]

export async function openDhcpWire(device: string): Promise<DhcpWire> {
  const socket = createSocket({ type: 'udp4', lookup: (address, _, found) => found(null, address, 4) })
  const listening = once(socket, 'listening')
  socket.bind({ fd: openDeviceSocket(device, CLIENT_PORT) })
  await listening
  const waiting = new Map<number, (answer: DhcpPacket) => void>()
  socket.on('message', (bytes) => {
    const answer = decode(bytes)
    if (answer.op === 'reply') waiting.get(answer.xid)?.(answer)
  })
  let last = 0

  /** Sends until it is answered with one of these. */
  async function exchange(packet: DhcpPacket, wanted: readonly number[]): Promise<DhcpPacket> {
    const answered = Promise.withResolvers<DhcpPacket>()
    waiting.set(packet.xid, (answer) => {
      if (wanted.includes(readU8(answer.options, OPTION.messageType) ?? 0)) answered.resolve(answer)
    })
    const over = new AbortController()
    try {
      const bytes = encode(packet)
      const asking = async (): Promise<never> => {
        for (const seconds of PATIENCE) {
          socket.send(bytes, SERVER_PORT, '255.255.255.255')
          await wait(seconds * 1000, undefined, { signal: over.signal })
        }
        throw new Error('nobody answered')
      }
      return await Promise.race([answered.promise, asking()])
    } finally {
      over.abort()
      waiting.delete(packet.xid)
    }
  }

  return {
    async ask(mac) {
      last += 1
      const asked = askingPacket(mac, { firmware: 'bios', arch: 'x86_64' })
      if (!asked) throw new Error('there is no such firmware')
      // There is no address yet that an answer could be sent to, and one socket for all.
      const discover = { ...asked, xid: last, flags: BROADCAST }
      const offer = await exchange(discover, [MESSAGE.offer])
      const server = readIpv4(offer.options, OPTION.serverId) ?? offer.siaddr
      const more = [
        [OPTION.messageType, ofU8(MESSAGE.request)],
        [OPTION.requestedAddress, ofIpv4s(offer.yiaddr)],
        [OPTION.serverId, ofIpv4s(server)],
      ] as const
      const request = { ...discover, options: new Map([...discover.options, ...more]) }
      const answer = await exchange(request, [MESSAGE.ack, MESSAGE.nak])
      if (readU8(answer.options, OPTION.messageType) === MESSAGE.nak) throw new Error(`${offer.yiaddr} was refused`)
      const file = answer.file || readText(answer.options, OPTION.bootFile)
      return { ip: answer.yiaddr, server, nextServer: answer.siaddr, file }
    },
    close: () => void socket.close(),
  }
}
