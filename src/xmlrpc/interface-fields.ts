/** The 23 fields of an interface, and how `<field>-<interface>` finds its field. */
import type { Interface } from '../model/system.ts'
import { type Field, kept, own } from './field.ts'
import { flag, ipv4, list, mac, text } from './kinds.ts'

export const interfaceFields: readonly Field<Interface>[] = [
  own('mac_address', mac, 'macAddress'),
  own('ip_address', ipv4, 'ipAddress'),
  own('netmask', text, 'netmask', { aliases: ['subnet'] }),
  own('if_gateway', text, 'gateway'),
  own('dns_name', text, 'dnsName'),
  own('static', flag, 'static'),
  own('management', flag, 'management'),
  own('mtu', text, 'mtu'),
  kept('bonding_opts', text, ''),
  kept('bridge_opts', text, ''),
  kept('cnames', list, []),
  kept('connected_mode', flag, false),
  kept('dhcp_tag', text, ''),
  kept('interface_master', text, '', { aliases: ['bondingmaster'] }),
  kept('interface_type', text, 'na', { aliases: ['bonding'] }),
  kept('ipv6_address', text, ''),
  kept('ipv6_default_gateway', text, ''),
  kept('ipv6_mtu', text, ''),
  kept('ipv6_prefix', text, ''),
  kept('ipv6_secondaries', list, []),
  kept('ipv6_static_routes', list, []),
  kept('static_routes', list, []),
  kept('virt_bridge', text, ''),
]

const byWord = new Map(
  interfaceFields.flatMap((field) => [...field.names, ...field.aliases].map((name) => [wordOf(name), field] as const)),
)

/** Underscores make no difference: scripts write `macaddress` and `mac_address`. */
export function findInterfaceField(name: string): Field<Interface> | undefined {
  return byWord.get(wordOf(name))
}

function wordOf(name: string): string {
  return name.replaceAll('_', '')
}
