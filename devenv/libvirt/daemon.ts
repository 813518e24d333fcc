/**
 * libvirtd for the lab: the one of this machine where one runs, else one started by hand, as where no systemd is. That one has
 * its settings, its definitions and its state in a mount namespace of its own, so that nothing of it is left and no other is
 * touched; its network is the one that it is started in.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../../src/lib/exec.ts'

export interface Libvirt {
  /** For `virsh --connect`; reached by path, so from every network namespace. */
  readonly uri: string
  readonly socket: string
  /** Whether it is this machine's: then its machines run as a user of their own. */
  readonly isShared: boolean
  /** Ends it, if it was started here. Its domains must be gone. */
  stop(): Promise<void>
}

/** Where it listens by TCP, as well as on its socket. */
export interface LibvirtTcp {
  readonly address: string
  readonly port: number
}

export const LIBVIRT_PACKAGES = [
  'libvirt-daemon',
  'libvirt-daemon-driver-qemu',
  'libvirt-clients',
  'qemu-system-x86',
  'qemu-utils',
] as const

const SHARED = '/run/libvirt/libvirt-sock'

/** Undefined when none runs, or this user may not ask it. */
export async function findLibvirt(): Promise<Libvirt | undefined> {
  const isThere = await answers('qemu:///system')
  return isThere ? { uri: 'qemu:///system', socket: SHARED, isShared: true, stop: async () => {} } : undefined
}

/**
 * @param folder gets its settings, logs and socket; short, for a unix socket's path has at most 107 bytes
 * @param around a command that runs another, as in a network namespace
 * @throws Error with its own words when it does not start
 */
export async function startLibvirt(
  folder: string,
  { tcp, around = (program, args) => [program, args] }: { tcp?: LibvirtTcp; around?: Around } = {},
): Promise<Libvirt> {
  mkdirSync(join(folder, 'run'), { recursive: true })
  const write = (name: string, ...lines: string[]) => writeFileSync(join(folder, name), `${lines.join('\n')}\n`)
  write(
    'libvirtd.conf',
    ...['listen_tls = 0', 'auth_unix_rw = "none"', `unix_sock_dir = "${folder}/run"`],
    ...(tcp
      ? ['listen_tcp = 1', `listen_addr = "${tcp.address}"`, `tcp_port = "${tcp.port}"`, 'auth_tcp = "none"']
      : []),
  )
  write(
    'qemu.conf',
    ...['user = "root"', 'group = "root"', 'security_driver = "none"', 'cgroup_controllers = []', 'namespaces = []'],
    ...['dynamic_ownership = 0', 'remember_owner = 0', 'stdio_handler = "file"'],
  )
  // libvirtd wants its user even where it uses another.
  write('passwd', ...fileOf('/etc/passwd'), 'libvirt-qemu:x:64055:65534::/nonexistent:/usr/sbin/nologin')
  write('group', ...fileOf('/etc/group'), 'libvirt-qemu:x:64055:', 'kvm:x:64056:')
  write('start.sh', ...START)
  const child = spawn(...around('unshare', ['--mount', 'sh', join(folder, 'start.sh'), folder, tcp ? '-l' : '']), {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'exit')
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said = (said + part).slice(-4000)
  })
  const socket = join(folder, 'run/libvirt-sock')
  const uri = `qemu+unix:///system?socket=${socket}`
  await ready(uri, child, () => said)
  return {
    ...{ uri, socket, isShared: false },
    async stop() {
      process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGTERM')
      await ended
    },
  }
}

export type Around = (program: string, args: readonly string[]) => [program: string, args: readonly string[]]

const fileOf = (path: string) => [readFileSync(path, 'utf8').trim()]

/** `$1`: the folder. */
const START = [
  'set -e',
  'folder=$1',
  'for place in /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt; do',
  '  mkdir -p $place',
  '  mount -t tmpfs tmpfs $place',
  'done',
  'mount -t tmpfs tmpfs /run',
  // Where a console that is open is noted.
  'mkdir /run/lock',
  'cp $folder/qemu.conf /etc/libvirt/qemu.conf',
  'mount --bind $folder/passwd /etc/passwd',
  'mount --bind $folder/group /etc/group',
  'exec libvirtd $2 -f $folder/libvirtd.conf -p $folder/pid',
]

/** It says on no pipe that it is ready: that is when it answers. */
async function ready(uri: string, child: ChildProcess, said: () => string): Promise<void> {
  for (let tries = 0; ; tries++) {
    if (await answers(uri)) return
    if (child.exitCode !== null || tries > 300) throw new Error(`libvirtd does not start: ${said()}`)
  }
}

async function answers(uri: string): Promise<boolean> {
  return await exec('virsh', ['--connect', uri, 'list']).then(
    () => true,
    () => false,
  )
}
