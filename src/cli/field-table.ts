/**
 * The fields of every noun as Cobbler's command line knows them: names, kind, label and what an unset one reads as. One
 * table for add, edit, copy, find, report and completion; where a field lives in an object of ours is fields.ts.
 */
import type { Json } from '../lib/json.ts'
import { INHERIT } from '../model/item.ts'
import type { ItemType } from '../model/items.ts'

export type FieldKind = 'text' | 'secret' | 'flag' | 'list' | 'options' | 'number'

/**
 * Names as XML-RPC has them, then more names that are taken; `|` parts the two. Labels stand for the names before the `|`,
 * in their order. `initial`: what Cobbler answers for a field that was never set and that Orchestra does not act on.
 */
export type FieldRow = readonly [
  names: string,
  kind: FieldKind,
  labels: string,
  initial?: Json | undefined,
  help?: string,
]

const COMMON: readonly FieldRow[] = [
  ['comment', 'text', 'Comment'],
  ['owners', 'list', 'Owners', INHERIT, 'parted by blanks'],
]
const CLASSES: readonly FieldRow[] = [
  ['mgmt_classes', 'list', 'Management Classes', undefined, 'parted by blanks'],
  ['mgmt_parameters', 'options', 'Management Parameters', INHERIT],
]
const FILES: readonly FieldRow[] = [
  ['boot_files', 'options', 'TFTP Boot Files', {}],
  ['fetchable_files', 'options', 'Fetchable Files', {}],
  ['template_files', 'options', 'Template Files', {}],
]
const KERNEL: readonly FieldRow[] = [
  ['kernel_options | kopts', 'options', 'Kernel Options', undefined, 'for the installer: "a=1 b"'],
  [
    'kernel_options_post | kopts_post',
    'options',
    'Kernel Options (Post Install)',
    undefined,
    'for the installed system',
  ],
  [
    'ks_meta autoinstall_meta | ksmeta',
    'options',
    'Kickstart Metadata, Automatic Installation Metadata',
    undefined,
    'values for templates: "a=1 b"',
  ],
]
const AUTOINSTALL: FieldRow = [
  'autoinstall kickstart',
  'text',
  'Automatic Installation Template, Kickstart',
  undefined,
  'file name of the preseed',
]
const REDHAT: readonly FieldRow[] = [
  ['redhat_management_key', 'secret', 'Red Hat Management Key', INHERIT],
  ['redhat_management_server', 'text', 'Red Hat Management Server', INHERIT],
]
const INSTALL: readonly FieldRow[] = [
  AUTOINSTALL,
  ['name_servers', 'list', 'Name Servers', undefined, 'parted by blanks'],
  ['name_servers_search', 'list', 'Name Servers Search Path', undefined, 'parted by blanks'],
  ['server | server_override', 'text', 'Server Override', undefined, 'what machines fetch from'],
  ['next_server_v4 | next_server', 'text', 'Next Server (IPv4) Override', INHERIT],
  ['next_server_v6', 'text', 'Next Server (IPv6) Override', INHERIT],
  ['filename', 'text', 'DHCP Filename Override', INHERIT],
  ['proxy', 'text', 'Internal Proxy', INHERIT],
  ['enable_ipxe enable_gpxe', 'flag', 'Enable iPXE?, Enable gPXE?', INHERIT],
  ['boot_loaders', 'list', 'Boot loaders', INHERIT],
  ['template_remote_kickstarts', 'flag', 'Template Remote Kickstarts', false],
  ...REDHAT,
]

function virtual(one: Json, path: Json): readonly FieldRow[] {
  return [
    ['virt_auto_boot', 'flag', 'Virt Auto Boot', INHERIT],
    ['virt_cpus', 'number', 'Virt CPUs', one],
    ['virt_disk_driver', 'text', 'Virt Disk Driver Type', INHERIT],
    ['virt_file_size', 'number', 'Virt File Size(GB)', INHERIT],
    ['virt_path', 'text', 'Virt Path', path],
    ['virt_ram', 'number', 'Virt RAM (MB)', INHERIT],
    ['virt_type', 'text', 'Virt Type', INHERIT],
  ]
}
const VIRT_BRIDGE: FieldRow = ['virt_bridge', 'text', 'Virt Bridge', INHERIT]

export const FIELD_ROWS: { readonly [Type in ItemType]: readonly FieldRow[] } = {
  distro: [
    ['kernel', 'text', 'Kernel', undefined, 'absolute path on the server'],
    ['initrd', 'text', 'Initrd', undefined, 'absolute path on the server'],
    ['arch', 'text', 'Architecture', undefined, 'x86_64, i386, aarch64'],
    ['breed', 'text', 'Breed', undefined, 'debian, ubuntu'],
    ['os_version', 'text', 'OS Version', undefined, 'trixie, noble'],
    ['source_repos', 'list', 'Source Repos', []],
    ['tree_build_time', 'number', 'Tree Build Time', 0],
    ['boot_loaders', 'list', 'Boot loaders', INHERIT],
    ['remote_boot_kernel', 'text', 'Remote Boot Kernel', ''],
    ['remote_boot_initrd', 'text', 'Remote Boot Initrd', ''],
    ...KERNEL,
    ...CLASSES,
    ...FILES,
    ...REDHAT,
    ...COMMON,
  ],
  profile: [
    ['distro', 'text', 'Distribution', undefined, 'what it installs'],
    ['parent', 'text', 'Parent Profile', undefined, 'inherit from a profile instead of a distro'],
    ['repos', 'list', 'Repos', [], 'parted by blanks'],
    ['menu', 'text', 'Parent boot menu', ''],
    ['enable_menu', 'flag', 'Enable PXE Menu?', INHERIT],
    ['dhcp_tag', 'text', 'DHCP Tag', 'default'],
    ...INSTALL,
    ...KERNEL,
    ...CLASSES,
    ...FILES,
    ...virtual(1, ''),
    VIRT_BRIDGE,
    ...COMMON,
  ],
  system: [
    ['profile', 'text', 'Profile', undefined, 'what it gets'],
    ['image', 'text', 'Image', undefined, 'instead of a profile'],
    ['netboot_enabled', 'flag', 'Netboot Enabled', undefined, 'yes: the next boot installs'],
    ['status', 'text', 'Status', undefined, 'production, testing …'],
    ['hostname', 'text', 'Hostname'],
    ['gateway', 'text', 'Gateway'],
    ...INSTALL,
    ...KERNEL,
    ...CLASSES,
    ...FILES,
    ...virtual(INHERIT, INHERIT),
    ['virt_pxe_boot', 'flag', 'Virt PXE Boot', false],
    ['ipv6_default_device', 'text', 'IPv6 Default Device', ''],
    ['ipv6_autoconfiguration', 'flag', 'IPv6 Autoconfiguration', false],
    ['repos_enabled', 'flag', 'Repos Enabled', false],
    ['ldap_enabled', 'flag', 'LDAP Enabled', false],
    ['ldap_type', 'text', 'LDAP Management Type', INHERIT],
    ['monit_enabled', 'flag', 'Monit Enabled', false],
    ['serial_device', 'number', 'Serial Device #', -1],
    ['serial_baud_rate', 'number', 'Serial Baud Rate', -1],
    ['power_type', 'text', 'Power Management Type', undefined, 'ipmi, redfish, wol, virsh …'],
    ['power_address', 'text', 'Power Management Address', undefined, 'host, URL or libvirt URI'],
    ['power_user', 'text', 'Power Management Username'],
    ['power_pass', 'secret', 'Power Management Password', undefined, '"-" asks for it, or reads standard input'],
    ['power_id', 'text', 'Power Management ID', undefined, 'domain, outlet or system id'],
    ['power_options', 'text', 'Power Management Options', undefined, 'for the driver'],
    ['power_identity_file', 'text', 'Power Identity File', ''],
    ...COMMON,
  ],
  mgmtclass: [
    ['class_name', 'text', 'Class Name', undefined, 'for configuration management'],
    ['is_definition', 'flag', 'Is Definition?'],
    ['params', 'options', 'Parameters/Variables', undefined, '"a=1 b"'],
    ['packages', 'list', 'Package Resources', []],
    ['files', 'list', 'File Resources', []],
    ...COMMON,
  ],
  image: [
    ['file', 'text', 'File', undefined, 'path or URL'],
    ['arch', 'text', 'Architecture'],
    ['breed', 'text', 'Breed'],
    ['os_version', 'text', 'OS Version'],
    AUTOINSTALL,
    ['image_type', 'text', 'Image Type', 'iso', 'iso, direct, memdisk, virt-image'],
    ['network_count', 'number', 'Virt NICs', 1],
    ['menu', 'text', 'Parent boot menu', ''],
    ['boot_loaders', 'list', 'Boot loaders', INHERIT],
    ...virtual(1, ''),
    VIRT_BRIDGE,
    ...COMMON,
  ],
  repo: [
    ['mirror', 'text', 'Mirror', undefined, 'URL'],
    ['arch', 'text', 'Arch'],
    ['breed', 'text', 'Breed', undefined, 'apt, yum, rsync'],
    ['apt_components', 'list', 'Apt Components (apt only)', []],
    ['apt_dists', 'list', 'Apt Dist Names (apt only)', []],
    ['createrepo_flags', 'options', 'Createrepo Flags', INHERIT],
    ['environment', 'options', 'Environment Variables', {}],
    ['keep_updated', 'flag', 'Keep Updated', true],
    ['mirror_locally', 'flag', 'Mirror locally', true],
    ['mirror_type', 'text', 'Mirror Type', 'baseurl'],
    ['os_version', 'text', 'OS Version', ''],
    ['priority', 'number', 'Priority', 99],
    ['proxy', 'text', 'External proxy URL', INHERIT],
    ['rpm_list', 'list', 'RPM List', []],
    ['rsyncopts', 'options', 'Rsync Options', {}],
    ['yumopts', 'options', 'Yum Options', {}],
    ...COMMON,
  ],
  package: [
    ['action', 'text', 'Action', undefined, 'create or remove'],
    ['installer', 'text', 'Installer', undefined, 'apt, yum'],
    ['version', 'text', 'Version'],
    ...COMMON,
  ],
  file: [
    ['path', 'text', 'Path', undefined, 'on the machine'],
    ['action', 'text', 'Action', undefined, 'create or remove'],
    ['is_dir', 'flag', 'Is Directory'],
    ['template', 'text', 'Template'],
    ['owner', 'text', 'Owner', ''],
    ['group', 'text', 'Group', ''],
    ['mode', 'text', 'Mode', ''],
    ...COMMON,
  ],
  menu: [
    ['display_name', 'text', 'Display Name'],
    ['parent', 'text', 'Parent Menu'],
    ['comment', 'text', 'Comment'],
  ],
}

export const INTERFACE_ROWS: readonly FieldRow[] = [
  ['mac_address | mac', 'text', 'MAC Address'],
  ['ip_address | ip', 'text', 'IP Address', undefined, 'a fixed address'],
  ['netmask | subnet', 'text', 'Subnet Mask'],
  ['if_gateway', 'text', 'Per-Interface Gateway'],
  ['dns_name', 'text', 'DNS Name'],
  ['static', 'flag', 'Is Static?', undefined, 'yes: the installed system uses no DHCP'],
  ['management', 'flag', 'Management Interface'],
  ['mtu', 'text', 'MTU'],
  ['bonding_opts', 'text', 'Bonding Opts', ''],
  ['bridge_opts', 'text', 'Bridge Opts', ''],
  ['cnames', 'list', 'CNAMES', []],
  ['connected_mode', 'flag', 'InfiniBand Connected Mode', false],
  ['dhcp_tag', 'text', 'DHCP Tag', ''],
  ['interface_master | bonding_master', 'text', 'Master Interface', ''],
  ['interface_type | bonding', 'text', 'Interface Type', 'na', 'bond, bond_slave, bridge, bridge_slave …'],
  ['ipv6_address', 'text', 'IPv6 Address', ''],
  ['ipv6_default_gateway', 'text', 'IPv6 Default Gateway', ''],
  ['ipv6_mtu', 'text', 'IPv6 MTU', ''],
  ['ipv6_prefix', 'text', 'IPv6 Prefix', ''],
  ['ipv6_secondaries', 'list', 'IPv6 Secondaries', []],
  ['ipv6_static_routes', 'list', 'IPv6 Static Routes', []],
  ['static_routes', 'list', 'Static Routes', []],
  ['virt_bridge', 'text', 'Virt Bridge', ''],
]
