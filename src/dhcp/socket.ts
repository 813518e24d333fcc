/** The client's socket of a probe: asks on one interface which DHCP servers are there, and hangs up after a while. */
import { createSocket } from 'node:dgram'
import { DecodeError } from '../lib/bytes.ts'
import { openDeviceSocket, type SocketError } from '../lib/device-socket.ts'
import type { Ipv4, Mac } from '../model/address.ts'
import { OrchestraError } from '../model/errors.ts'
import { decode, encode } from './codec.ts'
import { type Offering, offeringOf, probeDiscover } from './probe.ts'

export interface ProbeOptions {
  readonly interface: string
  readonly mac: Mac
  /** Any number, so that the answers to others are told from ours. */
  readonly xid: number
  /** Milliseconds in which servers may answer. */
  readonly patience: number
}

const [SERVER_PORT, CLIENT_PORT] = [67, 68]
/** A first packet is lost where a switch has not learned the port yet. */
const ASKED = [0, 1 / 3]

/**
 * Each server once, in the order of their answers. A DHCP client of this host may hold the port too.
 * @throws OrchestraError network.refused
 */
export async function probeDhcp({ interface: device, mac, xid, patience }: ProbeOptions): Promise<Offering[]> {
  const fd = openFd(device)
  const socket = createSocket('udp4')
  const servers = new Map<Ipv4, Offering>()
  const timers: NodeJS.Timeout[] = []
  socket.on('message', (bytes) => {
    try {
      const heard = offeringOf(decode(bytes), xid)
      if (heard && !servers.has(heard.server)) servers.set(heard.server, heard)
    } catch (error) {
      // Whatever else comes to this port is not for us.
      if (!(error instanceof DecodeError)) throw error
    }
  })
  try {
    await new Promise<void>((listening) => socket.once('listening', listening).bind({ fd }))
    await new Promise<void>((done, failed) => {
      socket.on('error', failed)
      const packet = encode(probeDiscover(mac, xid))
      const ask = () => socket.send(packet, SERVER_PORT, '255.255.255.255', (error) => error && failed(error))
      timers.push(...ASKED.map((part) => setTimeout(ask, part * patience)), setTimeout(done, patience))
    })
  } catch (cause) {
    throw refused(device, cause)
  } finally {
    for (const timer of timers) clearTimeout(timer)
    await new Promise<void>((closed) => socket.close(() => closed()))
  }
  return [...servers.values()]
}

const HINTS: Readonly<Record<string, string>> = {
  EPERM: 'that needs root, or CAP_NET_BIND_SERVICE and CAP_NET_RAW; as root, "orchestra doctor net" can do it',
  EACCES: 'that needs root, or CAP_NET_BIND_SERVICE and CAP_NET_RAW; as root, "orchestra doctor net" can do it',
  EADDRINUSE: 'a DHCP client of this host holds the port for itself; stop it for a moment',
  ENODEV: 'there is no such interface',
  ENETUNREACH: 'it is down, or has no address; bring it up first',
  ENETDOWN: 'it is down; bring it up first',
}

function openFd(device: string): number {
  try {
    return openDeviceSocket(device, CLIENT_PORT, true)
  } catch (cause) {
    throw refused(device, cause)
  }
}

function refused(device: string, cause: unknown): OrchestraError {
  const { code = '', message } = cause as NodeJS.ErrnoException | SocketError
  const why = HINTS[code] ?? message
  return new OrchestraError('network.refused', `${device} cannot be probed from port ${CLIENT_PORT}: ${why}`, { cause })
}
