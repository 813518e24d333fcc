/**
 * Where each value of a blend comes from: the level that has set it last. By blend.ts's rules, and held against them by a
 * property: the same keys, and at its origin the same value.
 */
import type { Blend } from './blend.ts'
import { INHERIT, type Inheritable, type Options } from './item.ts'

export interface Level {
  /** `setting`: no object says it, so the configuration does. */
  readonly kind: 'distro' | 'profile' | 'system' | 'setting'
  /** Of the object; empty for a setting. */
  readonly name: string
}

type ByKey = ReadonlyMap<string, Level>

export interface BlendOrigins {
  readonly kernelOptions: ByKey
  readonly kernelOptionsPost: ByKey
  readonly meta: ByKey
  /** By value: who was the first to say it. */
  readonly mgmtClasses: ByKey
  readonly owners: ByKey
  readonly nameServers: ByKey
  readonly nameServersSearch: ByKey
  readonly autoinstall: Level
  readonly server: Level
  readonly bootLoaders: Level
  readonly filename: Level
}

const SETTING: Level = { kind: 'setting', name: '' }

export function originsOf({ distro, profiles, system, ...blend }: Blend): BlendOrigins {
  const bottom = { level: { kind: 'distro', name: distro.name } as const, item: distro }
  const upper = [
    ...profiles.map((item) => ({ level: { kind: 'profile', name: item.name } as const, item })),
    ...(system ? [{ level: { kind: 'system', name: system.name } as const, item: system }] : []),
  ]
  const all = [bottom, ...upper]
  const options = (key: 'kernelOptions' | 'kernelOptionsPost' | 'meta') =>
    ofOptions(all.map(({ level, item }) => [level, item[key]]))
  const lists = <Key extends 'nameServers' | 'nameServersSearch'>(key: Key) =>
    ofLists(
      upper.map(({ level, item }) => [level, item[key]]),
      blend[key],
    )
  const whole = <Key extends 'mgmtClasses' | 'owners'>(key: Key) =>
    ofLists(
      all.map(({ level, item }) => [level, item[key]]),
      blend[key],
    )
  const word = (key: 'autoinstall' | 'server' | 'filename') =>
    upper.findLast(({ item }) => item[key] !== INHERIT && item[key] !== '')?.level ?? SETTING

  return {
    kernelOptions: options('kernelOptions'),
    kernelOptionsPost: options('kernelOptionsPost'),
    meta: options('meta'),
    mgmtClasses: whole('mgmtClasses'),
    owners: whole('owners'),
    nameServers: lists('nameServers'),
    nameServersSearch: lists('nameServersSearch'),
    autoinstall: word('autoinstall'),
    server: word('server'),
    bootLoaders:
      all.findLast(({ item: { bootLoaders } }) => bootLoaders !== INHERIT && bootLoaders.length > 0)?.level ?? SETTING,
    filename: word('filename'),
  }
}

type Said<Value> = readonly (readonly [Level, Inheritable<Value>])[]

function ofOptions(said: Said<Options>): ByKey {
  const found = new Map<string, Level>()
  for (const [level, options] of said) {
    if (options === INHERIT) continue
    for (const key of Object.keys(options)) {
      if (key.startsWith('!')) found.delete(key.slice(1))
      else found.set(key, level)
    }
  }
  return found
}

function ofLists(said: Said<readonly string[]>, values: readonly string[]): ByKey {
  return new Map(
    values.map((value) => {
      const first = said.find(([, list]) => list !== INHERIT && list.includes(value))
      return [value, first?.[0] ?? SETTING]
    }),
  )
}
