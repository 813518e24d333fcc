/** UDP and TCP on one port, as DNS and syslog have it. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

const TRIES = 10

/** When the system chose the port for UDP, TCP may find it taken: then both try another. Rejects as `listen` does. */
export async function bindUdpAndTcp(listen: {
  readonly address: string
  readonly port: number
}): Promise<{ udp: UdpSocket; tcp: Server }> {
  for (let tries = 1; ; tries++) {
    const udp = createSocket(listen.address.includes(':') ? 'udp6' : 'udp4')
    udp.bind(listen.port, listen.address)
    await once(udp, 'listening')
    const tcp = createServer()
    try {
      tcp.listen(udp.address().port, listen.address)
      await once(tcp, 'listening')
      return { udp, tcp }
    } catch (error) {
      udp.close()
      if (listen.port !== 0 || tries === TRIES) throw error
    }
  }
}
