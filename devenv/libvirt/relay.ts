/**
 * libvirt over TCP for one address: what the devenv of 2011 did with socat, but asked for nothing else, and ended with the lab.
 * The server in its own virtual machine turns the others on by it; whoever else comes is hung up on.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

export const RELAY_PORT = 65_001

export interface Relay {
  readonly port: number
  close(): Promise<void>
}

/**
 * @param socketPath libvirt's
 * @param host the address to listen on: this host's, on the lab's network
 * @param client the one address that is let in
 */
export async function startRelay(socketPath: string, host: string, client: string, port = RELAY_PORT): Promise<Relay> {
  const server = createServer((outer) => {
    if (outer.remoteAddress !== client) return void outer.destroy()
    const inner = connect({ path: socketPath })
    outer.pipe(inner).pipe(outer)
    outer.on('error', () => inner.destroy()).on('close', () => inner.destroy())
    inner.on('error', () => outer.destroy()).on('close', () => outer.destroy())
  })
  server.listen(port, host)
  await once(server, 'listening')
  const closed = once(server, 'close')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      await closed
    },
  }
}
