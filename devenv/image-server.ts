/** What an image's installer fetches from, on this host's loopback: the package archive as it must see it, and this checkout. */
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import type { Say } from './backend.ts'
import type { Installer } from './debian-installer.ts'
import { startMirror } from './mirror.ts'

export interface ImageServer {
  readonly port: number
  /** From now on, this file is `/orchestra.tar.gz`. */
  give(path: string): void
  stop(): void
}

/** @param work a folder with a short path, for a socket */
export async function serveForImage(work: string, { mirror, amended }: Installer, say: Say): Promise<ImageServer> {
  const socketPath = join(work, 'mirror')
  const stopMirror = await startMirror(socketPath, mirror, amended, (line) => say(`the archive: ${line}`))
  let given: string | undefined
  const server = createServer((incoming, response) => {
    const drop = () => void response.destroy()
    if (incoming.url === '/orchestra.tar.gz' && given !== undefined) {
      pipeline(createReadStream(given), response, () => {})
      return
    }
    const { url: path, method, headers } = incoming
    const asked = request({ socketPath, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      pipeline(answer, response, () => {})
    })
    asked.on('error', drop).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    give: (path) => {
      given = path
    },
    stop() {
      server.close()
      server.closeAllConnections()
      stopMirror()
    },
  }
}
