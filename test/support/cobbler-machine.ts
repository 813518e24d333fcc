/** A machine of somebody who comes from Cobbler: names for its templates, and the folder of templates to render. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { JsonObject } from '../../src/lib/json.ts'
import { type Mac, parseIpv4, parseMac } from '../../src/model/address.ts'
import type { Blend } from '../../src/model/blend.ts'
import { emptyItem } from '../../src/model/items.ts'
import { emptyInterface, type Interface } from '../../src/model/system.ts'
import { cobblerNames } from '../../src/services/cobbler-names.ts'

export const CORPUS = resolve(import.meta.dirname, '../render/cobbler')

/** The files below a folder of the corpus, by their paths there. */
export function corpusFiles(folder: string): Record<string, string> {
  const root = join(CORPUS, folder)
  const names = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = names.map((entry) => join(entry.parentPath, entry.name)).sort()
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]))
}

const snippets = corpusFiles('snippets')
export const corpusSnippet = (path: string): { file: string; text: string } | undefined => {
  const text = snippets[path]
  return text === undefined ? undefined : { file: `snippets/${path}`, text }
}

function nic(mac: string, ip: string, other: JsonObject = {}): Interface {
  const macAddress: Mac | '' = mac === '' ? '' : parseMac(mac)
  const fixed = ip === '' ? {} : { ipAddress: parseIpv4(ip), netmask: '255.255.255.0', static: true }
  return { ...emptyInterface(), macAddress, ...fixed, other }
}

export function cobblerMachine(): Blend {
  const distro = {
    ...emptyItem('distro', 'd1'),
    ...{ name: 'rhel7-x86_64', kernel: '/srv/vmlinuz', initrd: '/srv/initrd.img' },
    ...{ arch: 'x86_64', breed: 'redhat', osVersion: 'rhel7' },
  }
  const profile = { ...emptyItem('profile', 'p1'), name: 'web', distro: distro.name }
  const system = {
    ...emptyItem('system', 's1'),
    ...{ name: 'node1', profile: 'web', hostname: 'node1.example.org', gateway: '10.0.0.1' },
    power: { type: 'ipmi', address: '10.9.0.5', user: 'admin', pass: 'secret', id: '', options: '' },
    interfaces: {
      eth0: nic('52:54:00:00:00:01', '10.0.0.5', { static_routes: ['192.168.5.0/24:10.0.0.9', 'nonsense'] }),
      eth1: nic('52:54:00:00:00:02', '', { interface_type: 'bond_slave', interface_master: 'bond0' }),
      eth2: nic('52:54:00:00:00:03', '', { interface_type: 'bond_slave', interface_master: 'bond0' }),
      bond0: nic('', '10.1.0.5', { interface_type: 'bond', bonding_opts: 'mode=1 miimon=50' }),
      'eth0.12': nic('', '10.2.0.5'),
    },
  }
  return {
    ok: true,
    system,
    profile,
    profiles: [profile],
    distro,
    kernelOptions: { quiet: null, console: ['tty0', 'ttyS0'], ksdevice: 'bootif', note: 'two words' },
    kernelOptionsPost: { quiet: null },
    meta: {
      tree: 'http://@@http_server@@/cblr/links/rhel7-x86_64',
      password_crypted: '$6$salt$hash',
      role: 'web',
      layout: 'lvm',
      swap_mb: '4096',
      extra_packages: 'vim, mtr ,,strace',
      users: 'ann:wheel+adm;bob:users;bad',
      ssh_keys: ['ssh-ed25519 AAAA "ann"', ' ssh-rsa BBBB bob '],
      puppet: 'yes',
      puppet_ca: 'ca.example.org',
    },
    mgmtClasses: ['base', 'web'],
    owners: ['admin'],
    autoinstall: 'rhel7.ks',
    bootLoaders: [],
    filename: '',
    nameServers: ['10.0.0.2', '10.0.0.3'],
    nameServersSearch: ['example.org'],
    server: '10.0.0.1:8080',
  }
}

export const machineNames = (): JsonObject => {
  const blend = cobblerMachine()
  return cobblerNames(blend, blend.server)
}
