/**
 * `orchestra devenv setup`: the lab's machines become systems of a running Orchestra (or Cobbler), by the calls that the
 * devenv of 2011 made for it, in their order.
 */
import { isStruct, type Value } from '../src/xmlrpc/value.ts'
import type { LabLogin, Say } from './backend.ts'
import { CLASSES } from './nodes.ts'
import type { LabNode, PowerOfYourOwn } from './settings.ts'
import { type Call, xmlRpcClient } from './xmlrpc-client.ts'

export interface SetupNeeds {
  readonly login: LabLogin
  readonly nodes: readonly LabNode[]
  readonly powerOf: (node: LabNode) => Promise<PowerOfYourOwn>
  readonly profile: string
  readonly say: Say
}

/** Machines that are registered already are registered anew. @throws Error with the first refusal */
export async function setUp({ login, nodes, powerOf, profile, say }: SetupNeeds): Promise<void> {
  const call = xmlRpcClient(login.url)
  const token = await call('login', login.user, login.password)
  for (const node of nodes) {
    const isKnown = await forget(call, node.name, token)
    const handle = await call('new_system', token)
    for (const [field, value] of fieldsOf(node, profile, await powerOf(node))) {
      const isTaken = await call('modify_system', handle, field, value, token)
      if (isTaken !== true) throw new Error(`${login.url} did not take ${field} of ${node.name}`)
    }
    if ((await call('save_system', handle, token)) !== true) throw new Error(`${login.url} did not save ${node.name}`)
    say(`${node.name} is registered${isKnown ? ' anew' : ''}: ${node.mac}, ${node.ip}, profile ${profile}`)
  }
}

/** Away with an old one of that name; answers whether there was one. */
async function forget(call: Call, name: string, token: Value): Promise<boolean> {
  const found = await call('find_system', { name })
  if (!Array.isArray(found) || found.length === 0) return false
  await call('remove_system', name, token)
  await call('update')
  return true
}

function fieldsOf({ name, mac, ip }: LabNode, profile: string, power: PowerOfYourOwn): readonly [string, Value][] {
  return [
    ['name', name],
    ['hostname', name],
    ['power_address', power.address],
    ['power_id', power.id || name],
    ['power_type', power.type],
    ...(power.user === '' ? [] : [['power_user', power.user] as [string, Value]]),
    ['profile', profile],
    ['netboot_enabled', true],
    ['modify_interface', { 'macaddress-eth0': mac, 'ipaddress-eth0': ip, 'static-eth0': true }],
    ['mgmt_classes', [CLASSES.available]],
  ]
}

/** What a server has, as the `api-list` of 2011 printed it. */
export async function listAll({ url, user, password }: LabLogin, say: Say): Promise<void> {
  const call = xmlRpcClient(url)
  await call('login', user, password)
  const rows = async (method: string) => {
    const answer = await call(method)
    return Array.isArray(answer) ? answer.filter((one: Value) => one !== null && isStruct(one)) : []
  }
  for (const [title, method, fields] of [
    ['distros', 'get_distros', ['name', 'breed', 'os_version']],
    ['profiles', 'get_profiles', ['name', 'distro', 'parent', 'kickstart']],
    ['systems', 'get_systems', ['name', 'profile', 'interfaces']],
  ] as const) {
    say(`${title}:`)
    for (const row of await rows(method)) say(`  ${fields.map((field) => wordOf(row[field])).join('  ')}`)
  }
}

function wordOf(value: Value | undefined): string {
  if (value === undefined || value === null || value === '' || value === '~') return '-'
  if (!isStruct(value)) return String(value)
  const ports = Object.values(value).map((port) => (port !== null && isStruct(port) ? port : {}))
  return ports.map((port) => `${String(port['mac_address'])} ${String(port['ip_address'])}`).join(', ')
}
