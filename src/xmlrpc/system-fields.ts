/** The fields of a system: one line each, those of Cobbler 2.8 and of 3.3 together. */

import { OrchestraError } from '../model/errors.ts'
import { INHERIT } from '../model/item.ts'
import type { Interface, PowerSettings, System } from '../model/system.ts'
import { emptyInterface } from '../model/system.ts'
import { derived, type Field, field, kept, own } from './field.ts'
import { findInterfaceField, interfaceFields } from './interface-fields.ts'
import { commonFields, KERNEL_OPTIONS, KERNEL_OPTIONS_POST, META } from './item-fields.ts'
import { flag, type Kind, list, number, options, text } from './kinds.ts'
import { isStruct, type Struct, toJson, type Value } from './value.ts'

function power(name: string, key: keyof PowerSettings, extras: { isSecret?: boolean } = {}): Field<System> {
  return field<System>(name, text, extras, {
    read: (system) => system.power[key],
    write: (system, value) => ({ ...system, power: { ...system.power, [key]: value } }),
  })
}

/** Juju reads `ks_meta` as a struct and `mgmt_classes` as an array, always: inherited is the same as nothing of its own. */
function orNone(
  key: 'kernelOptions' | 'kernelOptionsPost' | 'meta' | 'mgmtClasses' | 'nameServers' | 'nameServersSearch',
  none: Value,
) {
  return { show: (system: System): Value => (system[key] === INHERIT ? none : (system[key] as Value)) }
}

/** All interfaces at once: a struct of structs. */
const whole: Kind = { parse: (value) => toJson(value), matcher: () => () => false, none: {} }
const interfaces: Field<System> = {
  ...field<System>('interfaces', whole, {}, { read: () => ({}), write: (system) => system }),
  show: (system) =>
    Object.fromEntries(Object.entries(system.interfaces).map(([name, nic]) => [name, showInterface(nic)])),
  write: (system, value) => ({ ...system, interfaces: readInterfaces(value) }),
}

function showInterface(nic: Interface): Struct {
  return Object.fromEntries(interfaceFields.flatMap(({ names, read }) => names.map((name) => [name, read(nic)])))
}

function readInterfaces(value: Value): Record<string, Interface> {
  if (!isStruct(value)) throw notInterfaces()
  const entries = Object.entries(value).map(([name, fields]): [string, Interface] => {
    if (!isStruct(fields)) throw notInterfaces()
    let nic = emptyInterface()
    for (const [key, one] of Object.entries(fields)) nic = findInterfaceField(key)?.write(nic, one) ?? nic
    return [checkInterfaceName(name), nic]
  })
  return Object.fromEntries(entries)
}

function notInterfaces(): OrchestraError {
  return new OrchestraError('item.invalid', 'interfaces must be a struct of structs, by interface name', {
    field: 'interfaces',
  })
}

/** Also keeps names out that mean something to JavaScript objects. */
export function checkInterfaceName(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,63}$/.test(name)) {
    throw new OrchestraError('item.invalid', `invalid interface name: '${name}'`, { field: 'interfaces' })
  }
  return name
}

export const systemFields: readonly Field<System>[] = [
  ...commonFields<System>(),
  own('profile', text, 'profile', { show: ({ profile }) => profile || null }),
  own('image', text, 'image', { show: ({ image }) => image || null }),
  own('status', text, 'status'),
  own('netboot_enabled', flag, 'netbootEnabled', { aliases: ['netboot-enabled'] }),
  own('kernel_options', options, 'kernelOptions', { ...KERNEL_OPTIONS, ...orNone('kernelOptions', {}) }),
  own('kernel_options_post', options, 'kernelOptionsPost', {
    ...KERNEL_OPTIONS_POST,
    ...orNone('kernelOptionsPost', {}),
  }),
  own('ks_meta autoinstall_meta', options, 'meta', { ...META, ...orNone('meta', {}) }),
  own('mgmt_classes', list, 'mgmtClasses', orNone('mgmtClasses', [])),
  own('autoinstall kickstart', text, 'autoinstall', { inherits: true }),
  own('server', text, 'server', { inherits: true }),
  own('hostname', text, 'hostname'),
  own('gateway', text, 'gateway'),
  own('name_servers', list, 'nameServers', { inherits: true, ...orNone('nameServers', []) }),
  own('name_servers_search', list, 'nameServersSearch', { inherits: true, ...orNone('nameServersSearch', []) }),
  power('power_type', 'type'),
  power('power_address', 'address'),
  power('power_user', 'user'),
  power('power_pass', 'pass', { isSecret: true }),
  power('power_id', 'id'),
  power('power_options', 'options'),
  interfaces,
  kept('power_identity_file', text, ''),
  kept('mgmt_parameters', options, INHERIT),
  kept('enable_ipxe enable_gpxe', flag, INHERIT),
  kept('proxy', text, INHERIT),
  kept('virt_path', text, INHERIT),
  kept('virt_type', text, INHERIT),
  kept('virt_cpus', number, INHERIT),
  kept('virt_file_size', number, INHERIT),
  kept('virt_disk_driver', text, INHERIT),
  kept('virt_ram', number, INHERIT),
  kept('virt_auto_boot', flag, INHERIT),
  kept('virt_pxe_boot', flag, false),
  kept('ipv6_default_device', text, ''),
  kept('ipv6_autoconfiguration', flag, false),
  kept('redhat_management_key', text, INHERIT, { isSecret: true }),
  kept('redhat_management_server', text, INHERIT),
  kept('template_remote_kickstarts', flag, false),
  kept('repos_enabled', flag, false),
  kept('ldap_enabled', flag, false),
  kept('ldap_type', text, INHERIT),
  kept('monit_enabled', flag, false),
  own('boot_loaders', list, 'bootLoaders', { inherits: true }),
  kept('next_server_v4', text, INHERIT, { aliases: ['next_server'] }),
  kept('next_server_v6', text, INHERIT),
  own('filename', text, 'filename', { inherits: true }),
  kept('serial_device', number, -1),
  kept('serial_baud_rate', number, -1),
  derived('depth', number, () => 2),
  derived('is_subobject', flag, () => false),
  kept('parent', text, ''),
]
