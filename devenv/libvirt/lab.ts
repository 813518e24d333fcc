/**
 * The lab on libvirt, as a value: network, server and machines. Everything that is started for it is a child of the process
 * that holds it, and goes with it.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { LabLogin, Say } from '../backend.ts'
import { daemonConfig } from '../daemon-config.ts'
import { daemonSwitch } from '../daemon-switch.ts'
import { openLabApi } from '../lab-api.ts'
import { CACHE, shortTemp } from '../lab-run.ts'
import { hasIpv6, makeBridge, removeBridge } from '../network.ts'
import { fitFor, LAB_USER } from '../nodes.ts'
import { needLabPackages } from '../packages.ts'
import { addProfile } from '../profiles.ts'
import type { LabSettings } from '../settings.ts'
import { findLibvirt, LIBVIRT_PACKAGES, startLibvirt } from './daemon.ts'
import { filesOf, networkXml, nodeXml, serverXml } from './definitions.ts'
import { domainsOf, makeDisk, makeOverlay } from './domains.ts'
import { startRelay } from './relay.ts'

export interface LibvirtLab {
  readonly uri: string
  readonly folder: string
  /** Undefined where the server is a machine whose passwords are its own. */
  readonly login: LabLogin | undefined
  stop(): Promise<void>
}

const ROOT = resolve(import.meta.dirname, '../..')

/** @throws Error with the reason, when all that was begun has been taken down again */
export async function startLibvirtLab(given: LabSettings, say: Say): Promise<LibvirtLab> {
  if (process.getuid?.() !== 0) throw new Error('libvirt and its bridges need root: sudo orchestra devenv up')
  const settings = { ...given, nodes: given.nodes.map((node) => fitFor('mini', node)) }
  const { network, server, nodes } = settings
  await needLabPackages(say, LIBVIRT_PACKAGES)
  const folder = mkdtempSync(join(shortTemp(), 'orchestra-lab-'))
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const found = await findLibvirt()
    const libvirt = found ?? (await startLibvirt(join(folder, 'virt')))
    ends.push(libvirt.stop)
    say(`libvirt   ${found ? "this machine's" : 'started by hand, for the lab alone'}: ${libvirt.uri}`)
    // Its machines run as a user of their own there, who must get to their disks.
    if (libvirt.isShared) chmodSync(folder, 0o711)
    const domains = domainsOf(libvirt.uri, network.name, network.bridge, folder)
    await domains.removeAll()
    ends.push(domains.removeAll)
    await connectHost(settings, ends)
    await domains.makeNetwork(networkXml(settings))
    say(`Network   ${network.name}: ${network.subnet.network}/24 on ${network.bridge}, which leads nowhere else`)

    const type = process.env['LAB_ACCEL'] === 'kvm' ? 'kvm' : 'qemu'
    for (const node of nodes) {
      const files = filesOf(node.name, folder)
      await makeDisk(files, node.disk, libvirt.isShared)
      await domains.define(node.name, nodeXml(node, network.name, type, files))
    }
    say(`Machines  ${nodes.map(({ name }) => name).join(', ')}: off, with empty disks`)

    if (server.where === 'vm') {
      const files = filesOf(server.name, folder)
      await makeOverlay(files, server.image)
      const relay = await startRelay(libvirt.socket, network.host, server.ip)
      ends.push(relay.close)
      await domains.define(server.name, serverXml(server, network.name, type, files))
      await domains.start(server.name)
      say(`Server    ${server.name} at ${server.ip}: a machine on an overlay of ${server.image}`)
      say(`Relay     libvirt at ${network.host}:${relay.port}, for ${server.ip} alone`)
      return { uri: libvirt.uri, folder, login: undefined, stop }
    }
    const login = await startServer(settings, folder, ends, say)
    say(`Server    Orchestra at ${login.url} (user ${login.user})`)
    return { uri: libvirt.uri, folder, login, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The lab's bridge, with this host on it: its address there, and the server's where the server is this host. */
async function connectHost({ network, server }: LabSettings, ends: (() => Promise<unknown>)[]): Promise<void> {
  const { bridge, host, subnet } = network
  // DHCP names the first as the server's.
  const [addresses, mac] =
    server.where === 'host' ? [[server.ip, host], server.mac] : [[host], server.mac.replace(/^../, '02')]
  const own = addresses.map((ip) => `${ip}/${subnet.prefix}`)
  ends.push(() => removeBridge(bridge))
  await makeBridge(bridge, mac, own)
}

/** Our daemon on this host, listening on the lab's bridge alone, with the mini profile. */
async function startServer(
  settings: LabSettings,
  folder: string,
  ends: (() => Promise<unknown>)[],
  say: Say,
): Promise<LabLogin> {
  const { server } = settings
  const config = join(folder, 'orchestra.yaml')
  writeFileSync(config, daemonConfig(settings, hasIpv6()))
  const password = randomBytes(12).toString('base64url')
  const env = { ORCHESTRA_DATA: join(folder, 'data'), ORCHESTRA_ADMIN__USER: LAB_USER, ORCHESTRA_LOG__FORMAT: 'json' }
  const daemon = daemonSwitch({ main: join(ROOT, 'src/main.ts'), config, env }, folder, server.ip, password)
  ends.push(() => daemon.stop('SIGTERM'))
  await daemon.start()
  const url = `http://${server.ip}`
  const api = await openLabApi(url, password)
  try {
    await addProfile('mini', api, { cache: CACHE, server: server.ip, say })
  } finally {
    await api.close()
  }
  return { url, user: LAB_USER, password }
}
