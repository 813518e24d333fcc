/** ARP on one network interface: asks who has an address, without having one (a probe of RFC 5227, section 2.1.1). Node has no such socket. */
import { datagrams } from './datagrams.ts'
import { failure, openSocket, SOCK_DGRAM, SocketError } from './device-socket.ts'
import { bind, closeFd, indexOfInterface } from './libc.ts'

export interface ArpSocket {
  /**
   * @param ip four bytes
   * @param patience milliseconds
   * @returns the six bytes of whoever has it; undefined: nobody has answered
   */
  whoHas(ip: Uint8Array, patience: number): Promise<Uint8Array | undefined>
  close(): void
}

// The numbers of Linux, and of RFC 826.
const [AF_PACKET, ETH_P_ARP] = [17, 0x0806]
const [REQUEST, SIZE, SOCKADDR_LL] = [1, 28, 20]
const [SENDER_MAC, SENDER_IP, TARGET_IP] = [8, 14, 24]
const EVERYBODY = new Uint8Array(6).fill(0xff)

/**
 * @param mac six bytes, of the interface
 * @throws SocketError
 */
export function openArpSocket(device: string, mac: Uint8Array): ArpSocket {
  const index = indexOfInterface(device)
  if (index === 0) throw new SocketError('if_nametoindex', 'ENODEV')
  const fd = openSocket([AF_PACKET, SOCK_DGRAM, swapped(ETH_P_ARP)], (one) => {
    if (bind(one, linkAddress(index, new Uint8Array(6))) < 0) throw failure('bind')
  })
  const waiting = new Map<string, Set<(mac: Uint8Array) => void>>()
  const onMessage = (message: Buffer) => {
    if (message.length < SIZE) return
    // Whoever speaks from the address has it, whether it answers or asks.
    const sender = message.subarray(SENDER_IP, SENDER_IP + 4).join('.')
    for (const found of waiting.get(sender) ?? []) found(Uint8Array.from(message.subarray(SENDER_MAC, SENDER_IP)))
  }
  const wire = datagrams(fd, { onMessage })

  return {
    whoHas(ip, patience) {
      const key = ip.join('.')
      return new Promise((done) => {
        const all = waiting.get(key) ?? new Set()
        waiting.set(key, all)
        const end = (found: Uint8Array | undefined) => {
          clearTimeout(timer)
          all.delete(end)
          if (all.size === 0) waiting.delete(key)
          done(found)
        }
        const timer = setTimeout(() => end(undefined), patience)
        all.add(end)
        // What cannot be sent is answered by nobody.
        wire.send(request(mac, ip), linkAddress(index, EVERYBODY))
      })
    },
    close() {
      wire.close()
      closeFd(fd)
    },
  }
}

function request(mac: Uint8Array, ip: Uint8Array): Buffer {
  const bytes = Buffer.alloc(SIZE)
  bytes.set([0, 1, 8, 0, 6, 4, 0, REQUEST])
  bytes.set(mac, SENDER_MAC)
  bytes.set(ip, TARGET_IP)
  return bytes
}

/** `struct sockaddr_ll`. */
function linkAddress(index: number, mac: Uint8Array): Buffer {
  const bytes = Buffer.alloc(SOCKADDR_LL)
  bytes.writeUInt16LE(AF_PACKET, 0)
  bytes.writeUInt16BE(ETH_P_ARP, 2)
  bytes.writeInt32LE(index, 4)
  bytes.writeUInt8(mac.length, 11)
  bytes.set(mac, 12)
  return bytes
}

function swapped(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8)
}
