/** Who has an address on a link, by ARP: a socket for each interface, opened when it is first wanted. */
import { ofIpv4s } from '../dhcp/options.ts'
import { type ArpSocket, openArpSocket } from '../lib/arp-socket.ts'
import { SocketError } from '../lib/device-socket.ts'
import type { Log } from '../lib/log.ts'
import { hostInterfaces } from '../lib/network.ts'
import { asMac, type Ipv4, type Mac, macOfBytes, macToBytes } from '../model/address.ts'

/** Milliseconds: on a link an answer takes a few, and a machine that boots waits for us. */
const PATIENCE = 300

export interface ArpProbes {
  whoHas(device: string, ip: Ipv4): Promise<Mac | undefined>
  close(): void
}

export function arpProbes(log: Log): ArpProbes {
  const sockets = new Map<string, ArpSocket | undefined>()

  function socketOf(device: string): ArpSocket | undefined {
    if (!sockets.has(device)) sockets.set(device, open(device))
    return sockets.get(device)
  }

  function open(device: string): ArpSocket | undefined {
    const mac = asMac(hostInterfaces().find(({ name }) => name === device)?.mac ?? '')
    try {
      return mac && openArpSocket(device, macToBytes(mac))
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
      log.warn({ interface: device }, `addresses cannot be looked for by ARP (conflict_check): ${error.message}`)
      return undefined
    }
  }

  return {
    async whoHas(device, ip) {
      const found = await socketOf(device)?.whoHas(ofIpv4s(ip), PATIENCE)
      return found && macOfBytes(found)
    },
    close() {
      for (const one of sockets.values()) one?.close()
      sockets.clear()
    },
  }
}
