/** Objects after inheritance: get_<type>_as_rendered and its old name for koan, get_blended_data, get_item_resolved_value. */
import { ITEM_TYPES, type ItemType } from '../../model/items.ts'
import { cobblerFault, Fault } from '../fault.ts'
import { type Context, family, type Method, maySeeSecrets, nameOrNone, textArg } from '../method.ts'
import { blendOf, renderItem, resolveItem } from '../rendered.ts'
import type { Struct, Value } from '../value.ts'
import { viewItem } from '../view.ts'

const rendered = (nameOf: (type: string) => string): readonly Method[] =>
  family(nameOf, (type) => ({
    auth: 'read',
    params: ['name', 'token'],
    required: 1,
    call: (context, args) => {
      const item = context.catalog.get(type, textArg(args, 0, 'name'))
      if (!item) return {}
      const whole = renderItem(context, type, item)
      return type === 'system' ? { ...whole, ...ofSystem(context, textArg(args, 0, 'name')) } : whole
    },
  }))

/** What Cobbler adds for those that act on a system: its boot config, and its management classes with all that is in them. */
function ofSystem(context: Context, name: string): Struct {
  const { catalog, cobbler } = context
  const system = catalog.get('system', name)
  const blend = system && blendOf(context, 'system', system)
  if (!blend) return {}
  const classes = blend.mgmtClasses.flatMap((word): [string, Value][] => {
    const found = catalog.get('mgmtclass', word)
    return found ? [[word, viewItem(context, 'mgmtclass', found, { flatten: false, resolved: false })]] : []
  })
  return { 'pxelinux.cfg': cobbler.texts.pxelinux({ type: 'system', name }), mgmt_classes: Object.fromEntries(classes) }
}

const getBlendedData: Method = {
  name: 'get_blended_data',
  auth: 'read',
  params: ['profile', 'system', 'token'],
  required: 0,
  call: (context, args) => {
    const [profile, system] = [nameOrNone(args, 0), nameOrNone(args, 1)]
    if (profile !== '') return blended(context, 'profile', profile)
    if (system !== '') return blended(context, 'system', system)
    throw cobblerFault('internal error, no system or profile specified')
  },
}

function blended(context: Context, type: 'profile' | 'system', name: string): Struct {
  const item = context.catalog.get(type, name)
  if (!item) throw cobblerFault(`${type} not found: ${name}`)
  return renderItem(context, type, item)
}

const getResolvedValue: Method = {
  name: 'get_item_resolved_value',
  auth: 'read',
  params: ['item_uuid', 'attribute', 'token'],
  required: 2,
  call: (context, args) => {
    const uid = textArg(args, 0, 'item_uuid')
    const attribute = textArg(args, 1, 'attribute')
    const [type, shown] = byUid(context, uid)
    if (!Object.hasOwn(shown, attribute)) {
      throw new Fault(`<class 'AttributeError'>:Attribute "${attribute}" did not exist on item type "${type}".`)
    }
    return shown[attribute] ?? null
  },
}

function byUid(context: Context, uid: string): readonly [ItemType, Struct] {
  for (const type of ITEM_TYPES) {
    const item = context.catalog.byUid(type, uid)
    if (item) return [type, resolveItem(context, type, item)]
  }
  throw new Fault(`<class 'ValueError'>:Item with uid "${uid}" does not exist!`)
}

/** Broken in 3.3.7, where it answers nothing. */
const dumpVars: Method = {
  name: 'dump_vars',
  auth: 'read',
  params: ['item_uuid', 'formatted_output', 'remove_dicts', 'token'],
  required: 1,
  call: (context, args) => {
    const uid = textArg(args, 0, 'item_uuid')
    for (const type of ITEM_TYPES) {
      const item = context.catalog.byUid(type, uid)
      if (!item) continue
      const whole = renderItem(context, type, item)
      return args[1] === true ? formatted(whole) : whole
    }
    throw new Fault(`<class 'ValueError'>:Item with uid "${uid}" does not exist!`)
  },
}

function formatted(whole: Struct): string {
  const names = Object.keys(whole).sort()
  return names.map((name) => `${name} : ${JSON.stringify(whole[name])}\n`).join('')
}

/** Of the machine that has this name in DNS, on one of its interfaces; Puppet and its like ask so. */
const findByDnsName: Method = {
  name: 'find_system_by_dns_name',
  auth: 'read',
  params: ['dns_name', 'token'],
  required: 1,
  call: (context, args) => {
    const found = systemByDnsName(context, textArg(args, 0, 'dns_name'))
    return found ? { ...renderItem(context, 'system', found), ...ofSystem(context, found.name) } : {}
  },
}

function systemByDnsName({ catalog }: Context, name: string) {
  const wanted = name.toLowerCase()
  if (wanted === '') return undefined
  return catalog
    .list('system')
    .find(({ interfaces }) => Object.values(interfaces).some(({ dnsName }) => dnsName.toLowerCase() === wanted))
}

/** For koan's configuration mode: JSON in a string. */
const getConfigData: Method = {
  name: 'get_config_data',
  auth: 'read',
  params: ['hostname', 'token'],
  required: 1,
  call: (context, args) => {
    const hostname = textArg(args, 0, 'hostname')
    const { catalog } = context
    const system = [...catalog.having('system', 'name', hostname)][0] ?? systemByHostname(context, hostname)
    const blend = system && blendOf(context, 'system', system)
    if (!blend) return '{}'
    const classes = blend.mgmtClasses.flatMap((word) => catalog.get('mgmtclass', word) ?? [])
    const show = (type: 'package' | 'file', names: Value | undefined) =>
      (Array.isArray(names) ? names : []).flatMap((name) => {
        const found = catalog.get(type, String(name))
        return found ? [viewItem(context, type, found, { flatten: false, resolved: false })] : []
      })
    const secrets = maySeeSecrets(context)
    return JSON.stringify({
      repo_data: '',
      repos_enabled: system.other['repos_enabled'] === true,
      ldap_data: '',
      monit_enabled: system.other['monit_enabled'] === true,
      packages: Object.fromEntries(classes.flatMap(({ other }) => named(show('package', other['packages'])))),
      files: Object.fromEntries(classes.flatMap(({ other }) => named(show('file', other['files'])))),
      ...(secrets && { mgmt_parameters: system.other['mgmt_parameters'] ?? {} }),
    })
  },
}

const named = (items: readonly Struct[]) => items.map((item) => [String(item['name']), item] as const)

function systemByHostname({ catalog }: Context, hostname: string) {
  return hostname === '' ? undefined : catalog.list('system').find((system) => system.hostname === hostname)
}

export const renderedMethods: readonly Method[] = [
  ...rendered((type) => `get_${type}_as_rendered`),
  ...rendered((type) => `get_${type}_for_koan`),
  getBlendedData,
  getResolvedValue,
  dumpVars,
  findByDnsName,
  getConfigData,
]
