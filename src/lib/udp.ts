/** Sends one datagram and is done; nobody waits for an answer. */
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'

export interface Datagram {
  /** An address of this host: out of the interface that has it. Unset: as the routes say. */
  readonly from?: string
  readonly to: string
  readonly port: number
  readonly bytes: Uint8Array
}

/** Broadcast addresses are allowed. Rejects with what the system says: no route, no such host. */
export async function sendDatagram({ from, to, port, bytes }: Datagram): Promise<void> {
  const socket = createSocket(isIPv6(to) ? 'udp6' : 'udp4')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ port: 0, ...(from !== undefined && { address: from }) }, () => {
        if (!isIPv6(to)) socket.setBroadcast(true)
        socket.send(bytes, port, to, (error) => (error ? reject(error) : resolve()))
      })
    })
  } finally {
    socket.close()
  }
}
