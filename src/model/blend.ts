/**
 * Inheritance, resolved once and only here: settings ← distro ← profile and its parents ← system.
 *
 * Options merge key by key and the child wins; a key `!name` takes an inherited `name` away; lists concatenate without
 * repeats; other values override (Cobbler's rules, found on 2.8.5 and 3.3.7).
 */
import type { Distro } from './distro.ts'
import { INHERIT, type Inheritable, type Options } from './item.ts'
import type { Profile } from './profile.ts'
import type { System } from './system.ts'

/** How a blend finds the objects that others name. */
export interface Parents {
  profile(name: string): Profile | undefined
  distro(name: string): Distro | undefined
}

/** What `<<inherit>>` means at the top of the chain. */
export interface BlendDefaults {
  /** What nodes are told to fetch from: host or host:port. */
  readonly server: string
  /** Flavor of preseed: a file name below preseeds/. */
  readonly autoinstall: string
  readonly nameServers: readonly string[]
  readonly nameServersSearch: readonly string[]
  readonly owners: readonly string[]
  /** Where installers send their syslog; undefined: nowhere. */
  readonly syslog?: ToldServer | undefined
  /** Through what installers fetch packages: ours, or the URL of another's; undefined: nothing. */
  readonly proxy?: ToldServer | string | undefined
}

/** A server of ours beside the one that machines fetch from. */
export interface ToldServer {
  /** Undefined: the host that they fetch from. */
  readonly host: string | undefined
  readonly port: number
}

export interface Blend {
  readonly ok: true
  /** Undefined when a profile was blended on its own. */
  readonly system: System | undefined
  readonly profile: Profile
  /** The profile and its ancestors, the oldest first. */
  readonly profiles: readonly Profile[]
  readonly distro: Distro
  readonly kernelOptions: Options
  readonly kernelOptionsPost: Options
  readonly meta: Options
  readonly mgmtClasses: readonly string[]
  readonly owners: readonly string[]
  readonly autoinstall: string
  readonly nameServers: readonly string[]
  readonly nameServersSearch: readonly string[]
  readonly server: string
  /** In the order in which they are wanted; empty: the setting's. */
  readonly bootLoaders: readonly string[]
  /** Empty: the loader's. */
  readonly filename: string
  readonly syslog?: ToldServer | undefined
  readonly proxy?: ToldServer | string | undefined
}

/** A sentence that names what is missing and what to do. */
export interface Unresolved {
  readonly ok: false
  readonly because: string
}

export function blendSystem(system: System, parents: Parents, defaults: BlendDefaults): Blend | Unresolved {
  if (system.profile === '') return unresolved(`system ${system.name} has no profile; set one to install it`)
  const chain = chainOf(system.profile, `system ${system.name}`, parents)
  if (!chain.ok) return chain
  return { ...blendChain(chain, defaults, system), system }
}

export function blendProfile(profile: Profile, parents: Parents, defaults: BlendDefaults): Blend | Unresolved {
  const chain = chainOf(profile.name, 'this request', parents)
  if (!chain.ok) return chain
  return { ...blendChain(chain, defaults, undefined), system: undefined }
}

interface Chain {
  readonly ok: true
  readonly distro: Distro
  /** Oldest ancestor first. */
  readonly profiles: readonly [Profile, ...Profile[]]
}

function chainOf(name: string, asker: string, parents: Parents): Chain | Unresolved {
  const profiles: Profile[] = []
  let wanted = name
  let child = asker
  while (true) {
    const profile = parents.profile(wanted)
    if (!profile) return unresolved(`profile "${wanted}" of ${child} does not exist; add it or choose another`)
    if (profiles.some(({ name }) => name === profile.name))
      return unresolved(`profile "${wanted}" is its own ancestor; change its parent`)
    profiles.unshift(profile)
    if (profile.parent === '') break
    child = `profile ${profile.name}`
    wanted = profile.parent
  }
  const [root, ...rest] = profiles
  if (!root) return unresolved(`profile "${name}" does not exist`)
  // A sub-profile may name a distro of its own: the nearest one counts.
  const distroName = profiles.findLast((profile) => profile.distro !== '' && profile.distro !== INHERIT)?.distro ?? ''
  const distro = parents.distro(distroName)
  if (!distro)
    return unresolved(
      `distro "${distroName}" of profile ${root.name} does not exist; add or import it, or choose another`,
    )
  return { ok: true, distro, profiles: [root, ...rest] }
}

type Blended = Omit<Blend, 'system'>

function blendChain({ distro, profiles }: Chain, defaults: BlendDefaults, system: System | undefined): Blended {
  const levels = system ? [...profiles, system] : profiles
  const last = profiles.at(-1) ?? profiles[0]
  return {
    ok: true,
    profile: last,
    profiles,
    distro,
    kernelOptions: mergeOptions([distro.kernelOptions, ...levels.map((level) => level.kernelOptions)]),
    kernelOptionsPost: mergeOptions([distro.kernelOptionsPost, ...levels.map((level) => level.kernelOptionsPost)]),
    meta: mergeOptions([distro.meta, ...levels.map((level) => level.meta)]),
    mgmtClasses: mergeLists([distro.mgmtClasses, ...levels.map((level) => level.mgmtClasses)], []),
    owners: mergeLists([distro.owners, ...levels.map((level) => level.owners)], defaults.owners),
    autoinstall: lastOf(
      levels.map((level) => level.autoinstall),
      defaults.autoinstall,
    ),
    nameServers: mergeLists(
      levels.map((level) => level.nameServers),
      defaults.nameServers,
    ),
    nameServersSearch: mergeLists(
      levels.map((level) => level.nameServersSearch),
      defaults.nameServersSearch,
    ),
    server: lastOf(
      levels.map((level) => level.server),
      defaults.server,
    ),
    bootLoaders: nearest([distro, ...levels].map((level) => level.bootLoaders)),
    filename: lastOf(
      levels.map((level) => level.filename),
      '',
    ),
    syslog: defaults.syslog,
    proxy: defaults.proxy,
  }
}

export function mergeOptions(levels: readonly Inheritable<Options>[]): Options {
  const merged = new Map<string, Options[string]>()
  for (const level of levels) {
    if (level === INHERIT) continue
    for (const [key, value] of Object.entries(level)) {
      if (key.startsWith('!')) merged.delete(key.slice(1))
      else merged.set(key, value)
    }
  }
  return Object.fromEntries(merged)
}

function mergeLists(levels: readonly Inheritable<readonly string[]>[], fallback: readonly string[]): readonly string[] {
  const said = levels.filter((level) => level !== INHERIT)
  const all = said.flat()
  return all.length === 0 ? fallback : [...new Set(all)]
}

/** A choice, not a sum: the nearest level that says something. */
function nearest(levels: readonly Inheritable<readonly string[]>[]): readonly string[] {
  const said = levels.findLast((level) => level !== INHERIT && level.length > 0)
  return said === undefined || said === INHERIT ? [] : said
}

function lastOf(levels: readonly Inheritable<string>[], fallback: string): string {
  return levels.findLast((level) => level !== INHERIT && level !== '') ?? fallback
}

function unresolved(because: string): Unresolved {
  return { ok: false, because }
}
