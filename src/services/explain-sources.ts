/** Where each fact that a template, a kernel line or an answer names comes from: the object and its field, or the setting. */
import type { Blend } from '../model/blend.ts'
import { type BlendOrigins, type Level, originsOf } from '../model/blend-origins.ts'
import type { Source, SourcesOf } from '../model/explanation.ts'
import type { System } from '../model/system.ts'
import { belowTemplates } from './cobbler-texts.ts'

export interface SourceFacts {
  readonly system: System | undefined
  /** Undefined: its profile does not resolve, or it has none. */
  readonly blend: Blend | undefined
}

/** Settings that stand in for a field that no object sets. */
const SETTINGS: Readonly<Record<string, string>> = {
  server: 'http.url',
  autoinstall: 'boot.autoinstall',
  bootLoaders: 'boot.loaders',
  filename: 'boot.loaders',
  nameServersSearch: 'dhcp.subnets',
}

export function sourcesOf({ system, blend }: SourceFacts): SourcesOf {
  const origins = blend && originsOf(blend)
  const facts = factsOf(system, blend)
  const find = (fact: string): Source[] => {
    const names = Object.hasOwn(facts, fact) ? facts[fact] : undefined
    if (names) return names.flatMap(find)
    const [kind = '', rest] = cut(fact)
    switch (kind) {
      case 'setting':
      case 'request':
      case 'lease':
      case 'computed':
      case 'script':
        return [{ kind, name: rest, field: null, line: null }]
      case 'parent':
        return [fieldOf({ kind: 'profile', name: rest }, 'distro')]
      case 'system':
        return system ? [fieldOf({ kind, name: system.name }, rest)] : []
      case 'distro':
        return blend ? [fieldOf({ kind, name: blend.distro.name }, rest)] : []
      case 'profile':
        return blend ? [fieldOf({ kind, name: blend.profile.name }, rest)] : []
      default:
        return blended(fact, kind, rest, origins)
    }
  }
  return (fact) => unique(find(fact))
}

/** Where a whole text comes from that the site has uploaded. */
export function uploadedSource({ autoinstall }: Blend): Source {
  return { kind: 'template', name: `templates/${belowTemplates(autoinstall)}`, field: null, line: null }
}

/** The same place but once. */
export function unique(sources: readonly Source[]): Source[] {
  const byText = new Map(sources.map((one) => [JSON.stringify(one), one]))
  return [...byText.values()]
}

function blended(fact: string, kind: string, key: string, origins: BlendOrigins | undefined): Source[] {
  if (!origins) return []
  const of = (levels: ReadonlyMap<string, Level>, field: string) => {
    const level = levels.get(key)
    return level ? [fieldOf(level, `${field}.${key}`)] : []
  }
  switch (kind) {
    case 'meta':
      return of(origins.meta, 'meta')
    case 'kernel':
      return of(origins.kernelOptions, 'kernelOptions')
  }
  switch (fact) {
    case 'http_server':
      return [fieldOf(origins.server, 'server')]
    case 'autoinstall':
      return [fieldOf(origins.autoinstall, 'autoinstall')]
    case 'boot_loaders':
      return [fieldOf(origins.bootLoaders, 'bootLoaders')]
    case 'filename':
      return [fieldOf(origins.filename, 'filename')]
    case 'name_servers':
      return [...origins.nameServers.values()].map((level) => fieldOf(level, 'nameServers'))
    case 'name_servers_search':
      return [...origins.nameServersSearch.values()].map((level) => fieldOf(level, 'nameServersSearch'))
    case 'kernel_options_post':
      return [...origins.kernelOptionsPost].map(([name, level]) => fieldOf(level, `kernelOptionsPost.${name}`))
    default:
      return []
  }
}

function fieldOf({ kind, name }: Level, field: string): Source {
  if (kind !== 'setting') return { kind, name, field, line: null }
  return { kind, name: SETTINGS[field] ?? field, field: null, line: null }
}

function cut(fact: string): [string, string] {
  const dot = fact.indexOf('.')
  return dot < 0 ? [fact, ''] : [fact.slice(0, dot), fact.slice(dot + 1)]
}

/** The names of templates/, preseeds/ and of a kernel line, by what they are made of. */
function factsOf(system: System | undefined, blend: Blend | undefined): Readonly<Record<string, readonly string[]>> {
  const name = system ? 'system.name' : 'profile.name'
  const host = system?.hostname ? 'system.hostname' : name
  const domain = system?.hostname.includes('.') ? 'system.hostname' : 'setting.dhcp.subnets'
  const calls = ['http_server', name]
  const profile = system ? 'system.profile' : 'setting.boot.enlist_profile'
  const account = ['meta.username', 'meta.password_crypted', 'meta.ssh_authorized_keys']
  const token = 'computed.token'
  return {
    name: [name],
    system_name: ['system.name'],
    profile: [profile],
    profile_name: [profile],
    distro: blend ? [distroFact(blend)] : [],
    distro_name: blend ? [distroFact(blend)] : [],
    breed: ['distro.breed'],
    os_version: ['distro.osVersion'],
    server_kernel: ['distro.osVersion'],
    arch: ['distro.arch'],
    initrd_name: ['distro.initrd'],
    kernel: ['distro.kernel'],
    initrd: ['distro.initrd'],
    hostname: [host],
    domain: [domain],
    host_and_domain: [host, domain],
    http_port: ['http_server'],
    server: ['http_server'],
    host: ['http_server'],
    mirror_url: ['meta.mirror_hostname', 'meta.mirror_directory'],
    tree: ['meta.tree'],
    proxy_url: ['setting.proxy'],
    log_host: ['setting.syslog'],
    log_port: ['setting.syslog'],
    account,
    'account.name': ['meta.username'],
    'account.password': ['meta.password_crypted'],
    'account.keys': ['meta.ssh_authorized_keys'],
    packages: ['meta.EXTRA_PACKAGES'],
    grub_line: ['kernel_options_post'],
    user_data: ['meta.USER_DATA_BASE64'],
    user_data_sha256: ['meta.USER_DATA_BASE64'],
    user_data_url: ['http_server', token],
    metadata_url: ['http_server', token],
    meta_data: ['meta.MACHINE_ID', 'system.uid', host],
    vendor_data: calls,
    progress_url: calls,
    done_url: calls,
    failed_url: calls,
    ensemble_late_command: ['meta.ENSEMBLE_LATE_COMMAND'],
    early_script: ['script.preseeds/scripts/early.sh'],
    early_command: ['script.preseeds/scripts/early.sh'],
    late_script: ['script.preseeds/scripts/late.sh', ...calls],
    late_command: ['script.preseeds/scripts/late.sh', ...calls],
    mac: ['request.chaddr'],
    pxe_name: ['request.chaddr'],
    because: ['system.netbootEnabled'],
  }
}

/** The profile that names the distro: the nearest one counts. */
function distroFact({ profiles, distro }: Blend): string {
  const by = profiles.findLast((one) => one.distro === distro.name)
  return by === profiles.at(-1) || !by ? 'profile.distro' : `parent.${by.name}`
}
