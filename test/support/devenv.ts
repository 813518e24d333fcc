/**
 * `orchestra devenv` on a machine of a test's own: a network namespace that plays the host, with a card, another virtual network,
 * routes and a firewall, none of which a lab may touch.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from '../../devenv/lab-run.ts'
import { LIBVIRT_PACKAGES } from '../../devenv/libvirt/daemon.ts'
import { buildMiniImage } from '../../devenv/mini-image.ts'
import { needLabPackages } from '../../devenv/packages.ts'
import { exec } from '../../src/lib/exec.ts'
import { temporaryFolder } from './daemon.ts'
import { needPackages } from './debian.ts'
import { makeNamespace, type Namespace } from './namespace.ts'
import { ROOT } from './source.ts'

export interface DevenvHost {
  readonly namespace: Namespace
  /** Its TMPDIR, in which labs note where they are. */
  readonly temp: string
  /** A file with other settings than the shipped ones. */
  settings(change: (text: string) => string): string
  /** What it said. @throws ExecError */
  devenv(...args: string[]): Promise<string>
  /** Links, addresses, routes, rules and firewall, of this host and of the real one. */
  look(): Promise<Readonly<Record<string, string>>>
}

const MINUTES = 60_000
const DEVENV = join(ROOT, 'devenv/devenv.ts')

export async function makeDevenvHost(): Promise<DevenvHost> {
  await needPackages('nftables', 'iproute2', 'procps')
  // What a lab would fetch is fetched before: from in there nobody reaches an archive.
  await needLabPackages(() => {}, LIBVIRT_PACKAGES)
  await buildMiniImage(CACHE)
  const namespace = await makeNamespace()
  const temp = temporaryFolder()
  const ip = (...args: string[]) => namespace.exec('ip', args)
  // Or an address of IPv6 would come a second after its link.
  await namespace.exec('sysctl', ['-q', '-w', 'net.ipv6.conf.default.accept_dad=0'])
  await ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'far')
  await ip('address', 'add', '10.20.30.40/24', 'dev', 'eth0')
  await ip('link', 'set', 'eth0', 'up')
  await ip('route', 'add', 'default', 'via', '10.20.30.1')
  await namespace.bridge('virbr0', '192.168.122.1/24')
  await namespace.exec('nft', ['-f', '-'], {
    stdin: 'table inet site {\nchain input {\ntype filter hook input priority 0\ntcp dport 4444 drop\n}\n}\n',
  })
  const looks: readonly (readonly [string, readonly string[]])[] = [
    ['ip', ['-o', '-br', 'link']],
    ['ip', ['-o', '-br', 'address']],
    ['ip', ['route', 'show', 'table', 'all']],
    ['ip', ['-6', 'route', 'show', 'table', 'all']],
    ['ip', ['rule']],
    ['nft', ['list', 'ruleset']],
    ['sysctl', ['-n', 'net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding']],
  ]
  return {
    ...{ namespace, temp },
    settings(change) {
      const file = join(temporaryFolder(), 'settings.yaml')
      const shipped = readFileSync(join(ROOT, 'devenv/settings.yaml'), 'utf8')
      writeFileSync(file, change(shipped.replaceAll('libvirt/', join(ROOT, 'devenv/libvirt/'))))
      return file
    },
    devenv: (...args) =>
      namespace.exec(process.execPath, [DEVENV, ...args], {
        timeout: 15 * MINUTES,
        env: { TMPDIR: temp, HOME: process.env['HOME'] ?? '/root' },
      }),
    async look() {
      const seen: Record<string, string> = {}
      for (const [program, args] of looks) {
        const what = `${program} ${args.join(' ')}`
        seen[what] = await namespace.exec(program, args)
        seen[`${what}, of the real host`] = await exec(program, args)
      }
      return seen
    },
  }
}
