/** What goes into a server image: this checkout without what only developers need, and an installer's ramdisk that asks nothing. */
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parse, stringify } from 'yaml'
import { exec } from '../src/lib/exec.ts'
import { blendProfile } from '../src/model/blend.ts'
import { emptyItem } from '../src/model/items.ts'
import { renderPreseed } from '../src/render/preseed.ts'
import { daemonConfig } from './daemon-config.ts'
import { LAB_USER } from './nodes.ts'
import type { LabSettings } from './settings.ts'

const ROOT = resolve(import.meta.dirname, '..')
const MINUTES = 60_000
/** This host, as QEMU's user network has it. */
export const HOST = '10.0.2.2'
/** Who logs in to the server. */
export const ACCOUNT = 'orchestra'
export interface ImagePlan {
  readonly suite: string
  /** Of our server for the installer, on this host's loopback. */
  readonly port: number
  readonly isUnsigned: boolean
  /** Text of the user's own preseed. */
  readonly preseed?: string | undefined
  /** A public key; without one there is a password. */
  readonly sshKey?: string | undefined
  readonly password: string
  readonly settings: LabSettings
}

export const makePassword = (): string => randomBytes(9).toString('base64url')

/** The installer's answers. Those of a file of one's own go behind the mirror's and before the late command, which is always ours. */
export async function preseedOf(plan: ImagePlan): Promise<string> {
  const { suite, port, preseed, sshKey, password } = plan
  const hash = (await exec('openssl', ['passwd', '-6', '-stdin'], { stdin: `${password}\n` })).trim()
  const account = sshKey ? { ssh_authorized_keys: sshKey.trim() } : { password_crypted: hash }
  const mirror = `${HOST}:${port}`
  const late = `set -eu; mkdir -p /opt/orchestra; wget -q -O /opt/orchestra.tar.gz http://${mirror}/orchestra.tar.gz; tar -xzf /opt/orchestra.tar.gz -C /opt/orchestra; rm /opt/orchestra.tar.gz; sh /opt/orchestra/devenv/image/install.sh`
  const distro = {
    ...emptyItem('distro', 'd'.repeat(32)),
    ...{ name: suite, kernel: '/linux', initrd: '/initrd.gz', breed: 'debian', osVersion: suite },
  }
  const profile = {
    ...emptyItem('profile', 'c'.repeat(32)),
    ...{ name: `a server image of ${suite}`, distro: suite, kernelOptionsPost: { console: 'ttyS0,115200' } },
    meta: {
      ...{ mirror_hostname: mirror, mirror_suite: suite, apt_services: '', ntp: 'false', install_recommends: 'false' },
      ...{ allow_unauthenticated: `${plan.isUnsigned}`, kernel_image: 'linux-image-cloud-amd64' },
      ...{ EXTRA_PACKAGES: 'wget', ENSEMBLE_LATE_COMMAND: late },
      ...{ username: ACCOUNT, ...account },
    },
  }
  const blend = blendProfile(
    profile,
    { profile: () => profile, distro: () => distro },
    { server: HOST, autoinstall: 'default.seed', nameServers: [], nameServersSearch: [], owners: [] },
  )
  if (!blend.ok) throw new Error(blend.because)
  const read = (folder: string) => (path: string) => {
    const file = join(ROOT, folder, path)
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }
  const ours = renderPreseed(blend, { preseed: read('preseeds'), template: read('templates'), domain: 'lab' })
  if (preseed === undefined) return ours
  const lines = (sign: RegExp) => ours.split('\n').filter((line) => sign.test(line))
  return [
    ...lines(/^d-i (mirror\/|debian-installer\/allow_unauthenticated)/),
    preseed.trimEnd(),
    ...lines(/^d-i preseed\/late_command /),
    '',
  ].join('\n')
}

/** The ramdisk with `preseed.cfg` in a second archive behind the first, as the kernel takes them. */
export async function withPreseed(initrd: Buffer, preseed: string, work: string): Promise<Buffer> {
  const folder = join(work, 'more')
  mkdirSync(folder)
  writeFileSync(join(folder, 'preseed.cfg'), preseed, { mode: 0o600 })
  const out = join(work, 'more.cpio')
  await exec('cpio', ['-o', '-H', 'newc', '-R', '+0:+0', '--quiet', '-O', out], { cwd: folder, stdin: 'preseed.cfg\n' })
  const more = gzipSync(readFileSync(out))
  for (const path of [folder, out]) rmSync(path, { recursive: true })
  return Buffer.concat([initrd, more])
}

/** `orchestra.tar.gz`: what is unpacked to /opt/orchestra. @param installer folder of the installer that the server imports */
export async function packCheckout(plan: ImagePlan, installer: string, work: string): Promise<string> {
  const stage = join(work, 'stage')
  const image = join(stage, 'image')
  mkdirSync(join(image, 'installer'), { recursive: true })
  for (const name of ['linux', 'initrd.gz']) cpSync(join(installer, name), join(image, 'installer', name))
  const { server, network } = plan.settings
  writeFileSync(join(image, 'address'), `${server.ip}/${network.subnet.prefix}\n`)
  writeFileSync(join(image, 'suite'), `${plan.suite}\n`)
  writeFileSync(join(image, 'user'), plan.sshKey ? '' : `${ACCOUNT}\n`)
  writeFileSync(join(image, 'orchestra.yaml'), serverConfig(plan), { mode: 0o600 })
  // with-node looks here whether the packages are those of the lock file.
  mkdirSync(join(stage, 'node_modules'))
  cpSync(join(ROOT, 'package-lock.json'), join(stage, 'node_modules/.orchestra-installed'))
  const out = join(work, 'orchestra.tar.gz')
  const own = ['src', 'templates', 'preseeds', 'devenv', 'package.json', 'package-lock.json']
  const list = [...own, 'node_modules/.bin/node', ...servingPackages()]
  await exec(
    'tar',
    [
      ...['-czf', out, '--owner=0', '--group=0', '--exclude=node_modules/node-linux-*/include', '--exclude=*.qcow2'],
      ...['--files-from=-', '-C', stage, 'image', 'node_modules/.orchestra-installed'],
    ],
    { cwd: ROOT, stdin: `${list.join('\n')}\n`, timeout: 10 * MINUTES },
  )
  rmSync(stage, { recursive: true })
  return out
}

/** The lab's settings for the daemon, on whatever interface has its address, with its administrator. */
function serverConfig({ settings, password }: ImagePlan): string {
  const { dhcp, ...rest } = parse(daemonConfig(settings)) as { dhcp: { subnets: unknown } }
  return stringify({ ...rest, dhcp: { subnets: dhcp.subnets }, admin: { user: LAB_USER, password } })
}

/** Those npm packages that a daemon needs, of those that are here. */
function servingPackages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  const paths = Object.entries(packages).filter(
    ([path, { dev }]) => path !== '' && !dev && existsSync(join(ROOT, path)),
  )
  // A folder brings along what is below it.
  const names = new Set(paths.map(([path]) => path))
  return [...names].filter((path) => !names.has(dirname(path).replace(/\/node_modules(\/@[^/]+)?$/, '')))
}
