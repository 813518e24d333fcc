/**
 * The words on a kernel's command line: the blended kernel options, and behind them what an unattended installer of that
 * breed needs to begin. An option that a site has set itself is never overridden.
 */
import type { Mac } from '../model/address.ts'
import type { Blend } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Options } from '../model/item.ts'
import { checkedServer, hostNameOf } from '../render/names.ts'
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

/** @throws OrchestraError item.invalid for a value that no kernel line can carry. */
export function kernelWords(blend: Blend, mac: Mac, domain: string): string[] {
  const own = forBreed(blend)
  const added = installerOptions(blend, mac, domain).filter(([key]) => !isSet(own, key))
  const words = [...Object.entries(own), ...added].flatMap(([key, value]) => {
    const values = Array.isArray(value) ? value : [value]
    return values.map((one) => wordOf(key, one, blend))
  })
  if (Buffer.byteLength(words.join(' ')) > MOST_BYTES) {
    throw refuse(blend, `the kernel options are longer than the ${MOST_BYTES} bytes that a kernel reads`)
  }
  return words
}

/** Cobbler's clients write Red Hat's words; it has always translated these for Debian. */
function forBreed({ kernelOptions, distro }: Blend): Options {
  if (!isDebianLike(distro.breed)) return kernelOptions
  const entries = Object.entries(kernelOptions).map(([key, value]): [string, Options[string]] => [
    key === 'ksdevice' ? 'interface' : key === 'lang' ? 'locale' : key,
    value,
  ])
  return Object.fromEntries(entries.filter(([key, value]) => !(key === 'interface' && value === 'bootif')))
}

function installerOptions(blend: Blend, mac: Mac, domain: string): [string, string][] {
  if (!isDebianLike(blend.distro.breed)) return []
  const { system, profile, server, nameServers } = blend
  const whose = system ? `system/${system.name}` : `profile/${profile.name}`
  const name = hostNameOf(system, domain)
  return [
    ['auto-install/enable', 'true'],
    ['priority', 'critical'],
    ['url', `http://${checkedServer(server)}/cblr/svc/op/autoinstall/${whose}`],
    ['hostname', name.host],
    ...(name.domain === '' ? [] : [['domain', name.domain] satisfies [string, string]]),
    // Of several interfaces, the one that BOOTIF names: netcfg looks there when it is told `auto`.
    ['interface', 'auto'],
    ['BOOTIF', pxeName(mac)],
    // Without a name server from DHCP, netcfg asks a person, even at critical priority.
    ...(nameServers[0] === undefined ? [] : [['netcfg/get_nameservers', nameServers[0]] satisfies [string, string]]),
  ]
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
