/** The DHCPv6 socket, one for all links: bytes in, one decision, bytes out. Nothing waits for the disk. */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { DecodeError } from '../lib/bytes.ts'
import { complaints } from '../lib/complaints.ts'
import type { Log } from '../lib/log.ts'
import { asIpv6, contains6, type Ipv6, isLinkLocal, type Subnet6 } from '../model/address6.ts'
import { OrchestraError } from '../model/errors.ts'
import { decode, encode } from './codec.ts'
import { type Dhcp6Answer, type Dhcp6State, decideDhcp6 } from './decide.ts'
import { type Dhcp6Request, readRequest } from './request.ts'

export interface Dhcp6Link {
  /** Undefined: it is behind a relay. */
  readonly interface: string | undefined
  /** Ours, for its clients. */
  readonly address: Ipv6
  readonly network: Subnet6
}

export interface Dhcp6ServerOptions<Link extends Dhcp6Link> {
  readonly links: readonly Link[]
  /** Interfaces on which clients and relays call for any server. */
  readonly devices: readonly string[]
  readonly lookUp: (request: Dhcp6Request, link: Link) => Dhcp6State
  /** Told of every answer that has left; must not wait and must not throw. */
  readonly note?: (request: Dhcp6Request, answer: Dhcp6Answer) => void
  readonly log: Log
}

const PORT = { client: 546, server: 547 } as const
/** Of clients and relays on a link, and of relays that have the whole site to call to (RFC 8415, 7.1). */
const GROUPS = ['ff02::1:2', 'ff05::1:3']

/** @throws OrchestraError config.invalid when the socket cannot be had */
export async function startDhcp6<Link extends Dhcp6Link>({
  links,
  devices,
  lookUp,
  note,
  log,
}: Dhcp6ServerOptions<Link>): Promise<{ close(): Promise<void> }> {
  const socket = createSocket({ type: 'udp6', ipv6Only: true })
  const complain = complaints(log, 'info')
  let isOpen = true

  function answer(bytes: Uint8Array, peer: RemoteInfo): void {
    const [text = '', device = ''] = peer.address.split('%')
    const source = asIpv6(text)
    if (!source) return
    const request = readRequest(decode(bytes), source)
    const link = linkOf(request, source, device)
    if (!link) {
      log.debug({ peer: peer.address }, 'DHCPv6 from a network that we do not serve')
      return
    }
    const decided = decideDhcp6(request, lookUp(request, link))
    const { mac, type } = request
    log[request.boot ? 'info' : 'debug']({ mac, peer: peer.address, asked: `DHCPv6 ${type}` }, decided.because)
    if (!decided.reply || !isOpen) return
    const port = request.packet.relays.length > 0 ? PORT.server : PORT.client
    // What cannot be sent is lost like any other datagram; the client asks again.
    socket.send(encode(decided.reply), port, peer.address, () => {})
    note?.(request, decided)
  }

  /**
   * A client speaks from an address of its link, which no router lets through; a relay says which link it means. A switch that
   * relays (RFC 6221) names none: it is on that link itself.
   */
  function linkOf({ relay }: Dhcp6Request, source: Ipv6, device: string): Link | undefined {
    if (relay !== undefined) return links.find(({ network }) => contains6(network, relay))
    return isLinkLocal(source) ? links.find((link) => link.interface === device) : undefined
  }

  socket.on('message', (bytes, peer) => {
    try {
      answer(bytes, peer)
    } catch (error) {
      if (error instanceof DecodeError) complain(peer.address, error.message)
      else log.error({ peer: peer.address, err: error }, 'a DHCPv6 request got no answer')
    }
  })
  try {
    await new Promise<void>((listening, failed) => {
      socket.once('error', failed)
      socket.bind(PORT.server, '::', listening)
    })
    for (const device of devices) for (const group of GROUPS) socket.addMembership(group, `::%${device}`)
  } catch (cause) {
    isOpen = false
    socket.close()
    const { code, message } = cause as NodeJS.ErrnoException
    const why = code === 'EADDRINUSE' ? 'another DHCPv6 server runs here; stop that one' : message
    throw new OrchestraError('config.invalid', `DHCPv6 cannot listen on port ${PORT.server}: ${why}`, { cause })
  }
  socket.on('error', (error) => log.error({ err: error }, 'DHCPv6 socket'))
  return {
    async close() {
      isOpen = false
      await new Promise<void>((closed) => socket.close(() => closed()))
    },
  }
}
