/**
 * The lab's network: a bridge with the server's addresses, one TAP interface per machine. Made inside
 * a network namespace of the lab's own, so that it ends with the lab's last process, however that ends.
 */
import { existsSync } from 'node:fs'
import { exec } from '../src/lib/exec.ts'
import { SERVER_V6 } from './nodes.ts'
import type { LabSettings } from './settings.ts'

export const tapOf = (name: string): string => `tap-${name}`

export async function makeNetwork({ network, server, nodes }: LabSettings): Promise<void> {
  const { bridge } = network
  const ip = (...args: string[]) => exec('ip', args)
  await ip('link', 'set', 'lo', 'up')
  await makeBridge(bridge, server.mac, [`${server.ip}/${network.subnet.prefix}`])
  for (const { name } of nodes) {
    await ip('tuntap', 'add', 'dev', tapOf(name), 'mode', 'tap')
    await ip('link', 'set', tapOf(name), 'master', bridge, 'up')
  }
}

/**
 * A bridge that is up although no machine is, with the address of the network that the daemon advertises.
 * @param mac of its own: else it takes that of its lowest port, which changes as machines come
 * @param addresses `192.168.123.2/24`
 */
export async function makeBridge(bridge: string, mac: string, addresses: readonly string[]): Promise<void> {
  const ip = (...args: string[]) => exec('ip', args)
  await ip('link', 'add', bridge, 'address', mac, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0')
  for (const address of addresses) await ip('address', 'add', address, 'dev', bridge)
  await ip('-6', 'address', 'add', `${SERVER_V6}/64`, 'dev', bridge, 'nodad').catch(() => '')
  await ip('link', 'set', bridge, 'up')
  // A bridge without a running port has no carrier, and an interface without a carrier is not there for Node.
  const [port, far] = carrierOf(bridge)
  await ip('link', 'add', port, 'type', 'veth', 'peer', 'name', far)
  await ip('link', 'set', far, 'addrgenmode', 'none', 'up')
  await ip('link', 'set', port, 'addrgenmode', 'none', 'master', bridge, 'up')
}

export async function removeBridge(bridge: string): Promise<void> {
  for (const link of [carrierOf(bridge)[0], bridge]) await exec('ip', ['link', 'delete', link]).catch(() => '')
}

/** The two ends of the cable that keeps a bridge up. */
const carrierOf = (bridge: string): [port: string, far: string] => [`${bridge}-c`, `${bridge}-d`]

/** A kernel may be told to have none; then nothing of it is made, and iPXE waits for what does not come. */
export function hasIpv6(): boolean {
  return existsSync('/proc/net/if_inet6')
}
