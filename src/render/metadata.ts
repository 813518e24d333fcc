/** The documents of the metadata service: what cloud-init reads as NoCloud-net, and below the paths of EC2. */
import type { Ipv4 } from '../model/address.ts'
import type { Blend } from '../model/blend.ts'
import { macsOf, type System } from '../model/system.ts'
import { installerOf } from './flavor.ts'
import { hostNameOf } from './names.ts'
import { quoteForYaml } from './template.ts'
import { instanceIdOf, keysOf, metaDataOf, readyUrlOf, userDataOf, vendorDataOf } from './user-data.ts'

/** A folder has folders and texts in it. */
interface Folder {
  readonly [name: string]: string | Folder
}

/** EC2's versions that are answered: what was there in 2009 is there in all. */
const EC2_VERSIONS = ['1.0', '2009-04-04', 'latest']

/** What cloud-init asks for by NoCloud-net. */
export const NO_CLOUD = ['user-data', 'meta-data', 'vendor-data', 'network-config'] as const

export interface Where {
  readonly domain: string
  /** Where the machine is now. */
  readonly address: Ipv4 | undefined
}

/** A document below a machine's metadata; `answers`: its installer's answers. Undefined: there is none of that name. */
export function metadataDocument(
  blend: Blend & { readonly system: System },
  path: string,
  { domain, address }: Where,
): Uint8Array | 'answers' | undefined {
  const { system } = blend
  // Netboot off: the installer has ended, and whoever reads now is what it has installed.
  const isInstall = system.netbootEnabled
  switch (path) {
    case 'user-data':
      if (isInstall && installerOf(blend) === 'subiquity') return 'answers'
      return ownUserData(blend) ?? Buffer.from('#cloud-config\n')
    case 'meta-data':
      return Buffer.from(`${metaDataOf(blend, hostNameOf(system, domain))}\n`)
    case 'vendor-data':
      // The installer's own cloud-init must not call back in place of the installed system's.
      return Buffer.from(`${isInstall ? '#cloud-config' : vendorDataOf(readyUrlOf(blend, system))}\n`)
    case 'network-config': {
      const text = networkConfigOf(blend)
      return text === undefined ? undefined : Buffer.from(text)
    }
    default:
      return ec2Document(blend, path, { domain, address })
  }
}

/** The machine's own user data, whatever bytes they are; undefined when it has none. */
function ownUserData(blend: Blend): Uint8Array | undefined {
  const text = userDataOf(blend)
  return text === '' ? undefined : Buffer.from(text, 'base64')
}

/** @param path `2009-04-04/meta-data/instance-id`; a folder's is its list, with a slash at the end or without */
export function ec2Document(blend: Blend, path: string, { domain, address }: Where): Uint8Array | undefined {
  const [version = '', ...rest] = path.split('/').filter((part) => part !== '')
  if (version === '') return listOf(EC2_VERSIONS)
  if (!EC2_VERSIONS.includes(version)) return undefined
  const [kind, ...parts] = rest
  const user = ownUserData(blend)
  if (kind === undefined) return listOf(user === undefined ? ['meta-data/'] : ['meta-data/', 'user-data'])
  if (kind === 'user-data') return parts.length === 0 ? user : undefined
  if (kind !== 'meta-data') return undefined
  const found = find(metaData(blend, domain, address), parts)
  if (found === undefined) return undefined
  if (typeof found === 'string') return Buffer.from(found)
  // EC2 lists keys with their names, and finds them by their numbers.
  if (parts.length === 1 && parts[0] === 'public-keys') return listOf(Object.keys(found).map((at) => `${at}=key-${at}`))
  return listOf(Object.entries(found).map(([name, value]) => (typeof value === 'string' ? name : `${name}/`)))
}

function metaData(blend: Blend, domain: string, address: Ipv4 | undefined): Folder {
  const { system } = blend
  const name = hostNameOf(system, domain)
  const ip = fixedAddress(system) ?? address
  const mac = system && macsOf(system)[0]
  const keys = keysOf(blend).map((key, at) => [String(at), { 'openssh-key': key }] as const)
  return {
    'ami-launch-index': '0',
    hostname: name.domain === '' ? name.host : `${name.host}.${name.domain}`,
    'instance-id': instanceIdOf(blend),
    'instance-type': blend.profile.name,
    'local-hostname': name.host,
    ...(ip !== undefined && { 'local-ipv4': ip }),
    ...(mac !== undefined && { mac }),
    ...(keys.length > 0 && { 'public-keys': Object.fromEntries(keys) }),
  }
}

function find(folder: Folder, [first, ...rest]: readonly string[]): string | Folder | undefined {
  if (first === undefined) return folder
  const next = Object.hasOwn(folder, first) ? folder[first] : undefined
  if (next === undefined || typeof next !== 'string') return next && find(next, rest)
  return rest.length === 0 ? next : undefined
}

function listOf(names: readonly string[]): Uint8Array {
  return Buffer.from(names.join('\n'))
}

function fixedAddress(system: System | undefined): Ipv4 | undefined {
  return Object.values(system?.interfaces ?? {}).find(({ ipAddress }) => ipAddress !== '')?.ipAddress || undefined
}

/** cloud-init's network-config, version 2; undefined when no interface has a MAC address to be known by. */
function networkConfigOf(blend: Blend): string | undefined {
  const { system, nameServers, nameServersSearch } = blend
  const named = Object.entries(system?.interfaces ?? {}).filter(([, { macAddress }]) => macAddress !== '')
  if (!system || named.length === 0) return undefined
  const ethernets = named.map(([name, one]) => {
    const match = [`  ${quoteForYaml(name)}:`, '    match:', `      macaddress: ${quoteForYaml(one.macAddress)}`]
    const bits = prefixOf(one.netmask)
    if (!one.static || one.ipAddress === '' || bits === undefined) return [...match, '    dhcp4: true']
    const gateway = one.gateway || system.gateway
    const servers = listLine('addresses', nameServers)
    const search = listLine('search', nameServersSearch)
    return [
      ...match,
      `    addresses: [${quoteForYaml(`${one.ipAddress}/${bits}`)}]`,
      ...(gateway === '' ? [] : ['    routes:', `      - {to: "0.0.0.0/0", via: ${quoteForYaml(gateway)}}`]),
      ...(servers + search === '' ? [] : ['    nameservers:', ...[servers, search].filter((line) => line !== '')]),
    ]
  })
  return ['version: 2', 'ethernets:', ...ethernets.flat(), ''].join('\n')
}

function listLine(name: string, values: readonly string[]): string {
  return values.length === 0 ? '' : `      ${name}: [${values.map(quoteForYaml).join(', ')}]`
}

/** 255.255.255.0 is 24; undefined for what is no netmask. */
function prefixOf(netmask: string): number | undefined {
  const bits = netmask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('')
  return bits.length === 32 && /^1+0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined
}
