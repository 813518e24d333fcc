/**
 * Cobbler's settings as its clients read and change them. Those that Orchestra's own configuration decides are not here:
 * whoever shows the settings lays them over these. Some of these change what Orchestra does; the others are only kept.
 */
import { readTextBelow, writeBelow } from '../lib/files.ts'
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts'
import type { Log } from '../lib/log.ts'

export interface CobblerSettings {
  /** Each by its name; never a secret. */
  all(): JsonObject
  isOn(name: Switch): boolean
  /** Changes one, now and after the next start; false for one that there is not or that is not of that kind. */
  change(name: string, value: Json): Promise<boolean>
}

/** Those that Orchestra obeys. */
export type Switch = 'anamon_enabled' | 'pxe_just_once' | 'register_new_installs' | 'run_install_triggers'

const FILE = 'settings.json'

/** @param root the folder `cobbler` of the data directory */
export function openCobblerSettings({ root, log }: { root: string; log: Log }): CobblerSettings {
  let changed = readChanges(root, log)
  const all = (): JsonObject => ({ ...DEFAULTS, ...changed })

  return {
    all,
    isOn: (name) => all()[name] === true,
    async change(name, value) {
      const before = Object.hasOwn(DEFAULTS, name) ? DEFAULTS[name] : undefined
      const parsed = before === undefined ? undefined : asKindOf(before, value)
      if (parsed === undefined) return false
      const next = { ...changed, [name]: parsed }
      await writeBelow(root, FILE, `${JSON.stringify(next, undefined, 2)}\n`, 0o600)
      changed = next
      return true
    },
  }
}

function readChanges(root: string, log: Log): JsonObject {
  const text = readTextBelow(root, FILE)
  if (text === undefined) return {}
  try {
    const given: unknown = JSON.parse(text)
    if (!isJsonObject(given)) throw new Error('it holds no settings')
    return Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(DEFAULTS, name)))
  } catch (error) {
    log.error({ file: FILE, err: error }, `${FILE} cannot be read; Cobbler's settings are as they were at first`)
    return {}
  }
}

/** Clients send numbers and truths as text; a text that is none of the kind is refused. */
function asKindOf(before: Json, value: Json): Json | undefined {
  const text = typeof value === 'string' ? value.trim() : undefined
  if (typeof before === 'boolean') {
    if (typeof value === 'boolean' || value === 0 || value === 1) return Boolean(value)
    if (text !== undefined && /^(true|1|on|yes|y)$/i.test(text)) return true
    return text !== undefined && /^(false|0|off|no|n)$/i.test(text) ? false : undefined
  }
  if (typeof before === 'number') {
    const number = text === undefined || text === '' ? value : Number(text)
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined
  }
  if (typeof before === 'string') return typeof value === 'object' ? undefined : String(value)
  if (Array.isArray(before)) {
    if (text !== undefined) return text.split(/\s+/).filter((word) => word !== '')
    return Array.isArray(value) ? value : undefined
  }
  return isJsonObject(value) ? value : undefined
}

/** Of Cobbler 3.3, with 2.8's names beside them; as a server without any of the services that Orchestra replaces. */
const DEFAULTS: JsonObject = {
  allow_duplicate_hostnames: false,
  anamon_enabled: false,
  authn_pam_service: 'login',
  autoinstall_snippets_dir: '/var/lib/cobbler/snippets',
  autoinstall_templates_dir: '/var/lib/cobbler/templates',
  bind_chroot_path: '',
  bind_manage_ipmi: true,
  bind_master: '127.0.0.1',
  bind_zonefile_path: '',
  boot_loader_conf_template_dir: '/etc/cobbler/boot_loader_conf',
  bootloaders_dir: '/var/lib/cobbler/loaders',
  build_reporting_email: [],
  build_reporting_enabled: false,
  build_reporting_ignorelist: [],
  build_reporting_sender: '',
  build_reporting_smtp_server: 'localhost',
  build_reporting_subject: '',
  buildisodir: '/var/cache/cobbler/buildiso',
  cache_enabled: false,
  cheetah_import_whitelist: [],
  client_use_https: false,
  client_use_localhost: false,
  cobbler_master: '',
  convert_server_to_ip: false,
  createrepo_flags: '-c cache -s sha',
  default_name_servers: [],
  default_name_servers_search: [],
  default_ownership: ['admin'],
  // Nobody gets a password by default.
  default_password_crypted: '',
  default_template_type: 'cheetah',
  default_virt_bridge: 'xenbr0',
  default_virt_disk_driver: 'raw',
  default_virt_file_size: 5,
  default_virt_ram: 512,
  default_virt_type: 'xenpv',
  enable_gpxe: false,
  enable_ipxe: false,
  enable_menu: true,
  extra_settings_list: [],
  grub2_mod_dir: '/usr/lib/grub',
  include: [],
  iso_template_dir: '/etc/cobbler/iso',
  jinja2_includedir: '/var/lib/cobbler/jinja2',
  kernel_options: {},
  kickstart: '',
  ldap_anonymous_bind: true,
  ldap_base_dn: '',
  ldap_management_default_type: 'authconfig',
  ldap_port: 389,
  ldap_search_prefix: 'uid=',
  ldap_server: '',
  ldap_tls: true,
  manage_forward_zones: [],
  manage_genders: false,
  manage_reverse_zones: [],
  manage_rsync: false,
  mgmt_classes: [],
  mgmt_parameters: {},
  nopxe_with_triggers: true,
  nsupdate_enabled: false,
  power_template_dir: '/etc/cobbler/power',
  proxies: [],
  proxy_url_ext: '',
  proxy_url_int: '',
  puppet_auto_setup: false,
  puppet_parameterized_classes: true,
  puppet_server: '',
  puppet_version: 2,
  puppetca_path: '/usr/bin/puppet',
  pxe_just_once: true,
  redhat_management_permissive: false,
  redhat_management_server: 'xmlrpc.rhn.redhat.com',
  redhat_management_type: 'off',
  register_new_installs: false,
  remove_old_puppet_certs_automatically: false,
  replicate_repo_rsync_options: '-avzH',
  replicate_rsync_options: '-avzH',
  reposync_flags: '--newest-only --delete --refresh --remote-time',
  reposync_rsync_flags: '-rltDv --copy-unsafe-links',
  restart_dhcp: false,
  restart_dns: false,
  run_install_triggers: true,
  samba_distro_share: 'DISTRO',
  scm_push_script: '/bin/true',
  scm_track_author: '',
  scm_track_enabled: false,
  scm_track_mode: 'git',
  serializer_pretty_json: false,
  sign_puppet_certs_automatically: false,
  signature_path: '/var/lib/cobbler/distro_signatures.json',
  signature_url: '',
  snippetsdir: '/var/lib/cobbler/snippets',
  syslinux_dir: '/usr/lib/syslinux',
  template_remote_kickstarts: false,
  virt_auto_boot: true,
  webdir: '/var/www/cobbler',
  webdir_whitelist: ['misc', 'web', 'webui', 'localmirror', 'repo_mirror', 'distro_mirror', 'images', 'links', 'pub'],
  windows_enabled: false,
  windows_template_dir: '/etc/cobbler/windows',
  yum_distro_priority: 1,
  yum_post_install_mirror: true,
  yumdownloader_flags: '--resolve',
}

/** For whoever shows what an object inherits from the settings: under the object's own name of the field. */
export const INHERITED_SETTINGS: Readonly<Record<string, string>> = {
  createrepo_flags: 'createrepo_flags',
  enable_ipxe: 'enable_ipxe',
  enable_gpxe: 'enable_gpxe',
  enable_menu: 'enable_menu',
  mgmt_parameters: 'mgmt_parameters',
  owners: 'default_ownership',
  proxy: 'proxy_url_int',
  redhat_management_server: 'redhat_management_server',
  virt_auto_boot: 'virt_auto_boot',
  virt_bridge: 'default_virt_bridge',
  virt_disk_driver: 'default_virt_disk_driver',
  virt_file_size: 'default_virt_file_size',
  virt_ram: 'default_virt_ram',
  virt_type: 'default_virt_type',
}
