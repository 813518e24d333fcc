/** A virtual machine with real firmware that boots from a bridge in a namespace: for tests of the wire that need no lab. */
import type { ChildProcess } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OVMF_PARTS, qemuArgs } from '../../devenv/machines.ts'
import { readLabSettings } from '../../devenv/settings.ts'
import { parseIpv4, parseMac } from '../../src/model/address.ts'
import { temporaryFolder } from './daemon.ts'
import type { Namespace } from './namespace.ts'

export interface PxeMachine {
  /** Turns it on. QEMU ends with its namespace. */
  on(): void
  /** What it wrote to its serial line. */
  serial(): string
  off(): Promise<void>
}

export interface PxePlan {
  readonly name: string
  readonly mac: string
  readonly firmware: 'bios' | 'uefi'
  /** Megabytes. */
  readonly mem?: number
  /** In place of OVMF's own: program and settings. */
  readonly ovmf?: { readonly code: string; readonly vars: string }
  /** Changes what QEMU is started with. */
  readonly edit?: (args: readonly string[]) => readonly string[]
}

export const PXE_PACKAGES = ['qemu-system-x86', 'ovmf', 'ipxe-qemu', 'iproute2'] as const

export async function pxeMachine(namespace: Namespace, bridge: string, plan: PxePlan): Promise<PxeMachine> {
  const { name, firmware, mem = 512, ovmf, edit = (args) => args } = plan
  const tap = `tap-${name}`
  await namespace.tap(tap, bridge)
  const folder = temporaryFolder()
  const [template] = readLabSettings().nodes
  if (!template) throw new Error('the lab has no nodes')
  if (firmware === 'uefi') copyFileSync(ovmf?.vars ?? OVMF_PARTS.vars(), join(folder, `${name}.vars`))
  const node = { ...template, name, mac: parseMac(plan.mac), ip: parseIpv4('0.0.0.0'), firmware, mem, cpus: 1 }
  const disk = join(folder, `${name}.raw`)
  const plain = qemuArgs({ node, tap, folder, accel: 'tcg', capture: false })
    .map((arg) => (ovmf ? arg.replace(OVMF_PARTS.code(), ovmf.code) : arg))
    .map((arg) => (arg.includes(disk) ? 'id=disk,if=none,driver=null-co,size=64M' : arg))
  let child: ChildProcess | undefined
  return {
    on() {
      child = namespace.spawn('qemu-system-x86_64', edit(plain), {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'inherit'],
      })
    },
    serial: () => readFileSync(join(folder, `${name}.log`), 'latin1'),
    async off() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child?.once('close', resolve))
      child.kill('SIGKILL')
      await ended
    },
  }
}
