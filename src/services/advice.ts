/** What would keep machines from booting or installing, or lets strangers in: each a sentence that says how to mend it. */
import { fileExists } from '../lib/files.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { macsOf, type System } from '../model/system.ts'
import { trustsAnyone } from '../power/http/trust.ts'
import type { Catalog } from './catalog.ts'
import { findLoader } from './loaders.ts'

export interface AdviceOptions {
  readonly catalog: Pick<Catalog, 'list'>
  readonly blendSystem: (system: System) => Blend | Unresolved
  /** The file names of the loaders that machines are sent first, by this server's configuration. */
  readonly loaders: readonly string[]
  /** Where a site's own loaders are. */
  readonly bootRoot: string
  /** Of each subnet that DHCP serves. */
  readonly subnets: number
  readonly dhcp: boolean
  /** Whether there is a preseed or a template of this name. */
  readonly hasPreseed: (name: string) => boolean
  /** Who was never installed and is sent to its disk all the same. */
  readonly wasInstalled: (system: string) => boolean
  readonly anonymousReads: boolean
  /** Machines that need a person, a sentence each. */
  readonly attention: readonly string[]
}

/** Of one kind only so many are told one by one. */
const MOST_OF_A_KIND = 20

/** What power controllers are shipped with, and people leave. */
const SHIPPED = new Set(
  'admin ADMIN administrator Administrator root password Password password1 passw0rd PASSW0RD changeme calvin superuser cobbler default 1234 123456 0penBmc'.split(
    ' ',
  ),
)

export function giveAdvice(options: AdviceOptions): string[] {
  const { catalog } = options
  return [
    ...ofServer(options),
    ...few(
      catalog
        .list('distro')
        .flatMap(({ name, kernel, initrd }) =>
          [kernel, initrd]
            .filter((path) => path !== '' && !fileExists(path))
            .map((path) => `distro ${name}: ${path} is not on this server; import it again, or edit the distro`),
        ),
      'distros lack their kernel or initrd',
    ),
    ...few(
      catalog.list('profile').flatMap(({ name, autoinstall }) => {
        const isThere = autoinstall === '' || autoinstall === '<<inherit>>' || options.hasPreseed(autoinstall)
        return isThere ? [] : [`profile ${name}: there is no preseed "${autoinstall}"; add it, or choose another`]
      }),
      'profiles lack their preseed',
    ),
    ...ofSystems(options),
    ...few(options.attention, 'systems need a person; orchestra attention tells of all'),
  ]
}

function ofServer({ dhcp, subnets, loaders, bootRoot, anonymousReads }: AdviceOptions): string[] {
  const missing = loaders.flatMap((name) => {
    const loader = findLoader(name)
    const isThere = [`${bootRoot}/${name}`, ...(loader?.paths ?? [])].some(fileExists)
    return isThere ? [] : [{ name, debian: loader?.debian }]
  })
  return [
    ...(dhcp
      ? []
      : [
          subnets === 0
            ? 'DHCP is off: machines find this server only through another DHCP server; list what it shall serve in dhcp.subnets'
            : 'DHCP is off though subnets are listed: start as root, on a host with an address in one of them',
        ]),
    ...missing.map(
      ({ name, debian }) =>
        `the loader ${name} is not installed: apt-get install ${debian ?? 'its package'}, or put it into ${bootRoot}`,
    ),
    ...(anonymousReads
      ? ['cobbler.anonymous_reads is on: whoever reaches this server can read all but secrets without a password']
      : []),
  ]
}

function ofSystems({ catalog, blendSystem, hasPreseed, wasInstalled }: AdviceOptions): string[] {
  const [noMac, unresolved, noPreseed, never, shipped, unverified]: string[][] = [[], [], [], [], [], []]
  for (const system of catalog.list('system')) {
    const { name, autoinstall, netbootEnabled, power } = system
    if (macsOf(system).length === 0) {
      noMac?.push(`system ${name} has no MAC address: it cannot be recognized; set mac_address of an interface`)
    }
    const blend = blendSystem(system)
    if (!blend.ok) unresolved?.push(`system ${name} cannot be installed: ${blend.because}`)
    if (autoinstall !== '' && autoinstall !== '<<inherit>>' && !hasPreseed(autoinstall)) {
      noPreseed?.push(`system ${name}: there is no preseed "${autoinstall}"; add it, or choose another`)
    }
    if (!netbootEnabled && !wasInstalled(name)) {
      never?.push(
        `system ${name} was never installed from here and goes to its disk: set netboot_enabled to install it at its next boot`,
      )
    }
    if (SHIPPED.has(power.pass)) {
      shipped?.push(
        `system ${name} has a power password that everybody knows: change it on the machine, then here in power_pass`,
      )
    }
    if (trustsAnyone(power.options)) {
      unverified?.push(
        `system ${name} tells its power password to whoever answers (insecure in power_options): pin the certificate with fingerprint=sha256:…`,
      )
    }
  }
  return [
    ...few(noMac ?? [], 'systems have no MAC address'),
    ...few(unresolved ?? [], 'systems cannot be installed'),
    ...few(noPreseed ?? [], 'systems lack their preseed'),
    ...few(never ?? [], 'systems were never installed and go to their disk'),
    ...few(shipped ?? [], 'systems have a power password that everybody knows'),
    ...few(unverified ?? [], 'systems tell their power password to whoever answers'),
  ]
}

function few(sentences: readonly string[], what: string): string[] {
  if (sentences.length <= MOST_OF_A_KIND) return [...sentences]
  return [...sentences.slice(0, MOST_OF_A_KIND), `and ${sentences.length - MOST_OF_A_KIND} more ${what}`]
}
