/** A raw ICMPv6 socket on one network interface, for one type of message; Node has none. */
import { datagrams } from './datagrams.ts'
import { failure, ofInt, openSocket, SOCK_RAW, SocketError } from './device-socket.ts'
import { closeFd, indexOfInterface, sendTo, setsockopt } from './libc.ts'
import { AF_INET6 } from './socket-address.ts'

export interface Icmp6Socket {
  /**
   * @param to sixteen bytes, an address of this link
   * @throws SocketError
   */
  send(message: Uint8Array, to: Uint8Array): void
  close(): void
}

export interface Icmp6Options {
  readonly device: string
  /** Sixteen bytes: messages to this group are heard too. */
  readonly group: Uint8Array
  /** The type of message that is heard. */
  readonly type: number
  readonly onMessage: (message: Uint8Array, from: Uint8Array) => void
}

// The numbers of Linux.
const IPPROTO_ICMPV6 = 58
const [SOL_SOCKET, SO_BINDTODEVICE, SOL_IPV6, SOL_ICMPV6, ICMPV6_FILTER] = [1, 25, 41, 58, 1]
const [IPV6_UNICAST_HOPS, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_JOIN_GROUP] = [16, 18, 19, 20]
/** RFC 4861: what has passed a router has less, and is not believed. */
const HOPS = 255
const SOCKADDR_IN6 = 28

/** @throws SocketError */
export function openIcmp6Socket({ device, group, type, onMessage }: Icmp6Options): Icmp6Socket {
  const index = indexOfInterface(device)
  if (index === 0) throw new SocketError('if_nametoindex', 'ENODEV')
  const fd = openSocket([AF_INET6, SOCK_RAW, IPPROTO_ICMPV6], (one) => {
    const set = (what: string, level: number, option: number, value: Buffer) => {
      if (setsockopt(one, level, option, value) < 0) throw failure(what)
    }
    // A bit that is set keeps a type out.
    const filter = Buffer.alloc(32, 0xff)
    filter[type >> 3] = 0xff & ~(1 << (type & 7))
    set('ICMPV6_FILTER', SOL_ICMPV6, ICMPV6_FILTER, filter)
    set('SO_BINDTODEVICE', SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`))
    set('IPV6_UNICAST_HOPS', SOL_IPV6, IPV6_UNICAST_HOPS, ofInt(HOPS))
    set('IPV6_MULTICAST_HOPS', SOL_IPV6, IPV6_MULTICAST_HOPS, ofInt(HOPS))
    // This host is not to make itself an address of what it tells others.
    set('IPV6_MULTICAST_LOOP', SOL_IPV6, IPV6_MULTICAST_LOOP, ofInt(0))
    set('IPV6_JOIN_GROUP', SOL_IPV6, IPV6_JOIN_GROUP, Buffer.concat([group, ofInt(index)]))
  })

  const wire = datagrams(fd, {
    onMessage: (message, from) => onMessage(Uint8Array.from(message), Uint8Array.from(from.subarray(8, 24))),
  })

  return {
    send(message, to) {
      const address = Buffer.alloc(SOCKADDR_IN6)
      address.writeUInt16LE(AF_INET6, 0)
      address.set(to, 8)
      address.writeUInt32LE(index, 24)
      if (sendTo(fd, message, address) < 0) throw failure('sendto')
    },
    close() {
      wire.close()
      closeFd(fd)
    },
  }
}
