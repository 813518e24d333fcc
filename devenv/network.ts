/**
 * The lab's network: a bridge with the server's addresses, one TAP interface per machine, router advertisements. Made inside
 * a network namespace of the lab's own, so that it ends with the lab's last process, however that ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../src/lib/exec.ts'
import { SERVER_V6 } from './nodes.ts'
import type { LabSettings } from './settings.ts'

export const tapOf = (name: string): string => `tap-${name}`

export async function makeNetwork({ network, server, nodes }: LabSettings): Promise<void> {
  const { bridge } = network
  const ip = (...args: string[]) => exec('ip', args)
  await ip('link', 'set', 'lo', 'up')
  // An address of its own: a bridge takes that of its lowest port, which changes as machines come.
  await ip('link', 'add', bridge, 'address', server.mac, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0')
  await ip('address', 'add', `${server.ip}/${network.subnet.prefix}`, 'dev', bridge)
  await ip('-6', 'address', 'add', `${SERVER_V6}/64`, 'dev', bridge, 'nodad').catch(() => '')
  await ip('link', 'set', bridge, 'up')
  // A bridge without a running port has no carrier, and an interface without a carrier is not there for Node.
  await ip('link', 'add', 'carrier0', 'type', 'veth', 'peer', 'name', 'carrier1')
  await ip('link', 'set', 'carrier1', 'addrgenmode', 'none', 'up')
  await ip('link', 'set', 'carrier0', 'addrgenmode', 'none', 'master', bridge, 'up')
  for (const { name } of nodes) {
    await ip('tuntap', 'add', 'dev', tapOf(name), 'mode', 'tap')
    await ip('link', 'set', tapOf(name), 'master', bridge, 'up')
  }
}

/** Answers iPXE's router solicitations; what it advertises is a network on which nothing else is. */
export function startRadvd(program: string, folder: string, bridge: string): ChildProcess {
  const config = join(folder, 'radvd.conf')
  const lifetime = 'AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; AdvDefaultLifetime 0;'
  writeFileSync(
    config,
    `interface ${bridge} { ${lifetime} prefix ${SERVER_V6.replace(/1$/, '')}/64 { AdvAutonomous on; }; };\n`,
    {
      mode: 0o600,
    },
  )
  const args = ['--nodaemon', '--logmethod', 'stderr', '--config', config, '--pidfile', join(folder, 'radvd.pid')]
  return spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore'] })
}
