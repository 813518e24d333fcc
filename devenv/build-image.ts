/**
 * `orchestra devenv build-image`: a disk image with a server in it, by the debian-installer in QEMU and a second boot for what
 * only a running system can do. As any user, with QEMU's user network: no root, no libvirt, nothing but the package archive.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { exec } from '../src/lib/exec.ts'
import type { Say } from './backend.ts'
import { prepareInstaller, type Suite, soundQemu } from './debian-installer.ts'
import { bootImage } from './image-machine.ts'
import { ACCOUNT, type ImagePlan, makePassword, packCheckout, preseedOf, withPreseed } from './image-parts.ts'
import { serveForImage } from './image-server.ts'
import { LAB_USER } from './nodes.ts'
import { readLabSettings } from './settings.ts'

const HELP = `orchestra devenv build-image [options] RELEASE [ARCH [SIZE]]

A server image: RELEASE is trixie, ARCH amd64, SIZE of its disk 8G unless told. Nothing is asked; 20 to 40 minutes in emulation.

  -v, --verbose      say each phase, with its seconds
  --preseed FILE     answers of your own for the installer (its mirror, too); the late command is added
  --mirror URL       the package archive; else the one that this machine uses
  --ssh-key FILE     a public key for the account ${ACCOUNT}, in place of a password that is made up and shown once
  --output FILE      where the image goes; else where settings.yaml looks for it
  --settings FILE    other settings than devenv/settings.yaml: the server's address
`

const NEEDS = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  cpio: 'cpio',
  openssl: 'openssl',
  depmod: 'kmod',
}
const CACHE = join(resolve(import.meta.dirname, '..'), '.lab')
const LEAST_GIGABYTES = 4

export interface ImageOrder {
  readonly suite: Suite
  readonly gigabytes: number
  readonly output: string
  readonly isVerbose: boolean
  readonly mirror?: string | undefined
  readonly preseed?: string | undefined
  readonly sshKey?: string | undefined
  readonly settingsFile?: string | undefined
}

/** Answers an exit code. @throws Error with what is wrong and what to do */
export async function buildImage(argv: readonly string[], say: Say): Promise<number> {
  if (argv.includes('--help')) {
    say(HELP)
    return 0
  }
  const order = orderOf(argv)
  await needPrograms()
  const settings = readLabSettings(order.settingsFile)
  const tell: Say = order.isVerbose ? say : () => {}
  const folder = dirname(order.output)
  mkdirSync(folder, { recursive: true })
  // Beside the image, for a disk does not fit into every /tmp. It holds a password's hash.
  const work = mkdtempSync(join(folder, '.image-'))
  const log = `${order.output}.log`
  try {
    const installer = await prepareInstaller(CACHE, tell, order.mirror, order.suite)
    const qemu = await soundQemu(CACHE)
    const password = makePassword()
    const server = await serveForImage(work, installer, tell)
    try {
      const plan: ImagePlan = {
        ...{ suite: order.suite, port: server.port, isUnsigned: installer.amended.size > 0, settings, password },
        ...{ preseed: textOf(order.preseed), sshKey: textOf(order.sshKey) },
      }
      const [kernel, ramdisk] = ['linux', 'initrd.gz'].map((name) => readFileSync(join(installer.folder, name)))
      if (!kernel || !ramdisk) throw new Error('the installer has no kernel or no ramdisk')
      const preseed = await preseedOf(plan)
      const initrd = join(work, 'initrd.gz')
      writeFileSync(initrd, await withPreseed(ramdisk, preseed, work), { mode: 0o600 })
      tell(`Packing this checkout for the server`)
      server.give(await packCheckout(plan, installer.folder, work))
      const disk = join(work, 'disk.qcow2')
      await exec('qemu-img', ['create', '-q', '-f', 'qcow2', disk, `${order.gigabytes}G`])
      rmSync(log, { force: true })
      say(`Installing ${order.suite}; what it says is in ${log}`)
      const machine = { disk, log, qemu, say: tell }
      await bootImage({ ...machine, kernel: join(installer.folder, 'linux'), initrd }, 'orchestra-image: installed')
      say('Booting it once for the jobs of its first boot')
      await bootImage(machine, 'orchestra-image: first boot done')
      await exec('qemu-img', ['check', '-q', disk], { timeout: 600_000 })
      const record = {
        ...{ release: order.suite, arch: 'amd64', gigabytes: order.gigabytes, mirror: installer.mirror },
        sha256: { linux: sha256(kernel), 'initrd.gz': sha256(ramdisk), 'preseed.cfg': sha256(Buffer.from(preseed)) },
      }
      writeFileSync(`${order.output}.json`, `${JSON.stringify(record, null, 2)}\n`)
      await exec('chmod', ['0444', disk])
      renameSync(disk, order.output)
      introduce(order, password, settings.server.ip, say)
    } finally {
      server.stop()
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return 0
}

/** @throws Error with what is wrong and what to do */
export function orderOf(argv: readonly string[]): ImageOrder {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      verbose: { type: 'boolean', short: 'v', default: false },
      ...{ preseed: { type: 'string' }, mirror: { type: 'string' }, 'ssh-key': { type: 'string' } },
      ...{ output: { type: 'string' }, settings: { type: 'string' } },
    },
  })
  const [release, arch = 'amd64', size = '8G', ...more] = positionals
  if (release === undefined || more.length > 0)
    throw new Error('build-image RELEASE [ARCH [SIZE]], as in build-image trixie amd64 8G')
  if (release !== 'trixie' && release !== '13')
    throw new Error(`"${release}" is no release that an image can be made of: trixie is (Debian 13)`)
  if (arch !== 'amd64' && arch !== 'x86_64') throw new Error(`"${arch}" is no architecture of an image: amd64 is`)
  const gigabytes = Number(/^(\d{1,4})G$/.exec(size)?.[1])
  if (!(gigabytes >= LEAST_GIGABYTES)) throw new Error(`"${size}" is no size of a disk: ${LEAST_GIGABYTES}G or more`)
  for (const file of [values.preseed, values['ssh-key']])
    if (file !== undefined && !existsSync(file)) throw new Error(`there is no file ${file}`)
  const { mirror } = values
  if (mirror !== undefined && !/^https?:\/\/[^/]/.test(mirror))
    throw new Error(`--mirror is a URL, like http://deb.debian.org/debian, not "${mirror}"`)
  return {
    ...{ suite: 'trixie', gigabytes, isVerbose: values.verbose, preseed: values.preseed, sshKey: values['ssh-key'] },
    mirror: mirror?.replace(/\/$/, ''),
    settingsFile: values.settings,
    output: resolve(values.output ?? readLabSettings(values.settings).server.image),
  }
}

async function needPrograms(): Promise<void> {
  const missing: string[] = []
  for (const [program, name] of Object.entries(NEEDS))
    await exec(program, ['--version']).catch(({ code }: { code?: unknown }) => code === 'ENOENT' && missing.push(name))
  if (missing.length > 0)
    throw new Error(`this machine lacks ${missing.join(', ')}: sudo apt-get install ${missing.join(' ')}`)
}

function introduce({ output, sshKey }: ImageOrder, password: string, ip: string, say: Say): void {
  say(`${output} is ready, and stays as it is: use overlays on it (qemu-img create -f qcow2 -F qcow2 -b ${output} …)`)
  say(
    sshKey
      ? `Log in      ssh ${ACCOUNT}@${ip}, with your key`
      : `Log in      ssh ${ACCOUNT}@${ip}, password ${password}`,
  )
  say(`Orchestra   http://${ip}/, user ${LAB_USER}, password ${password}`)
  say('This password was made up now and is shown this once: change it at the first login.')
}

const textOf = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path, 'utf8'))
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
