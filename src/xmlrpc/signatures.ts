/**
 * Breeds and their versions, as clients list them. Orchestra takes any word in a distro; what it can install by itself are
 * the Debian-like ones.
 */
import type { Struct } from './value.ts'

export const ARCHITECTURES: readonly string[] = [
  'i386',
  'x86_64',
  'ia64',
  'ppc',
  'ppc64',
  'ppc64le',
  'ppc64el',
  's390',
  's390x',
  'arm',
  'aarch64',
]

const words = (text: string): readonly string[] => text.split(' ')

export const BREEDS: Readonly<Record<string, readonly string[]>> = {
  debian: words('squeeze wheezy jessie stretch buster bullseye bookworm trixie forky sid testing stable'),
  ubuntu: words(
    'lucid oneiric precise quantal raring saucy trusty xenial bionic focal jammy noble oracular plucky questing resolute',
  ),
  freebsd: words('10 11 12 13 14'),
  generic: words('generic24 generic26'),
  nexenta: words('3 4'),
  redhat: words(
    'rhel4 rhel5 rhel6 rhel7 rhel8 rhel9 rhel10 fedora38 fedora39 fedora40 fedora41 fedora42 rawhide cloudlinux6 virtio26',
  ),
  suse: words('sles11generic sles12generic sles15generic opensuse15.5 opensuse15.6 opensusetumbleweed'),
  unix: words('solaris'),
  vmware: words('esxi51 esxi55 esxi60 esxi65 esxi67 esxi70 esxi80'),
  windows: words('2012 2016 2019 2022 XP 7 8 10 11'),
  xen: words('xenserver620 xenserver650 xcp-ng'),
}

export function signatures(): Struct {
  const breeds = Object.entries(BREEDS).map(([breed, versions]) => [
    breed,
    Object.fromEntries(versions.map((version) => [version, signatureOf(breed)])),
  ])
  return { breeds: Object.fromEntries(breeds) }
}

function signatureOf(breed: string): Struct {
  const isDebianLike = breed === 'debian' || breed === 'ubuntu'
  return {
    signatures: [],
    version_file: isDebianLike ? 'Release' : '',
    version_file_regex: null,
    supported_arches: isDebianLike ? ['i386', 'x86_64', 'aarch64'] : ['x86_64'],
    supported_repo_breeds: isDebianLike ? ['apt'] : ['rsync', 'yum'],
    kernel_file: isDebianLike ? 'linux' : 'vmlinuz',
    initrd_file: isDebianLike ? 'initrd.gz' : 'initrd.img',
    isolinux_ok: false,
    default_autoinstall: isDebianLike ? 'default.seed' : '',
    kernel_options: '',
    kernel_options_post: '',
    boot_files: [],
    boot_loaders: {},
  }
}
