/**
 * A blended object under Cobbler's names: what its clients read as "rendered", and the flat name space that its templates
 * are rendered in. Cobbler's own words for a single object are xmlrpc's table; this is what inheritance makes of them.
 *
 * power_user and power_pass are left out unless asked for: a rendered file goes to whoever asks for it.
 */
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts'
import type { Blend } from '../model/blend.ts'
import { INHERIT, type Item, type Options } from '../model/item.ts'
import type { Repo } from '../model/repo.ts'
import type { Interface, System } from '../model/system.ts'

export interface NameOptions {
  /** With power_user and power_pass. */
  readonly withSecrets?: boolean
  /** For repo_data and the two stanzas for yum, of the repositories that the profile names. */
  readonly repo?: (name: string) => Repo | undefined
}

/**
 * Cobbler's blended dictionary (get_blended_data, get_<type>_as_rendered): every field after inheritance, each field of an
 * interface also flat as `mac_address_eth0`, and the settings that templates ask for.
 *
 * @param server what machines fetch from: host, or host:port
 */
export function cobblerBlend(blend: Blend, server: string, options: NameOptions = {}): JsonObject {
  const { system, profile, distro, meta } = blend
  const own = system ?? profile
  const kept = ofOthers([distro, profile, ...(system ? [system] : [])])
  const parameters = kept['mgmt_parameters'] ?? {}
  return {
    ...SETTINGS,
    ...serverNames(server),
    ...INHERITED,
    ...kept,
    ...(system ? systemNames(system, options.withSecrets === true) : {}),
    name: own.name,
    uid: own.uid,
    ctime: own.ctime / 1000,
    mtime: own.mtime / 1000,
    comment: own.comment,
    parent: profile.parent,
    depth: system ? 2 : profile.parent === '' ? 1 : 2,
    is_subobject: !system && profile.parent !== '',
    kernel: distro.kernel,
    initrd: distro.initrd,
    arch: distro.arch,
    breed: distro.breed,
    os_version: distro.osVersion,
    distro: distro.name,
    distro_name: distro.name,
    profile_name: profile.name,
    kernel_options: blend.kernelOptions,
    kernel_options_post: blend.kernelOptionsPost,
    ks_meta: meta,
    autoinstall_meta: meta,
    mgmt_parameters: isJsonObject(parameters) ? { ...parameters, ...meta } : meta,
    mgmt_classes: blend.mgmtClasses,
    owners: blend.owners,
    kickstart: blend.autoinstall,
    autoinstall: blend.autoinstall,
    boot_loaders: blend.bootLoaders,
    filename: blend.filename,
    name_servers: blend.nameServers,
    name_servers_search: blend.nameServersSearch,
    repo_data: reposOf(blend, options).map(repoNames),
  }
}

/** The same as templates see it: the keys of ks_meta at the top, and kernel options as one line of text. */
export function cobblerNames(blend: Blend, server: string, options: NameOptions = {}): JsonObject {
  const { autoinstall_meta: _, ...blended } = cobblerBlend(blend, server, options)
  const { meta } = blend
  const tree = meta['tree']
  return {
    ...blended,
    // Nobody gets a password by default: this name is there when somebody has set one.
    ...('password_crypted' in meta && { default_password_crypted: meta['password_crypted'] ?? '' }),
    ...yumStanzas(blend, server, reposOf(blend, options)),
    ...meta,
    ...(typeof tree === 'string' && { install_source_directory: pathOf(tree) }),
    kernel_options: optionText(blend.kernelOptions),
    kernel_options_post: optionText(blend.kernelOptionsPost),
  }
}

/** Settings of a Cobbler server that its stock snippets ask for, as this server behaves. */
const SETTINGS: JsonObject = {
  anamon_enabled: false,
  autoinstall_snippets_dir: 'snippets',
  cheetah_import_whitelist: ['re'],
  manage_dhcp: true,
  manage_dns: true,
  next_server_v6: '::1',
  proxy_url_ext: '',
  proxy_url_int: '',
  puppet_auto_setup: false,
  pxe_just_once: true,
  register_new_installs: false,
  run_install_triggers: true,
  sign_puppet_certs_automatically: false,
  yum_post_install_mirror: false,
}

/** What Cobbler's fields that Orchestra does not act on are when nobody has set them. */
const INHERITED: JsonObject = {
  boot_files: {},
  dhcp_tag: 'default',
  enable_gpxe: false,
  enable_ipxe: false,
  enable_menu: true,
  fetchable_files: {},
  menu: '',
  proxy: '',
  redhat_management_key: '',
  redhat_management_server: '',
  redhat_management_type: 'off',
  repos: [],
  repo_data: [],
  source_repos: [],
  template_files: {},
  template_remote_kickstarts: false,
  tree_build_time: 0,
  virt_auto_boot: false,
  virt_bridge: '',
  virt_cpus: 1,
  virt_disk_driver: 'raw',
  virt_file_size: 5,
  virt_path: '',
  virt_ram: 512,
  virt_type: 'kvm',
}

const OF_SYSTEM: JsonObject = {
  ipv6_autoconfiguration: false,
  ipv6_default_device: '',
  ldap_enabled: false,
  ldap_type: '',
  monit_enabled: false,
  power_identity_file: '',
  repos_enabled: false,
  serial_baud_rate: -1,
  serial_device: -1,
  virt_pxe_boot: false,
}

const OF_INTERFACE: JsonObject = {
  bonding_opts: '',
  bridge_opts: '',
  cnames: [],
  connected_mode: false,
  dhcp_tag: '',
  interface_master: '',
  interface_type: 'na',
  ipv6_address: '',
  ipv6_default_gateway: '',
  ipv6_mtu: '',
  ipv6_prefix: '',
  ipv6_secondaries: [],
  ipv6_static_routes: [],
  static_routes: [],
  virt_bridge: '',
}

function serverNames(server: string): JsonObject {
  const port = /:(\d+)$/.exec(server)?.[1]
  const host = port === undefined ? server : server.slice(0, -port.length - 1)
  return {
    http_server: server,
    http_port: port === undefined ? 80 : Number(port),
    server: host,
    next_server: host,
    next_server_v4: host,
  }
}

/** Fields that are only kept: the one who is nearest to the machine says. */
function ofOthers(items: readonly Item[]): JsonObject {
  return Object.fromEntries(
    items.flatMap(({ other }) => Object.entries(other).filter(([, value]) => value !== INHERIT && value !== null)),
  )
}

function systemNames(system: System, withSecrets: boolean): JsonObject {
  const { power } = system
  const interfaces = Object.entries(system.interfaces).map(([name, nic]) => [name, interfaceNames(nic)] as const)
  return {
    ...OF_SYSTEM,
    ...ofOthers([system]),
    ...Object.fromEntries(
      interfaces.flatMap(([name, nic]) => Object.entries(nic).map(([key, value]) => [`${key}_${name}`, value])),
    ),
    interfaces: Object.fromEntries(interfaces),
    system_name: system.name,
    profile: system.profile,
    image: system.image,
    hostname: system.hostname,
    gateway: system.gateway,
    status: system.status,
    netboot_enabled: system.netbootEnabled,
    power_type: power.type,
    power_address: power.address,
    power_id: power.id,
    power_options: power.options,
    ...(withSecrets && { power_user: power.user, power_pass: power.pass }),
  }
}

function interfaceNames(nic: Interface): JsonObject {
  return {
    ...OF_INTERFACE,
    ...nic.other,
    mac_address: nic.macAddress,
    ip_address: nic.ipAddress,
    netmask: nic.netmask,
    if_gateway: nic.gateway,
    dns_name: nic.dnsName,
    static: nic.static,
    management: nic.management,
    mtu: nic.mtu,
  }
}

function reposOf({ profile }: Blend, { repo }: NameOptions): Repo[] {
  const names = profile.other['repos']
  return (Array.isArray(names) ? names : []).flatMap((name: Json) => repo?.(String(name)) ?? [])
}

/** Nothing is mirrored on this server: machines go where the repository is. */
function repoNames(repo: Repo): JsonObject {
  return {
    ...OF_REPO,
    ...repo.other,
    name: repo.name,
    mirror: repo.mirror,
    mirror_locally: false,
    arch: repo.arch,
    breed: repo.breed,
    comment: repo.comment,
  }
}

const OF_REPO: JsonObject = {
  apt_components: [],
  apt_dists: [],
  environment: {},
  keep_updated: false,
  mirror_type: 'baseurl',
  priority: 99,
  proxy: '',
  rpm_list: [],
  yumopts: {},
}

function yumStanzas({ system, profile }: Blend, server: string, repos: readonly Repo[]): JsonObject {
  const forYum = repos.filter(({ breed }) => breed !== 'apt')
  const whose = system ? `system/${system.name}` : `profile/${profile.name}`
  return {
    yum_repo_stanza: forYum.map(({ name, mirror }) => `repo --name=${name} --baseurl=${mirror}\n`).join(''),
    yum_config_stanza:
      forYum.length === 0
        ? ''
        : `curl "http://${server}/cblr/svc/op/yum/${whose}" --output /etc/yum.repos.d/cobbler-config.repo\n`,
  }
}

/** `k=v ` each, with a blank at the end too: templates write the next word right behind it. */
function optionText(options: Options): string {
  return Object.entries(options)
    .flatMap(([key, value]) => (Array.isArray(value) ? value : [value]).map((one: Json) => optionWord(key, one)))
    .join('')
}

function optionWord(key: string, value: Json): string {
  if (value === null || value === '' || value === false || value === 0) return `${key} `
  const text = typeof value === 'string' ? value.trim() : value === true ? 'True' : JSON.stringify(value)
  return text.includes(' ') ? `${key}='${text}' ` : `${key}=${text} `
}

function pathOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1] ?? url
}
