/** A daemon with two machines that are told apart by their addresses on the loopback, and curl to ask it from there. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { exec } from '../../src/lib/exec.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'

/** node1 has Ubuntu's live installer, node2 a preseed. */
export const NODE1 = '127.0.0.11'
export const NODE2 = '127.0.0.12'
export const STRANGER = '127.0.0.99'

export const macOf = (name: string): string => `52:54:00:77:00:0${name.at(-1)}`

export interface Got {
  readonly status: number
  readonly body: Buffer
}

export interface MetadataSite {
  readonly daemon: Daemon
  /** Every token that was given out. */
  readonly said: readonly string[]
  api(method: string, path: string, body?: object): Promise<Record<string, unknown>>
  get(path: string, from?: string, ...args: string[]): Promise<Got>
  /** Asks for its boot config as its firmware does; answers the token in it, or nothing. */
  boot(name?: string, from?: string): Promise<string>
  read(token: string, path: string, from?: string): Promise<Got>
  status(token: string, path?: string, from?: string): Promise<number>
  /** What its installer calls last. */
  installed(name?: string): Promise<Got>
}

export async function startMetadataSite(userData: Buffer): Promise<MetadataSite> {
  await needPackages('curl', 'cloud-init')
  const folder = temporaryFolder()
  for (const file of ['casper/vmlinuz', 'casper/initrd', 'd-i/linux', 'd-i/initrd.gz']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), file)
  }
  // One boot after another, and none of them ends: that is no fault here.
  const daemon = await startDaemon({ config: { deadlines: { installs: 1000 } } })
  const said: string[] = []

  const api: MetadataSite['api'] = async (method, path, body) => {
    const answer = await fetch(`${daemon.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${await daemon.token()}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Record<string, unknown>
  }

  const get: MetadataSite['get'] = async (path, from = NODE1, ...args) => {
    const file = join(folder, 'got')
    writeFileSync(file, '')
    const all = ['-sS', '--interface', from, '-o', file, '-w', '%{http_code}', ...args, `${daemon.url}${path}`]
    const status = Number(await exec('curl', all))
    return { status, body: readFileSync(file) }
  }

  const imported = (path: string, name: string, more: object = {}) =>
    api('POST', '/api/import', { path: join(folder, path), name, ...more })
  await imported('casper', 'jammy-x86_64', { breed: 'ubuntu', osVersion: 'jammy' })
  await imported('d-i', 'trixie-x86_64')
  for (const [name, ipAddress, profile] of [
    ['node1', NODE1, 'jammy-x86_64-juju'],
    ['node2', NODE2, 'trixie-x86_64-juju'],
  ] as const) {
    await api('POST', '/api/systems', {
      ...{ name, profile, meta: { MACHINE_ID: '0', USER_DATA_BASE64: userData.toString('base64') } },
      interfaces: { eth0: { macAddress: macOf(name), ipAddress } },
    })
  }

  return {
    daemon,
    said,
    api,
    get,
    async boot(name = 'node1', from = NODE1) {
      const { body } = await get(`/boot/ipxe/01-${macOf(name).replaceAll(':', '-')}`, from)
      const [, found = ''] = /\/metadata\/([\w-]+)\//.exec(body.toString()) ?? []
      if (found !== '') said.push(found)
      return found
    },
    read: (token, path, from) => get(`/metadata/${token}/${path}`, from),
    status: async (token, path = 'user-data', from = NODE1) => (await get(`/metadata/${token}/${path}`, from)).status,
    installed: (name = 'node1') => get(`/cblr/svc/op/nopxe/system/${name}`),
  }
}
