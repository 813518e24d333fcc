/**
 * The fields of management classes, images, repos, packages, files and menus: one line each, those of Cobbler 2.8 and of
 * 3.3 together. Orchestra acts on few of them; all are kept.
 */
import type { ManagedFile } from '../model/file.ts'
import type { Image } from '../model/image.ts'
import { INHERIT, type Item } from '../model/item.ts'
import type { Menu } from '../model/menu.ts'
import type { MgmtClass } from '../model/mgmt-class.ts'
import type { Package } from '../model/package.ts'
import type { Repo } from '../model/repo.ts'
import { derived, type Field, kept, own } from './field.ts'
import { commonFields, KERNEL_OPTIONS, KERNEL_OPTIONS_POST, META } from './item-fields.ts'
import { flag, list, number, options, text } from './kinds.ts'

/** What Cobbler 3.3 has on every object, whether it means anything there or not. */
function everyFields<Of extends Item>(depth: number): readonly Field<Of>[] {
  return [
    ...commonFields<Of>(),
    own<Of>('mgmt_classes', list, 'mgmtClasses'),
    kept('kernel_options', options, {}, KERNEL_OPTIONS),
    kept('kernel_options_post', options, {}, KERNEL_OPTIONS_POST),
    kept('ks_meta autoinstall_meta', options, {}, META),
    kept('mgmt_parameters', options, INHERIT),
    derived('depth', number, () => depth),
    derived('is_subobject', flag, () => false),
  ]
}

/** A parent that these objects have in Cobbler's tables, and nobody has ever set. */
const noParent = <Of extends Item>(): Field<Of> => kept<Of>('parent', text, '')

export const mgmtClassFields: readonly Field<MgmtClass>[] = [
  ...everyFields<MgmtClass>(2),
  own('class_name', text, 'className'),
  own('is_definition', flag, 'isDefinition'),
  own('params', options, 'params'),
  kept('packages', list, []),
  kept('files', list, []),
  noParent(),
]

export const imageFields: readonly Field<Image>[] = [
  ...everyFields<Image>(0),
  own('file', text, 'file'),
  own('arch', text, 'arch'),
  own('breed', text, 'breed'),
  own('os_version', text, 'osVersion'),
  own('autoinstall kickstart', text, 'autoinstall', { inherits: true }),
  kept('image_type', text, 'iso'),
  kept('network_count', number, 1),
  kept('boot_loaders', list, INHERIT),
  kept('menu', text, ''),
  kept('virt_auto_boot', flag, INHERIT),
  kept('virt_bridge', text, INHERIT),
  kept('virt_cpus', number, 1),
  kept('virt_disk_driver', text, INHERIT),
  kept('virt_file_size', number, INHERIT),
  kept('virt_path', text, ''),
  kept('virt_ram', number, INHERIT),
  kept('virt_type', text, INHERIT),
  noParent(),
]

export const repoFields: readonly Field<Repo>[] = [
  ...everyFields<Repo>(2),
  own('mirror', text, 'mirror', { show: ({ mirror }) => mirror || null }),
  own('arch', text, 'arch'),
  own('breed', text, 'breed', { show: breedOf }),
  kept('apt_components', list, []),
  kept('apt_dists', list, []),
  kept('createrepo_flags', options, INHERIT),
  kept('environment', options, {}),
  kept('keep_updated', flag, true),
  kept('mirror_locally', flag, true),
  kept('mirror_type', text, 'baseurl'),
  kept('os_version', text, ''),
  kept('priority', number, 99),
  kept('proxy', text, INHERIT),
  kept('rpm_list', list, []),
  kept('rsyncopts', options, {}),
  kept('yumopts', options, {}),
  kept('parent', text, null),
]

/** Where none was set, Cobbler takes it from the mirror. */
export function breedOf({ breed, mirror }: Repo): string {
  return breed || (/^(https?|ftp):/.test(mirror) ? 'yum' : 'rsync')
}

export const packageFields: readonly Field<Package>[] = [
  ...everyFields<Package>(2),
  own('action', text, 'action'),
  own('installer', text, 'installer'),
  own('version', text, 'version'),
  kept('owner', text, ''),
  kept('group', text, ''),
  kept('mode', text, ''),
  kept('path', text, ''),
  kept('template', text, ''),
  noParent(),
]

export const fileFields: readonly Field<ManagedFile>[] = [
  ...everyFields<ManagedFile>(2),
  own('path', text, 'path'),
  own('action', text, 'action'),
  own('is_dir', flag, 'isDirectory'),
  own('template', text, 'template'),
  kept('owner', text, ''),
  kept('group', text, ''),
  kept('mode', text, ''),
  noParent(),
]

export const menuFields: readonly Field<Menu>[] = [
  ...everyFields<Menu>(1).filter(({ names }) => !names.includes('is_subobject')),
  own('display_name', text, 'displayName'),
  own('parent', text, 'parent'),
  derived('is_subobject', flag, ({ parent }) => parent !== ''),
]
