/** The lab on libvirt: its verbs, by virsh where libvirt knows, and by the driver that Orchestra has for it. */

import { exec } from '../../src/lib/exec.ts'
import { openTerminal } from '../../src/lib/terminal-program.ts'
import type { PowerTarget } from '../../src/power/driver.ts'
import { virsh } from '../../src/power/drivers/virsh.ts'
import type { Backend, Finding, LabStatus } from '../backend.ts'
import { endHeld, findHeld, type HeldLab, startHeld } from '../held-lab.ts'
import { fitFor } from '../nodes.ts'
import { missingLabPackages } from '../packages.ts'
import type { LabNode, LabSettings } from '../settings.ts'
import { readersOf } from './access.ts'
import { findLibvirt, LIBVIRT_PACKAGES } from './daemon.ts'
import { filesOf } from './definitions.ts'
import { makeDisk } from './domains.ts'
import { RELAY_PORT } from './relay.ts'

/** Milliseconds for one order. */
const PATIENCE = 30_000

export function libvirtBackend(settings: LabSettings, settingsFile: string): Backend {
  const { network, server, nodes } = settings
  const tools = () => ({ exec, openTerminal, signal: AbortSignal.timeout(PATIENCE) })

  async function running(): Promise<HeldLab> {
    const held = await findHeld(network.name)
    if (!held) throw new Error('the lab is down; orchestra devenv up')
    return held
  }
  const targetOf = ({ name, mac }: LabNode, { switches }: HeldLab): PowerTarget => ({
    name,
    power: { type: 'virsh', address: switches, user: '', pass: '', id: name, options: '' },
    macs: [mac],
  })

  return {
    check: () => check(settings),

    async up(say) {
      const before = await findHeld(network.name)
      if (before) return say(`The lab is up already${before.login ? `: ${before.login.url}` : ''}.`)
      const { folder } = await startHeld(settingsFile, settings, say)
      say(`Files     ${folder}`)
    },

    async down(say) {
      const held = await findHeld(network.name)
      if (!held) return say('The lab is down already.')
      await endHeld(network.name, held)
      say(`The machines, the server and the network ${network.name} are gone, and ${held.folder} with them.`)
    },

    async status() {
      const held = await findHeld(network.name)
      const powers = nodes.map(async (node): Promise<LabStatus['nodes'][number]> => {
        const state = held && (await virsh.state(targetOf(node, held), tools()))
        const { name, mac, ip } = node
        return { name, mac, ip, power: state === 'on' || state === 'off' ? state : 'absent' }
      })
      return {
        ...{ isUp: held !== undefined, url: held?.login?.url, folder: held?.folder },
        nodes: await Promise.all(powers),
      }
    },

    async power(node, to, say) {
      const target = targetOf(node, await running())
      if ((await virsh.state(target, tools())) === to) return say(`${node.name} is ${to} already.`)
      await virsh.act(target, to, tools())
      say(`${node.name} is ${to}.`)
    },

    async console(node) {
      const target = targetOf(node, await running())
      if (!virsh.console) throw new Error('virsh has no console')
      // As long as one stays.
      return await virsh.console(target, { ...tools(), signal: new AbortController().signal })
    },

    async vnc({ name }) {
      const { switches, login } = await running()
      const display = (await exec('virsh', ['--connect', switches, 'vncdisplay', name])).trim()
      return [
        `with a VNC viewer vncviewer ${display}`,
        ...(login ? [`in the browser    ${login.url}/ui/machines/${name}/console`] : []),
      ]
    },

    async reset(node, say) {
      const held = await running()
      await virsh.act(targetOf(node, held), 'off', tools())
      const { disk } = fitFor('mini', node)
      await makeDisk(filesOf(node.name, held.folder), disk, held.switches === 'qemu:///system')
      say(`${node.name} is off, and its disk is empty.`)
    },

    async powerOf({ name }) {
      const { switches } = await running()
      // From within its machine the server reaches libvirt by the relay alone.
      const address = server.where === 'vm' ? `qemu+tcp://${network.host}:${RELAY_PORT}/system` : switches
      return { type: 'virsh', address, user: '', id: name }
    },

    async env() {
      const { env } = await running()
      if (env === undefined) throw new Error('the passwords of this server are its own; orchestra login --server URL')
      return env
    },

    async login() {
      const { login } = await running()
      if (login) return login
      throw new Error(
        `the server's passwords are its own: --server http://${server.ip} --user NAME --password-file FILE`,
      )
    },
  }
}

async function check({ server }: LabSettings): Promise<Finding[]> {
  const missing = await missingLabPackages(LIBVIRT_PACKAGES)
  const isRoot = process.getuid?.() === 0
  const libvirt = missing.length === 0 ? await findLibvirt() : undefined
  const found = (what: string, isGood: boolean, good: string, bad: string): Finding => ({
    ...{ what, isGood, because: isGood ? good : bad },
  })
  return [
    found(
      'packages',
      missing.length === 0,
      'QEMU, libvirt, firmware and loaders are installed',
      `up installs ${missing.join(' ')}, as root`,
    ),
    found('root', isRoot, 'you are', 'bridges and libvirt need it: run it with sudo'),
    {
      what: 'libvirtd',
      isGood: true,
      because: libvirt ? "this machine's is used" : 'none answers here: the lab starts one of its own',
    },
    ...(server.where === 'vm' ? [readersOf(server.image, libvirt !== undefined)] : []),
  ]
}
