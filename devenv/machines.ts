/**
 * The lab's virtual machines: QEMU processes with a power switch. Children of the lab, not of the daemon, which reaches
 * them only over the network and through its power driver.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, copyFileSync, existsSync, ftruncateSync, openSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { LabNode } from './settings.ts'

/** A QEMU that is not the machine's own. */
export interface Qemu {
  readonly program: string
  readonly args: readonly string[]
}

export interface MachinePlan {
  readonly node: LabNode
  /** An interface that is there, on the lab's bridge. */
  readonly tap: string
  /** Where disk, firmware settings and serial log are. */
  readonly folder: string
  /** `tcg` unless told: not every KVM that opens can run real mode and a firmware. */
  readonly accel: 'tcg' | 'kvm'
  readonly qemu?: Qemu | undefined
  /** Write what goes over the wire to NAME.pcap. */
  readonly capture: boolean
}

export interface Machine {
  readonly name: string
  /** Whether its firmware boots by network; as it was when it was turned on. */
  netboot: boolean
  state(): 'on' | 'off'
  /** The unix sockets of its serial line and its VNC screen; there while it is on. */
  readonly consoles: { readonly serial: string; readonly vnc: string }
  /** The break signal on its serial line. */
  sendBreak(): Promise<void>
  on(): Promise<void>
  off(): Promise<void>
  /** Off, with an empty disk and the firmware's settings as they were made. */
  reset(): Promise<void>
}

/** UEFI in the packages of Debian 12, 13 and Ubuntu 22.04 on. */
const OVMF = '/usr/share/OVMF'

/** Milliseconds that QEMU gets to end by itself. */
const PATIENCE = 5_000

export function createMachine(plan: MachinePlan, onEnd: (name: string, words: string) => void): Machine {
  const { node, folder } = plan
  let running: ChildProcess | undefined
  let stopping = false
  prepareFiles(plan)

  const machine: Machine = {
    name: node.name,
    netboot: true,
    state: () => (running ? 'on' : 'off'),
    consoles: { serial: join(folder, `${node.name}.serial`), vnc: join(folder, `${node.name}.vnc`) },
    sendBreak: () => tellMonitor(join(folder, `${node.name}.monitor`), 'chardev-send-break serial'),

    async on() {
      if (running) return
      const { program, args } = plan.qemu ?? { program: 'qemu-system-x86_64', args: [] }
      const child = spawn(program, [...args, ...qemuArgs(plan, machine.netboot)], {
        stdio: ['ignore', 'ignore', 'pipe'],
        cwd: folder,
      })
      let words = ''
      child.stderr.setEncoding('utf8').on('data', (part) => (words = (words + part).slice(-2000)))
      running = child
      stopping = false
      child.once('close', () => {
        running = undefined
        if (!stopping) onEnd(node.name, words.trim() || `QEMU ended with ${child.exitCode ?? child.signalCode}`)
      })
      await once(child, 'spawn')
    },

    async off() {
      const child = running
      if (!child) return
      stopping = true
      const closed = once(child, 'close')
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
      child.kill('SIGTERM')
      await closed
      clearTimeout(timer)
    },

    async reset() {
      await machine.off()
      rmSync(diskOf(node, folder), { force: true })
      prepareFiles(plan)
    },
  }
  return machine
}

/** One line to QEMU's monitor; resolves when it has taken it. */
async function tellMonitor(path: string, line: string): Promise<void> {
  const socket = connect({ path })
  // It greets with its prompt, and gives another when it is done.
  let said = ''
  const prompts = (count: number) => said.split('(qemu) ').length > count
  for await (const part of socket.setEncoding('utf8')) {
    const before = prompts(1)
    said += part
    if (!before && prompts(1)) socket.write(`${line}\n`)
    if (prompts(2)) break
  }
  socket.destroy()
  if (!prompts(2)) throw new Error(`the monitor of QEMU did not take ${line}`)
}

export function diskOf({ name }: LabNode, folder: string): string {
  return join(folder, `${name}.raw`)
}

export function serialOf({ name }: LabNode, folder: string): string {
  return join(folder, `${name}.log`)
}

/** An empty disk, an empty log, and for UEFI a variable store of its own. */
function prepareFiles({ node, folder }: MachinePlan): void {
  const disk = openSync(diskOf(node, folder), 'a')
  ftruncateSync(disk, node.disk * 1024 * 1024)
  closeSync(disk)
  closeSync(openSync(serialOf(node, folder), 'a'))
  if (node.firmware === 'uefi') copyFileSync(ovmf('VARS'), join(folder, `${node.name}.vars`))
}

/** Where the UEFI of this machine's package is: the program, and its settings as they are made. @throws Error when it is not installed */
export const OVMF_PARTS = { code: () => ovmf('CODE'), vars: () => ovmf('VARS') } as const

function ovmf(part: 'CODE' | 'VARS'): string {
  const path = [`${OVMF}/OVMF_${part}_4M.fd`, `${OVMF}/OVMF_${part}.fd`].find((one) => existsSync(one))
  if (!path) throw new Error(`there is no UEFI firmware in ${OVMF}; install the package ovmf`)
  return path
}

/** Network first, then the disk: the server decides at each boot, by what it hands to the loader. */
export function qemuArgs({ node, tap, folder, accel, capture }: MachinePlan, netboot = true): string[] {
  const { name, mac, firmware, cpus, mem } = node
  const isUefi = firmware === 'uefi'
  const log = `,logfile=${serialOf(node, folder)},logappend=on`
  return [
    ...['-name', name, '-nodefaults', '-no-user-config'],
    // graphics=off: SeaBIOS and iPXE write to the serial port as well. OVMF does anyhow.
    ...['-machine', isUefi ? 'q35' : 'pc,graphics=off', '-accel', accel],
    // Without la57: five levels of page tables double the time in emulation.
    ...['-cpu', accel === 'kvm' ? 'host' : 'max,la57=off', '-smp', `${cpus}`, '-m', `${mem}`],
    ...(isUefi
      ? [
          ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${ovmf('CODE')}`],
          ...['-drive', `if=pflash,unit=1,format=raw,file=${join(folder, `${name}.vars`)}`],
        ]
      : []),
    // One who is connected may type; the log is written whether somebody is or not.
    ...['-chardev', `socket,id=serial,path=${join(folder, `${name}.serial`)},server=on,wait=off${log}`],
    ...['-serial', 'chardev:serial'],
    ...['-device', 'VGA', '-vnc', `unix:${join(folder, `${name}.vnc`)}`],
    ...['-monitor', `unix:${join(folder, `${name}.monitor`)},server=on,wait=off`],
    // Without the header that virtio puts before each packet, a capture is what was on the wire.
    ...['-netdev', `tap,id=net,ifname=${tap},script=no,downscript=no${capture ? ',vnet_hdr=off' : ''}`],
    // An empty romfile leaves the asking to OVMF's own PXE client; a BIOS has none but the ROM.
    ...[
      '-device',
      `virtio-net-pci,netdev=net,mac=${mac}${netboot ? ',bootindex=1' : ''}${isUefi || !netboot ? ',romfile=' : ''}`,
    ],
    ...['-drive', `id=disk,if=none,format=raw,cache=unsafe,discard=unmap,file=${diskOf(node, folder)}`],
    ...['-device', 'virtio-blk-pci,drive=disk,bootindex=2'],
    ...['-device', 'virtio-rng-pci'],
    ...(capture ? ['-object', `filter-dump,id=dump,netdev=net,file=${join(folder, `${name}.pcap`)}`] : []),
  ]
}
