/** A daemon with one machine to boot, and the clients that fetch from it: curl, and raw requests in a firmware's own words. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'

/** The iPXE script of the machine. */
export const CONFIG = '/boot/ipxe/01-52-54-00-77-00-01'
export const KERNEL = '/boot/images/debian-12/linux'

export interface Fetched {
  readonly status: number
  /** As they came, with their case. */
  readonly head: string
  readonly body: Buffer
}

export interface BootClient {
  readonly daemon: Daemon
  /** For files of the test; removed when it ends. */
  readonly folder: string
  api(method: string, path: string, body?: object): Promise<unknown>
  curl(path: string, ...args: string[]): Promise<Fetched>
  /** One request, and the answer up to the end of the connection. */
  raw(request: string): Promise<string>
  /** The steps of the machine's trace so far. */
  steps(): Promise<string[]>
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A daemon that has imported a tree as debian-12 and knows node1, which is to install it and asks from the loopback. */
export async function startBootClient(makeTree: (folder: string) => Promise<string>): Promise<BootClient> {
  await needPackages('curl')
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-boot-client-'))
  folders.push(folder)
  const daemon = await startDaemon()
  const token = await daemon.token()

  const client: BootClient = {
    daemon,
    folder,
    async api(method, path, body) {
      const answer = await fetch(`${daemon.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      return JSON.parse(text)
    },
    async curl(path, ...args) {
      const [head, body] = [join(folder, 'head'), join(folder, 'body')]
      for (const file of [head, body]) writeFileSync(file, '')
      const all = [
        '-sS',
        '--path-as-is',
        '--dump-header',
        head,
        '--output',
        body,
        '--write-out',
        '%{http_code}',
        ...args,
      ]
      const status = Number(await exec('curl', [...all, `${daemon.url}${path}`]))
      return { status, head: readFileSync(head, 'latin1'), body: readFileSync(body) }
    },
    async raw(request) {
      const { hostname, port } = new URL(daemon.url)
      const socket = connect(Number(port), hostname)
      socket.write(request)
      return (await buffer(socket)).toString('latin1')
    },
    async steps() {
      const events = (await client.api('GET', '/api/events.json?limit=1000&system=node1')) as Recorded[]
      return events.flatMap(({ name, payload }) => (name === 'boot.step' && payload.step ? [payload.step] : []))
    },
  }

  await client.api('POST', '/api/import', { path: await makeTree(folder), name: 'debian-12' })
  await client.api('POST', '/api/systems', {
    name: 'node1',
    profile: 'debian-12',
    interfaces: { eth0: { macAddress: '52:54:00:77:00:01', ipAddress: '127.0.0.1' } },
  })
  return client
}

interface Recorded {
  readonly name: string
  readonly payload: { readonly step?: string }
}
