/** The lab without libvirt: QEMU and the server in a network namespace of their own, held by a process in the background. */

import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Backend, Finding, LabStatus } from './backend.ts'
import { lookAtNode, switchNode } from './control-client.ts'
import { endHeld, findHeld, type HeldLab, startHeld } from './held-lab.ts'
import { missingLabPackages } from './packages.ts'
import type { LabSettings } from './settings.ts'
import { mayUnshare } from './start-inside.ts'

export function qemuBackend(settings: LabSettings, settingsFile: string): Backend {
  const { network, nodes } = settings
  const find = () => findHeld(network.name)

  async function running(): Promise<HeldLab> {
    const held = await find()
    if (!held) throw new Error('the lab is down; orchestra devenv up')
    return held
  }

  return {
    check,

    async up(say) {
      const before = await find()
      if (before) return say(`The lab is up already: ${before.login?.url}`)
      const { login, folder } = await startHeld(settingsFile, settings, say)
      say(`Network   ${network.name}: ${network.subnet.network}/${network.subnet.prefix} in a namespace of its own`)
      say(`Server    Orchestra at ${settings.server.ip}, from here ${login?.url} (user ${login?.user})`)
      say(`Machines  ${nodes.map(({ name }) => name).join(', ')}: off, with empty disks`)
      say(`Files     ${folder}`)
    },

    async down(say) {
      const held = await find()
      if (!held) return say('The lab is down already.')
      await endHeld(network.name, held)
      say(`The machines, the server and the network ${network.name} are gone, and ${held.folder} with them.`)
    },

    async status() {
      const held = await find()
      const powers = nodes.map(async ({ name, mac, ip }) => {
        const state = held && (await lookAtNode(held.switches, name, 'power'))['state']
        const power: LabStatus['nodes'][number]['power'] = state === 'on' || state === 'off' ? state : 'absent'
        return { name, mac, ip, power }
      })
      return {
        ...{ isUp: held !== undefined, url: held?.login?.url, folder: held?.folder },
        nodes: await Promise.all(powers),
      }
    },

    async power({ name }, to, say) {
      const { switches } = await running()
      const { state } = await lookAtNode(switches, name, 'power')
      if (state === to) return say(`${name} is ${to} already.`)
      await switchNode(switches, name, 'power', to)
      say(`${name} is ${to}.`)
    },

    async console({ name }) {
      const { switches } = await running()
      const { state } = await lookAtNode(switches, name, 'power')
      if (state !== 'on') throw new Error(`${name} is off; orchestra devenv power ${name} on`)
      return await open((await lookAtNode(switches, name, 'consoles'))['serial'] ?? '')
    },

    async vnc({ name }) {
      const { switches, login } = await running()
      const { vnc = '' } = await lookAtNode(switches, name, 'consoles')
      return [
        `in the browser    ${login?.url}/ui/machines/${name}/console`,
        `with a VNC viewer socat TCP-LISTEN:5900,bind=127.0.0.1,fork UNIX-CONNECT:${vnc} & vncviewer 127.0.0.1:5900`,
      ]
    },

    async reset({ name }, say) {
      await switchNode((await running()).switches, name, 'disk', 'empty')
      say(`${name} is off, and its disk is empty.`)
    },

    powerOf: async ({ name }) => ({ type: 'lab', address: `unix:${(await running()).switches}`, user: '', id: name }),
    async env() {
      const { env } = await running()
      if (env === undefined) throw new Error('the passwords of this server are its own; orchestra login --server URL')
      return env
    },

    async login() {
      const { login } = await running()
      if (!login) throw new Error('this lab has no server of its own')
      return login
    },
  }
}

async function check(): Promise<Finding[]> {
  const missing = await missingLabPackages()
  const may = await mayUnshare()
  return [
    {
      what: 'packages',
      isGood: missing.length === 0,
      because:
        missing.length === 0 ? 'QEMU, firmware and loaders are installed' : `up installs ${missing.join(' ')}, as root`,
    },
    {
      what: 'a network of its own',
      isGood: may,
      because: may ? 'this kernel lets you make one' : 'only root may make one here: run it with sudo',
    },
  ]
}

async function open(path: string): Promise<Duplex> {
  const socket = connect({ path })
  await once(socket, 'connect')
  return socket
}
