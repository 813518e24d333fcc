/** The machine in which an image is made: QEMU with a user network, which ends when its guest restarts or turns itself off. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, watch } from 'node:fs'
import type { Say } from './backend.ts'
import { plainText } from './lab-node.ts'
import type { Qemu } from './machines.ts'

export interface ImageBoot {
  readonly disk: string
  /** What its serial line says is added to this file. */
  readonly log: string
  readonly qemu: Qemu | undefined
  /** Told each phase when it is over. */
  readonly say: Say
  /** Undefined, with the ramdisk: it boots its disk. */
  readonly kernel?: string
  readonly initrd?: string
}

const OPTIONS = [
  ...['auto=true', 'priority=critical', 'console=ttyS0,115200', 'DEBIAN_FRONTEND=text', 'ipv6.disable=1'],
  ...[
    'anna/no_kernel_modules=true',
    'netcfg/choose_interface=auto',
    'netcfg/get_hostname=orchestra',
    'netcfg/get_domain=lab',
  ],
]
const HOURS = 3_600_000

/** What is on the serial line when a phase begins, in their order. */
const PHASES: readonly (readonly [string, RegExp])[] = [
  ['kernel', /Linux version/],
  ['network and preseed', /Detecting network hardware/],
  ['installer', /Loading additional components/],
  ['partitions', /Starting up the partitioner/],
  ['base system', /Installing the base system/],
  ['packages', /Select and install software/],
  ['boot loader', /Install(ing)? (the )?GRUB boot loader/],
  ['late command', /Finishing the installation/],
  ['first boot', /orchestra-image: first boot\r?\n/],
]
/** Questions of the installer's text frontend, which nobody is there to answer, and other ends. */
const STOPS = /Prompt: '\?' for help|\[Press enter to continue\]|Kernel panic - not syncing|orchestra-image: FAILED/

/** Answers when the guest has ended and said `sign`. @throws Error with its last words when it has not */
export async function bootImage(boot: ImageBoot, sign: string): Promise<void> {
  const { log, qemu, say } = boot
  closeSync(openSync(log, 'a'))
  const from = readFileSync(log).length
  const said = () => plainText(readFileSync(log).subarray(from))
  const { program, args } = qemu ?? { program: 'qemu-system-x86_64', args: [] }
  const child = spawn(program, [...args, ...imageArgs(boot)], { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (part) => (words = (words + part).slice(-2000)))
  const closed = once(child, 'close')
  const timer = setTimeout(() => child.kill('SIGKILL'), 2 * HOURS)
  const tell = phaseTeller(say)
  const watcher = watch(log, () => {
    const text = said()
    tell(text)
    if (STOPS.test(text)) child.kill('SIGTERM')
  })
  // Whoever ends us ends the machine first, and all that belongs to it is removed.
  const end = () => void child.kill('SIGTERM')
  process.on('SIGINT', end).on('SIGTERM', end)
  try {
    await closed
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end)
    watcher.close()
    clearTimeout(timer)
  }
  const text = said()
  tell(`${text}\n`, true)
  if (text.includes(sign)) return
  const last = text.split('\n').filter((line) => line.trim() !== '')
  throw new Error(
    [
      `the machine ended before it said "${sign}"; all that it said is in ${log}`,
      words.trim(),
      ...last.slice(-15),
    ].join('\n  '),
  )
}

function imageArgs({ disk, log, kernel, initrd }: ImageBoot): string[] {
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-machine', 'pc', '-no-reboot'],
    ...[
      '-accel',
      process.env['LAB_ACCEL'] === 'kvm' ? 'kvm' : 'tcg',
      '-cpu',
      'max,la57=off',
      '-smp',
      '2',
      '-m',
      '2048',
    ],
    ...['-chardev', `file,id=serial,path=${log},append=on`, '-serial', 'chardev:serial'],
    ...['-drive', `id=disk,if=none,format=qcow2,cache=unsafe,discard=unmap,file=${disk}`],
    ...['-device', 'virtio-blk-pci,drive=disk', '-device', 'virtio-rng-pci'],
    ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
    ...(kernel && initrd ? ['-kernel', kernel, '-initrd', initrd, '-append', OPTIONS.join(' ')] : []),
  ]
}

function phaseTeller(say: Say): (text: string, isOver?: boolean) => void {
  let now = 'power'
  let since = performance.now()
  let next = 0
  const over = () => {
    say(`  ${((performance.now() - since) / 1000).toFixed(0).padStart(5)} s  ${now}`)
    since = performance.now()
  }
  return (text, isOver = false) => {
    for (const [at, [name, sign]] of PHASES.entries()) {
      if (at < next || !sign.test(text)) continue
      over()
      now = name
      next = at + 1
    }
    if (isOver) over()
  }
}
