/**
 * wol: Wake-on-LAN turns a machine on; nobody answers, so it never claims that it is. Off goes by ssh where that is set up.
 *
 * `power_address`: where the packet is sent to, `192.168.1.255` or `192.168.1.255:7`; empty: to everybody on every network
 * of this host, port 9. `power_id`: a MAC; empty: those of all interfaces. `power_pass`: the SecureOn password, where the
 * card wants one. `power_options`: `ssh=user@host` for off (`sudo -n poweroff` there, with a key that this host has),
 * `key=/path/of/key`.
 */
import { hostAddresses } from '../../lib/network.ts'
import { sendDatagram } from '../../lib/udp.ts'
import { asMac, type Mac } from '../../model/address.ts'
import { OrchestraError } from '../../model/errors.ts'
import type { PowerSettings } from '../../model/system.ts'
import { type PowerDriver, PowerError, type PowerTarget, type PowerTools } from '../driver.ts'
import { readOptions } from '../options.ts'
import { magicPacket } from '../wol-packet.ts'

const PORT = 9
/** A packet may be lost, and nobody says so. */
const COPIES = 3

export const wol: PowerDriver = {
  type: 'wol',
  aliases: ['ether_wake', 'wakeonlan'],
  can: ['on', 'off'],
  abilities: ({ options }) => (readOptions(options).has('ssh') ? ['on', 'off'] : ['on']),
  fault,

  async act(target, action, tools) {
    const wrong = fault(target.power)
    if (wrong !== undefined) throw new OrchestraError('power.unsupported', `${target.name}: ${wrong}`)
    if (action === 'off') return await shutDown(target, tools)
    await wake(target)
  },

  async state({ name }) {
    throw new OrchestraError('power.unsupported', `wol cannot see whether ${name} is on`)
  },
}

function fault({ address, id, pass, options }: PowerSettings): string | undefined {
  if (address !== '' && !placeOf(address))
    return `power_address "${address}" is no IPv4 address to send to, as 192.168.1.255`
  if (id !== '' && asMac(id) === undefined)
    return `power_id "${id}" is no MAC address; leave it empty for those of the interfaces`
  if (pass !== '' && asMac(pass) === undefined)
    return 'power_pass is no SecureOn password; that is written as a MAC address'
  const given = readOptions(options)
  const ssh = given.get('ssh')
  if (ssh !== undefined && !/^[A-Za-z_][\w.-]*@[A-Za-z0-9][A-Za-z0-9.:-]*$/.test(ssh))
    return `ssh=${ssh} is no user@host`
  const key = given.get('key')
  if (key !== undefined && !key.startsWith('/')) return `key=${key} is no whole path of a file`
  return undefined
}

function placeOf(address: string): { to: string; port: number } | undefined {
  const [, to, port] = /^(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?$/.exec(address) ?? []
  const number = Number(port ?? PORT)
  if (to === undefined || to.split('.').some((part) => Number(part) > 255) || number < 1 || number > 65_535)
    return undefined
  return { to, port: number }
}

async function wake({ name, power, macs }: PowerTarget): Promise<void> {
  const own = asMac(power.id)
  const all: readonly Mac[] = own ? [own] : macs
  if (all.length === 0) throw new PowerError('wrong-id', `${name} has no MAC address to wake; give an interface one`)
  const place = placeOf(power.address)
  const froms = place ? [undefined] : hostAddresses().flatMap(({ address, internal }) => (internal ? [] : [address]))
  if (froms.length === 0) {
    throw new PowerError('wrong-address', `this host has no network to wake ${name} on; set its power_address`)
  }
  const { to, port } = place ?? { to: '255.255.255.255', port: PORT }
  const sends = froms.flatMap((from) =>
    all.map(async (mac) => {
      const bytes = magicPacket(mac, asMac(power.pass))
      for (let copy = 0; copy < COPIES; copy++) {
        await sendDatagram({ bytes, to, port, ...(from !== undefined && { from }) })
      }
    }),
  )
  // A network that is down must not keep the packet from the others: the machine is in one of them.
  const failed = (await Promise.allSettled(sends)).filter((one) => one.status === 'rejected')
  const [first] = failed
  if (!first || failed.length < sends.length) return
  const cause: unknown = first.reason
  const words = cause instanceof Error ? cause.message : String(cause)
  throw new PowerError('wrong-address', `the packet for ${name} cannot be sent to ${to}: ${words}`, { cause })
}

async function shutDown({ name, power }: PowerTarget, { exec, signal }: PowerTools): Promise<void> {
  const options = readOptions(power.options)
  const ssh = options.get('ssh')
  if (ssh === undefined) {
    const how = 'set power_options to ssh=user@host, with a key of this host in its authorized_keys'
    throw new OrchestraError('power.unsupported', `Wake-on-LAN cannot turn ${name} off; ${how}`)
  }
  const key = options.get('key')
  const words = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', ...(key === undefined ? [] : ['-i', key])]
  try {
    await exec('ssh', [...words, '--', ssh, 'sudo', '-n', 'poweroff'], { signal })
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string }
    if (code === 'ENOENT')
      throw new PowerError('no-program', 'ssh is not installed on this host; install openssh-client')
    // The machine goes down under the connection: ssh calls that an error of its own.
    if (code === 255 && /closed by remote host|Connection reset/.test(stderr)) return
    const because = stderr.trim().split('\n').at(-1) ?? ''
    const isRefused = /Permission denied|Host key verification failed/.test(stderr)
    throw new PowerError(isRefused ? 'wrong-password' : 'no-answer', `${ssh} does not turn ${name} off: ${because}`, {
      cause,
    })
  }
}
