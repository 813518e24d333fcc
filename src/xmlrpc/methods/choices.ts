/** What a client may choose from: breeds, versions, architectures, boot loaders, repositories, a free MAC address. */
import { cobblerFault } from '../fault.ts'
import { type Context, type Method, nameOrNone, textArg } from '../method.ts'
import { ARCHITECTURES, BREEDS, signatures } from '../signatures.ts'
import type { Value } from '../value.ts'
import { viewItems } from '../view.ts'

const READ = { auth: 'read', params: ['token'], required: 0 } as const

const getSignatures: Method = { ...READ, name: 'get_signatures', call: () => signatures() }
const getValidBreeds: Method = { ...READ, name: 'get_valid_breeds', call: () => Object.keys(BREEDS).sort() }
const getValidArchs: Method = { ...READ, name: 'get_valid_archs', call: () => ARCHITECTURES }

const getValidVersions: Method = {
  ...READ,
  name: 'get_valid_os_versions',
  call: () => Object.values(BREEDS).flat().sort(),
}

const getValidVersionsForBreed: Method = {
  name: 'get_valid_os_versions_for_breed',
  auth: 'read',
  params: ['breed', 'token'],
  required: 1,
  call: (_, args) => {
    const breed = textArg(args, 0, 'breed')
    return Object.hasOwn(BREEDS, breed) ? [...(BREEDS[breed] ?? [])].sort() : []
  },
}

/** The same for all: which one a machine gets follows from its firmware. */
const bootLoaders = (['distro', 'image', 'profile', 'system'] as const).map(
  (type): Method => ({
    name: `get_valid_${type}_boot_loaders`,
    auth: 'read',
    params: ['name', 'token'],
    required: 0,
    call: ({ catalog }, args) => {
      const name = nameOrNone(args, 0)
      if (name !== '' && !catalog.get(type, name)) return []
      return ['grub', 'pxe', 'ipxe']
    },
  }),
)

const PREFIXES: Readonly<Record<string, string>> = {
  xenpv: '00:16:3e',
  xenfv: '00:16:3e',
  xen: '00:16:3e',
  kvm: '00:16:3e',
  qemu: '52:54:00',
  vmware: '00:50:56',
  vmwarew: '00:50:56',
}

const getRandomMac: Method = {
  name: 'get_random_mac',
  auth: 'read',
  params: ['virt_type', 'token'],
  required: 0,
  call: (context, args) => {
    const type = nameOrNone(args, 0) || 'xenpv'
    const prefix = Object.hasOwn(PREFIXES, type)
      ? PREFIXES[type]
      : context.caller && type === context.caller.token
        ? PREFIXES['kvm']
        : undefined
    if (prefix === undefined) throw cobblerFault(`virt mac assignment not yet supported for this virt_type: ${type}`)
    return freeMac(context, prefix)
  },
}

function freeMac({ catalog, newUid }: Context, prefix: string): Value {
  for (;;) {
    const [a = '', b = '', c = ''] = newUid().match(/../g) ?? []
    // VMware keeps the upper quarter for itself.
    const mac = `${prefix}:${prefix === '00:50:56' ? `0${a.charAt(1)}` : a}:${b}:${c}`
    if (catalog.having('system', 'name', mac).size === 0 && !isTaken(catalog, mac)) return mac
  }
}

function isTaken(catalog: Context['catalog'], mac: string): boolean {
  return catalog.systemByMac(mac as Parameters<typeof catalog.systemByMac>[0]) !== undefined
}

const getReposForProfile: Method = {
  name: 'get_repos_compatible_with_profile',
  auth: 'read',
  params: ['profile', 'token'],
  required: 0,
  call: (context, args) => {
    const { catalog } = context
    const profile = catalog.get('profile', nameOrNone(args, 0))
    const blend = profile && context.blendProfile(profile)
    if (!blend?.ok) return []
    // Red Hat's architectures have the old ones' packages too.
    const arch = blend.distro.arch
    const fitting = (other: string) =>
      ['', 'noarch', 'src', arch].includes(other) || (arch === 'x86_64' && ['i386', 'i686'].includes(other))
    return viewItems(
      context,
      'repo',
      catalog.list('repo').filter((repo) => fitting(repo.arch)),
    )
  },
}

export const choiceMethods: readonly Method[] = [
  getSignatures,
  getValidBreeds,
  getValidArchs,
  getValidVersions,
  getValidVersionsForBreed,
  ...bootLoaders,
  getRandomMac,
  getReposForProfile,
]
