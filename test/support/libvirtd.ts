/**
 * A libvirtd of a test's own: its network, its settings and its state are in namespaces, so that one that runs on this
 * machine is not touched, and nothing is left behind.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exec } from '../../src/lib/exec.ts'
import { needPackages } from './debian.ts'
import { makeNamespace, type Namespace } from './namespace.ts'

export interface Libvirtd {
  readonly namespace: Namespace
  /** On 127.0.0.1 of the namespace. */
  readonly tcp: string
  /** The path of its socket, which can be reached from everywhere. */
  readonly socket: string
  /**
   * Makes a domain that has no disk and boots by network, without a network.
   * @param looks with a serial line, on which its BIOS asks for a key, and a VNC display
   */
  define(name: string, looks?: boolean): Promise<void>
  stop(): Promise<void>
}

const PORT = 65_001

export async function startLibvirtd(): Promise<Libvirtd> {
  await needPackages('libvirt-daemon', 'libvirt-daemon-driver-qemu', 'libvirt-clients', 'qemu-system-x86')
  const namespace = await makeNamespace()
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-libvirt-'))
  mkdirSync(join(folder, 'run'))
  const write = (name: string, ...lines: string[]) => writeFileSync(join(folder, name), `${lines.join('\n')}\n`)
  write(
    'libvirtd.conf',
    ...['listen_tls = 0', 'listen_tcp = 1', 'listen_addr = "127.0.0.1"', `tcp_port = "${PORT}"`],
    ...['auth_tcp = "none"', 'auth_unix_rw = "none"', `unix_sock_dir = "${folder}/run"`],
  )
  write(
    'qemu.conf',
    ...['user = "root"', 'group = "root"', 'security_driver = "none"', 'cgroup_controllers = []', 'namespaces = []'],
    ...['dynamic_ownership = 0', 'remember_owner = 0', 'stdio_handler = "file"'],
  )
  // libvirtd wants its user even where it uses another.
  write(
    'passwd',
    readFileSync('/etc/passwd', 'utf8').trim(),
    'libvirt-qemu:x:64055:65534::/nonexistent:/usr/sbin/nologin',
  )
  write('group', readFileSync('/etc/group', 'utf8').trim(), 'libvirt-qemu:x:64055:', 'kvm:x:64056:')
  write(
    'start.sh',
    'set -e',
    'for place in /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt; do',
    '  mkdir -p $place',
    '  mount -t tmpfs tmpfs $place',
    'done',
    'mount -t tmpfs tmpfs /run',
    // Where a console that is open is noted.
    'mkdir /run/lock',
    `cp ${folder}/qemu.conf /etc/libvirt/qemu.conf`,
    `mount --bind ${folder}/passwd /etc/passwd`,
    `mount --bind ${folder}/group /etc/group`,
    `exec libvirtd -l -f ${folder}/libvirtd.conf -p ${folder}/pid`,
  )
  const child = spawn(...namespace.command('unshare', ['--mount', 'sh', join(folder, 'start.sh')]), {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'exit')
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said += part
  })
  const tcp = `qemu+tcp://127.0.0.1:${PORT}/system`
  const virsh = (...args: string[]) => namespace.exec('virsh', ['--connect', tcp, ...args])

  // It says on no pipe that it is ready: that is when it answers.
  for (let tries = 0; ; tries++) {
    const answers = await virsh('list').then(
      () => true,
      () => false,
    )
    if (answers) break
    if (child.exitCode !== null || tries > 300) throw new Error(`libvirtd does not start: ${said}`)
  }

  return {
    namespace,
    tcp,
    socket: join(folder, 'run/libvirt-sock'),
    async define(name, looks = false) {
      const os = looks ? "<bootmenu enable='yes' timeout='30000'/><bios useserial='yes'/>" : ''
      const devices = looks
        ? `<serial type='pty'/><graphics type='vnc'><listen type='socket' socket='${folder}/vnc'/></graphics>`
        : ''
      const file = join(folder, 'domain.xml')
      writeFileSync(
        file,
        `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
        <os><type arch='x86_64' machine='pc'>hvm</type><boot dev='network'/>${os}</os>
        <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>${devices}</devices></domain>`,
      )
      await virsh('define', file)
    },
    async stop() {
      for (const name of (await virsh('list', '--name')).split('\n').filter((line) => line !== '')) {
        await virsh('destroy', '--domain', name)
      }
      await exec('kill', [readFileSync(join(folder, 'pid'), 'utf8').trim()])
      await ended
      await namespace.remove()
      rmSync(folder, { recursive: true })
    },
  }
}
