/** The objects that people edit besides machines, field by field: a table. What a field means is said where it is edited. */
import type { ItemType } from '../../../model/items.ts'

export interface Field {
  readonly name: string
  readonly label: string
  readonly kind: 'text' | 'long' | 'options' | 'list' | 'distro' | 'profile' | 'autoinstall'
  /** It may be taken from the parent, the profile or a setting. */
  readonly inherits?: boolean
  readonly help?: string
  readonly required?: boolean
}

export interface Kind {
  readonly type: ItemType & ('distro' | 'profile' | 'mgmtclass')
  /** In the address and in the API. */
  readonly plural: string
  readonly title: string
  readonly one: string
  readonly lead: string
  readonly fields: readonly Field[]
  /** Fields that the list shows. */
  readonly columns: readonly string[]
}

const KERNEL_OPTIONS: Field = {
  name: 'kernelOptions',
  label: 'Kernel options',
  kind: 'options',
  help: 'One on each line: console=ttyS0,115200. What the installer needs is added by itself.',
}
const META: Field = {
  name: 'meta',
  label: 'Values for templates (ks_meta)',
  kind: 'options',
  help: 'One on each line: mirror_hostname=deb.debian.org. Templates say them as {{meta.mirror_hostname}}.',
}
const AFTER: Field = {
  name: 'kernelOptionsPost',
  label: 'Kernel options of the installed system',
  kind: 'options',
}
const COMMENT: Field = { name: 'comment', label: 'Comment', kind: 'long' }
const CLASSES: Field = { name: 'mgmtClasses', label: 'Management classes', kind: 'list' }
const OWNERS: Field = { name: 'owners', label: 'Owners', kind: 'list', inherits: true }

export const DISTROS: Kind = {
  type: 'distro',
  plural: 'distros',
  title: 'Distros',
  one: 'distro',
  lead: 'A kernel and an initial ramdisk of one release for one architecture.',
  columns: ['breed', 'osVersion', 'arch', 'kernel'],
  fields: [
    { name: 'kernel', label: 'Kernel', kind: 'text', required: true, help: 'Its whole path on the server.' },
    { name: 'initrd', label: 'Initial ramdisk', kind: 'text', help: 'Its whole path on the server.' },
    { name: 'arch', label: 'Architecture', kind: 'text', help: 'x86_64, aarch64, i386' },
    { name: 'breed', label: 'Breed', kind: 'text', help: 'debian, ubuntu, redhat, suse' },
    { name: 'osVersion', label: 'Release', kind: 'text', help: 'trixie, noble, rhel9' },
    KERNEL_OPTIONS,
    AFTER,
    META,
    CLASSES,
    OWNERS,
    COMMENT,
  ],
}

export const PROFILES: Kind = {
  type: 'profile',
  plural: 'profiles',
  title: 'Profiles',
  one: 'profile',
  lead: 'What a kind of machine gets: a distro, the answers to its installer, and the values in them.',
  columns: ['distro', 'parent', 'autoinstall', 'comment'],
  fields: [
    { name: 'distro', label: 'Distro', kind: 'distro', help: 'Empty where the parent says it.' },
    { name: 'parent', label: 'Parent', kind: 'profile', help: 'Another profile, of which this one is a special case.' },
    {
      name: 'autoinstall',
      label: 'Installer answers',
      kind: 'autoinstall',
      inherits: true,
      help: 'A preseed, kickstart or autoinstall file among the templates.',
    },
    { ...KERNEL_OPTIONS, inherits: true },
    { ...AFTER, inherits: true },
    { ...META, inherits: true },
    { name: 'nameServers', label: 'Name servers', kind: 'list', inherits: true },
    { name: 'nameServersSearch', label: 'Search domains', kind: 'list', inherits: true },
    { name: 'server', label: 'Server that machines fetch from', kind: 'text', inherits: true },
    {
      name: 'bootLoaders',
      label: 'Boot loaders',
      kind: 'list',
      inherits: true,
      help: 'pxe, grub or ipxe: the first that fits a machine. Empty: as the settings say.',
    },
    { name: 'filename', label: 'Boot file that DHCP names', kind: 'text', inherits: true },
    { ...CLASSES, inherits: true },
    OWNERS,
    COMMENT,
  ],
}

export const MGMT_CLASSES: Kind = {
  type: 'mgmtclass',
  plural: 'mgmtclasses',
  title: 'Management classes',
  one: 'management class',
  lead: 'Words on machines; by a pair of them, available and acquired, orchestrators take machines and give them back.',
  columns: ['className', 'comment'],
  fields: [
    { name: 'className', label: 'Class name', kind: 'text', help: 'Empty: the same as the name.' },
    { name: 'params', label: 'Parameters', kind: 'options' },
    OWNERS,
    COMMENT,
  ],
}
