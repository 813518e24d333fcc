/**
 * A site of 2011 for tests: a real daemon with the settings that the Ensemble client needs, the user and the password of
 * its documents, profiles by their old names, machines that are free, and a wall socket for each of them.
 */
import { join } from 'node:path'
import { serveControl } from '../../devenv/control.ts'
import { type Daemon, type DaemonOptions, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { type EnsembleClient, type Environment, ensembleClient, type Generation } from '../support/ensemble-client.ts'

export interface Site {
  readonly daemon: Daemon
  /** `host:port` */
  readonly server: string
  /** As it is written in environments.yaml, with no storage-url. */
  readonly environment: Environment
  /** A new process of the client. */
  client(generation?: Generation, environment?: Partial<Environment>): EnsembleClient
  rest(method: string, path: string, body?: object): Promise<{ status: number; json: unknown }>
  system(name: string): Promise<SystemSeen>
  addSystem(name: string, more?: object): Promise<void>
  /** What the sockets were told, in order: `node01 on`. */
  readonly switched: readonly string[]
  /** Answers when a socket was told this. */
  wasSwitched(what: string): Promise<void>
}

export interface SystemSeen {
  readonly uid: string
  readonly mgmtClasses: readonly string[]
  readonly meta: Readonly<Record<string, string>>
  readonly netbootEnabled: boolean
  readonly profile: string
}

/** What a site sets for these clients; nothing of it is a default. */
const CONFIG = {
  admin: { user: 'cobbler' },
  cobbler: { anonymous_reads: true },
  webdav: { anonymous_read: true },
}

export async function startSite(systems: readonly string[], options: DaemonOptions = {}): Promise<Site> {
  const daemon = await startDaemon({
    config: CONFIG,
    ...options,
    env: { ORCHESTRA_ADMIN__PASSWORD: 'cobbler', ...options.env },
  })
  const token = await login(daemon.url)
  const switched: string[] = []
  const listeners = new Set<() => void>()
  const socket = join(temporaryFolder(), 'control.sock')
  const machine = (name: string) => {
    let state: 'on' | 'off' = 'off'
    const turn = async (to: 'on' | 'off') => {
      state = to
      switched.push(`${name} ${to}`)
      for (const listener of [...listeners]) listener()
    }
    const consoles = { serial: '/nonexistent/serial', vnc: '/nonexistent/vnc' }
    const off = () => turn('off')
    const switches = { on: () => turn('on'), off, reset: off, sendBreak: async () => {} }
    return { name, netboot: true, state: () => state, consoles, ...switches }
  }
  const machines = new Map(systems.map((name) => [name, machine(name)]))
  await serveControl(socket, machines, { start: async () => {}, stop: async () => {}, pid: () => undefined })

  const site: Site = {
    daemon,
    get server() {
      return daemon.url.replace('http://', '')
    },
    get environment() {
      return {
        type: 'orchestra' as const,
        'orchestra-server': site.server,
        'orchestra-user': 'cobbler',
        'orchestra-pass': 'cobbler',
        'acquired-mgmt-class': 'foo-acquired',
        'available-mgmt-class': 'foo-available',
      }
    },
    client: (generation = '2011', environment = {}) =>
      ensembleClient({ generation, environment: { ...site.environment, ...environment } }),

    async rest(method, path, body) {
      const answer = await fetch(`${daemon.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) }
    },

    async system(name) {
      return (await site.rest('GET', `/api/systems/${name}`)).json as SystemSeen
    },

    async addSystem(name, more = {}) {
      const made = await site.rest('POST', '/api/systems', {
        name,
        profile: 'oneiric-x86_64',
        mgmtClasses: ['rack1', 'foo-available', 'ssd'],
        meta: { keep: 'me' },
        power: { type: 'lab', address: `unix:${socket}`, id: name },
        ...more,
      })
      if (made.status !== 201) throw new Error(`${name} was not made: ${JSON.stringify(made.json)}`)
    },

    switched,
    wasSwitched: (what) =>
      new Promise((done) => {
        const look = () => {
          if (!switched.includes(what)) return
          listeners.delete(look)
          done()
        }
        listeners.add(look)
        look()
      }),
  }

  const distro = {
    arch: 'x86_64',
    breed: 'ubuntu',
    osVersion: 'oneiric',
    kernel: '/srv/linux',
    initrd: '/srv/initrd.gz',
  }
  for (const [path, item] of [
    ['distros', { ...distro, name: 'oneiric-x86_64' }],
    ['profiles', { name: 'oneiric-x86_64', distro: 'oneiric-x86_64' }],
    ['profiles', { name: 'oneiric-x86_64-juju', distro: 'oneiric-x86_64' }],
  ] as const) {
    const made = await site.rest('POST', `/api/${path}`, item)
    if (made.status !== 201) throw new Error(`${item.name} was not made: ${JSON.stringify(made.json)}`)
  }
  for (const name of systems) await site.addSystem(name)
  return site
}

async function login(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'cobbler', password: 'cobbler' }),
  })
  if (answer.status !== 200) throw new Error(`login: ${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { token: string }).token
}
