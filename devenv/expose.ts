/** A door from the user's machine into the lab: a TCP port of the loopback that leads to the lab's gateway socket. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'

export interface Door {
  /** `http://127.0.0.1:8080` */
  readonly url: string
  close(): void
}

/** @param wanted is taken when it is free; else the system chooses. */
export async function openDoor(socketPath: string, wanted: number): Promise<Door> {
  const server = createServer((outer) => {
    const inner = connect(socketPath)
    outer.pipe(inner).pipe(outer)
    outer.on('error', () => inner.destroy()).on('close', () => inner.destroy())
    inner.on('error', () => outer.destroy()).on('close', () => outer.destroy())
  })
  await listen(server, wanted).catch(() => listen(server, 0))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}
