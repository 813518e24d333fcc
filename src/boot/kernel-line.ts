/**
 * The words on a kernel's command line: the blended kernel options, and behind them what an unattended installer of that
 * breed needs to begin. An option that a site has set itself is never overridden.
 */
import type { Json } from '../lib/json.ts'
import type { Mac } from '../model/address.ts'
import type { Blend } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Options } from '../model/item.ts'
import { type Installer, installerOf } from '../render/flavor.ts'
import { checkedServer, hostNameOf, metadataUrlOf, syslogOf } from '../render/names.ts'
import { pxeName } from './bootfile.ts'

/** x86 kernels keep 2,048 bytes of their command line and drop the rest without a word. */
const MOST_BYTES = 2047

/** Words of which debian-installer knows two (preseed's aliases): setting one is setting the other. */
const ALIASES: Readonly<Record<string, string>> = {
  'auto-install/enable': 'auto',
  priority: 'debconf/priority',
  url: 'preseed/url',
  hostname: 'netcfg/get_hostname',
  domain: 'netcfg/get_domain',
  interface: 'netcfg/choose_interface',
}

/** A word, and the names of what it is made of: `kernel.console` is a kernel option, the others are a template's names. */
export interface KernelWord {
  readonly word: string
  readonly facts: readonly string[]
}

/**
 * @param token by which this boot of this machine reads its metadata; undefined: it has none
 * @throws OrchestraError item.invalid for a value that no kernel line can carry.
 */
export function kernelLine(blend: Blend, mac: Mac, domain: string, token?: string): KernelWord[] {
  const named = forBreed(blend)
  const own = Object.fromEntries([...named].map(([key, { value }]) => [key, value]))
  const installer = installerOf(blend)
  const wanted =
    installer === undefined
      ? []
      : [...ADDED[installer](blend, { mac, domain, token, own }), ...logWords(installer, blend)]
  const added = wanted.filter(([key]) => !isSet(own, key))
  const words = [
    ...[...named].flatMap(([key, { value, fact }]) => {
      const values = Array.isArray(value) ? value : [value]
      return values.map((one) => ({ word: wordOf(key, one, blend), facts: [fact] }))
    }),
    ...added.map(([key, value, ...facts]) => ({ word: wordOf(key, value, blend), facts })),
  ]
  if (Buffer.byteLength(words.map(({ word }) => word).join(' ')) > MOST_BYTES) {
    throw refuse(blend, `the kernel options are longer than the ${MOST_BYTES} bytes that a kernel reads`)
  }
  return words
}

interface OwnWord {
  readonly value: Json
  readonly fact: string
}

/** Cobbler's clients write Red Hat's words; it has always translated these for Debian. */
function forBreed({ kernelOptions, distro }: Blend): Map<string, OwnWord> {
  const words = new Map<string, OwnWord>()
  for (const [name, value] of Object.entries(kernelOptions)) {
    const key = isDebianLike(distro.breed) ? (FOR_DEBIAN.get(name) ?? name) : name
    words.set(key, { value, fact: `kernel.${name}` })
  }
  const { value } = words.get('interface') ?? {}
  if (isDebianLike(distro.breed) && value === 'bootif') words.delete('interface')
  return words
}

const FOR_DEBIAN: ReadonlyMap<string, string> = new Map([
  ['ksdevice', 'interface'],
  ['lang', 'locale'],
])

interface Asker {
  readonly mac: Mac
  readonly domain: string
  readonly token: string | undefined
  /** What a site has set. */
  readonly own: Options
}

type Added = readonly (readonly [key: string, value: string | null, ...facts: string[]])[]

/** What an address of the answers is made of. */
const ANSWERS = ['http_server', 'name']

/** What each installer has to be told, beyond what a site tells it. */
const ADDED: Readonly<Record<Installer, (blend: Blend, asker: Asker) => Added>> = {
  'debian-installer': (blend, { mac, domain }) => {
    const name = hostNameOf(blend.system, domain)
    const { nameServers } = blend
    return [
      ['auto-install/enable', 'true'],
      ['priority', 'critical'],
      ['url', answersUrl(blend), ...ANSWERS],
      ['hostname', name.host, 'hostname'],
      ...(name.domain === '' ? [] : [['domain', name.domain, 'domain'] as const]),
      // Of several interfaces, the one that BOOTIF names: netcfg looks there when it is told `auto`.
      ['interface', 'auto'],
      ['BOOTIF', pxeName(mac), 'mac'],
      // Without a name server from DHCP, netcfg asks a person, even at critical priority.
      ...(nameServers[0] === undefined ? [] : [['netcfg/get_nameservers', nameServers[0], 'name_servers'] as const]),
    ]
  },

  subiquity: (blend, { mac, token, own }) => {
    const image = textOf(blend, 'iso_url')
    return [
      ['autoinstall', null],
      // cloud-init puts user-data and meta-data behind it. A path of ours without a token answers both with the preseed.
      ['ds', `nocloud-net;s=${token === undefined ? answersUrl(blend) : metadataUrlOf(blend, token)}/`, ...ANSWERS],
      ['ip', 'dhcp'],
      ['BOOTIF', pxeName(mac), 'mac'],
      ...(image === '' ? [] : [['url', image, 'meta.iso_url'] as const]),
      // cloud-init takes casper's url= for its own, and would read the whole image as its configuration.
      ...(image === '' && !Object.hasOwn(own, 'url') ? [] : [['cloud-config-url', '/dev/null'] as const]),
    ]
  },

  anaconda: (blend, { mac, own }) => {
    // A site with a kickstart of its own tells all that belongs to it.
    if (Object.hasOwn(own, 'inst.ks') || Object.hasOwn(own, 'ks')) return []
    const tree = textOf(blend, 'tree').replaceAll('@@http_server@@', checkedServer(blend.server))
    const isOld = isOldAnaconda(blend)
    const [send, answers, repo] = isOld ? ['kssendmac', 'ks', 'repo'] : ['inst.ks.sendmac', 'inst.ks', 'inst.repo']
    return [
      [send, null],
      [answers, answersUrl(blend), ...ANSWERS],
      ...(tree === '' ? [] : [[repo, tree, 'tree'] as const]),
      isOld ? ['ksdevice', 'bootif'] : ['ip', 'dhcp'],
      ['BOOTIF', pxeName(mac), 'mac'],
    ]
  },

  yast: (blend, { mac, own }) => {
    if (Object.hasOwn(own, 'autoyast')) return []
    const tree = textOf(blend, 'tree').replaceAll('@@http_server@@', checkedServer(blend.server))
    return [
      ['autoyast', answersUrl(blend), ...ANSWERS],
      ...(tree === '' ? [] : [['install', tree, 'tree'] as const]),
      ['BOOTIF', pxeName(mac), 'mac'],
    ]
  },

  // The word of grml, which other small systems can read as well: fetch this, run it.
  raw: (blend, { mac }) => [
    ['netscript', answersUrl(blend), ...ANSWERS],
    ['BOOTIF', pxeName(mac), 'mac'],
  ],
}

/** Where the installer sends its syslog, for those that can. */
function logWords(installer: Installer, blend: Blend): Added {
  const log = syslogOf(blend)
  if (!log) return []
  if (installer === 'anaconda')
    return [[isOldAnaconda(blend) ? 'syslog' : 'inst.syslog', `${log.host}:${log.port}`, 'log_host']]
  // A site that names a host of its own must not get our port with it.
  if (installer !== 'debian-installer' || Object.hasOwn(blend.kernelOptions, 'log_host')) return []
  return [
    ['log_host', log.host, 'log_host'],
    ['log_port', String(log.port), 'log_port'],
  ]
}

/** Up to these releases the words had no prefix, and since RHEL 9 they have no meaning without. */
function isOldAnaconda({ distro }: Blend): boolean {
  return /^(rhel[2-6]|fedora(\d|1[0-6]))$/.test(distro.osVersion)
}

/** Where the answer file is, for whoever has no token. */
export function answersUrl({ system, profile, server }: Blend): string {
  const whose = system ? `system/${system.name}` : `profile/${profile.name}`
  return `http://${checkedServer(server)}/cblr/svc/op/autoinstall/${whose}`
}

function textOf({ meta }: Blend, key: string): string {
  const value = meta[key]
  return typeof value === 'string' ? value : ''
}

function isDebianLike(breed: string): boolean {
  return breed === 'debian' || breed === 'ubuntu'
}

function isSet(options: Options, key: string): boolean {
  const alias = ALIASES[key]
  return Object.hasOwn(options, key) || (alias !== undefined && Object.hasOwn(options, alias))
}

/** `key=value`, quotes and all left to the format: a value with blanks is still bare here. */
function wordOf(key: string, value: Options[string] | undefined, blend: Blend): string {
  if (value === undefined || value === null || value === '' || value === '~') return checked(key, blend)
  return checked(`${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`, blend)
}

function checked(word: string, blend: Blend): string {
  if (/[\x00-\x1f\x7f]/.test(word)) throw refuse(blend, `kernel option ${JSON.stringify(word)} has a line break in it`)
  // The kernel takes a double quote as its own and knows no way to write one.
  if (word.includes('"'))
    throw refuse(blend, `kernel option ${word} has a double quote in it, which no kernel can read`)
  return word
}

export function refuse({ system, profile }: Blend, because: string): OrchestraError {
  const whose = system ? `system ${system.name}` : `profile ${profile.name}`
  return new OrchestraError('item.invalid', `${whose}: ${because}`, { field: 'kernelOptions' })
}
