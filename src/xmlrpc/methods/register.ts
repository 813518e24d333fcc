/** register_new_system(info): a machine makes itself known. Off until `register_new_installs` is set. */
import { asMac, type Mac } from '../../model/address.ts'
import { emptyInterface, type Interface } from '../../model/system.ts'
import { cobblerFault } from '../fault.ts'
import { findInterfaceField } from '../interface-fields.ts'
import { type Context, type Method, structArg } from '../method.ts'
import { checkInterfaceName } from '../system-fields.ts'
import { isStruct, type Struct, type Value } from '../value.ts'

const registerNewSystem: Method = {
  name: 'register_new_system',
  auth: 'none',
  params: ['info', 'token'],
  required: 1,
  call: async (context, args) => {
    if (!context.cobbler.settings.isOn('register_new_installs')) {
      throw cobblerFault('registration is disabled in cobbler settings')
    }
    await register(context, structArg(args, 0, 'info'))
    return 0
  },
}

/** As many interfaces as a machine can have; more are somebody's joke. */
const MOST_INTERFACES = 64

async function register(context: Context, info: Struct): Promise<void> {
  const { catalog } = context
  const [name, profile, hostname] = [word(info['name']), word(info['profile']), word(info['hostname'])]
  if (name === '') throw cobblerFault('no system name submitted')
  if (profile === '') throw cobblerFault('profile not submitted')
  const given = info['interfaces']
  const entries = given !== undefined && isStruct(given) ? Object.entries(given) : []
  if (entries.length === 0) throw cobblerFault('no interfaces submitted')
  if (entries.length > MOST_INTERFACES) throw cobblerFault('too many interfaces submitted')
  if (catalog.get('system', name)) throw cobblerFault('system name conflicts')
  if (hostname !== '' && catalog.list('system').some((system) => system.hostname === hostname)) {
    throw cobblerFault('hostname conflicts')
  }
  if (!catalog.get('profile', profile)) throw cobblerFault(`profile not found: ${profile}`)
  const interfaces = Object.fromEntries(
    entries.map(([nic, fields]) => [checkInterfaceName(nic), read(context, nic, fields)]),
  )
  // It has installed itself already, or somebody else did: its next boot must not install it again.
  const draft = { ...catalog.draft('system'), name, profile, hostname, interfaces, netbootEnabled: false }
  await catalog.save('system', draft)
}

function read({ catalog }: Context, name: string, fields: Value): Interface {
  const given = isStruct(fields) ? fields : {}
  const mac = word(given['mac_address'])
  if (mac === '') throw cobblerFault(`missing MAC address for interface ${name}`)
  const known = asMac(mac)
  if (known && catalog.systemByMac(known as Mac)) throw cobblerFault(`mac conflict: ${mac}`)
  const ip = word(given['ip_address'])
  if (ip !== '' && ip !== '?' && catalog.systemByIp(ip as Parameters<typeof catalog.systemByIp>[0])) {
    throw cobblerFault(`ip conflict: ${ip}`)
  }
  return (['mac_address', 'ip_address', 'netmask'] as const).reduce((nic, field) => {
    const value = word(given[field])
    // What a machine does not know about itself, it sends as a question mark.
    return value === '' || value === '?' ? nic : (findInterfaceField(field)?.write(nic, value) ?? nic)
  }, emptyInterface())
}

function word(value: Value | undefined): string {
  return typeof value === 'string' && value !== '~' ? value.trim() : ''
}

export const registerMethods: readonly Method[] = [registerNewSystem]
