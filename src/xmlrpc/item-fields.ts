/**
 * The fields of distros and profiles, and those that all objects share: one line each, those of Cobbler 2.8 and of 3.3
 * together. Where the two differ in a default, CHOICES.md says which is ours.
 */
import type { Distro } from '../model/distro.ts'
import { INHERIT, type Item } from '../model/item.ts'
import type { Profile } from '../model/profile.ts'
import { derived, type Field, kept, own, time } from './field.ts'
import { flag, list, name, number, options, text, uid } from './kinds.ts'
import type { Value } from './value.ts'

export const KERNEL_OPTIONS = { aliases: ['kopts'] }
export const KERNEL_OPTIONS_POST = { aliases: ['kopts_post', 'kopts-post'] }
export const META = { aliases: ['ksmeta'] }

export function commonFields<Of extends Item>(): readonly Field<Of>[] {
  return [
    own('name', name, 'name'),
    own('uid', uid, 'uid'),
    time('ctime'),
    time('mtime'),
    own('comment', text, 'comment'),
    own('owners', list, 'owners', { inherits: true }),
    kept('boot_files', options, {}),
    kept('fetchable_files', options, {}),
    kept('template_files', options, {}),
  ]
}

export const distroFields: readonly Field<Distro>[] = [
  ...commonFields<Distro>(),
  own('kernel', text, 'kernel', { show: ({ kernel }) => kernel || null }),
  own('initrd', text, 'initrd', { show: ({ initrd }) => initrd || null }),
  own('arch', text, 'arch'),
  own('breed', text, 'breed'),
  own('os_version', text, 'osVersion'),
  own('kernel_options', options, 'kernelOptions', KERNEL_OPTIONS),
  own('kernel_options_post', options, 'kernelOptionsPost', KERNEL_OPTIONS_POST),
  own('ks_meta autoinstall_meta', options, 'meta', META),
  own('mgmt_classes', list, 'mgmtClasses'),
  kept('mgmt_parameters', options, INHERIT),
  kept('source_repos', list, []),
  kept('tree_build_time', number, 0),
  own('boot_loaders', list, 'bootLoaders', { inherits: true }),
  kept('redhat_management_key', text, INHERIT, { isSecret: true }),
  kept('redhat_management_server', text, INHERIT),
  kept('remote_boot_kernel', text, null),
  kept('remote_boot_initrd', text, null),
  kept('remote_grub_kernel', text, ''),
  kept('remote_grub_initrd', text, ''),
  derived('depth', number, () => 0),
  derived('is_subobject', flag, () => false),
  kept('parent', text, ''),
]

/** A root profile has nobody to inherit these from but its distro: nothing of its own is nothing, which 2.x clients need. */
function ofRoot(key: 'kernelOptions' | 'kernelOptionsPost' | 'meta' | 'mgmtClasses', none: Value) {
  return (profile: Profile): Value =>
    profile[key] === INHERIT && profile.parent === '' ? none : (profile[key] as Value)
}

export const profileFields: readonly Field<Profile>[] = [
  ...commonFields<Profile>(),
  own('distro', text, 'distro', { show: ({ distro, parent }) => (distro === '' && parent === '' ? null : distro) }),
  own('parent', text, 'parent'),
  own('kernel_options', options, 'kernelOptions', {
    ...KERNEL_OPTIONS,
    inherits: true,
    show: ofRoot('kernelOptions', {}),
  }),
  own('kernel_options_post', options, 'kernelOptionsPost', {
    ...KERNEL_OPTIONS_POST,
    inherits: true,
    show: ofRoot('kernelOptionsPost', {}),
  }),
  own('ks_meta autoinstall_meta', options, 'meta', { ...META, inherits: true, show: ofRoot('meta', {}) }),
  own('mgmt_classes', list, 'mgmtClasses', { inherits: true, show: ofRoot('mgmtClasses', []) }),
  own('autoinstall kickstart', text, 'autoinstall', { inherits: true }),
  own('name_servers', list, 'nameServers', {
    inherits: true,
    show: ({ nameServers }) => (nameServers === INHERIT ? [] : nameServers),
  }),
  own('name_servers_search', list, 'nameServersSearch', {
    inherits: true,
    show: ({ nameServersSearch }) => (nameServersSearch === INHERIT ? [] : nameServersSearch),
  }),
  own('server', text, 'server', { inherits: true }),
  kept('mgmt_parameters', options, INHERIT),
  kept('enable_ipxe enable_gpxe', flag, INHERIT),
  kept('enable_menu', flag, INHERIT),
  kept('proxy', text, INHERIT),
  kept('repos', list, []),
  kept('virt_auto_boot', flag, INHERIT),
  kept('virt_cpus', number, 1),
  kept('virt_file_size', number, INHERIT),
  kept('virt_disk_driver', text, INHERIT),
  kept('virt_ram', number, INHERIT),
  kept('virt_type', text, INHERIT),
  kept('virt_path', text, ''),
  kept('virt_bridge', text, INHERIT),
  kept('dhcp_tag', text, 'default'),
  kept('redhat_management_key', text, INHERIT, { isSecret: true }),
  kept('redhat_management_server', text, INHERIT),
  kept('template_remote_kickstarts', flag, false),
  own('boot_loaders', list, 'bootLoaders', { inherits: true }),
  kept('next_server_v4', text, INHERIT, { aliases: ['next_server'] }),
  kept('next_server_v6', text, INHERIT),
  own('filename', text, 'filename', { inherits: true }),
  kept('menu', text, null),
  derived('depth', number, ({ parent }) => (parent === '' ? 1 : 2)),
  derived('is_subobject', flag, ({ parent }) => parent !== ''),
]
