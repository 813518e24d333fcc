/**
 * virsh: domains of libvirt, by its own client. `power_address` is a libvirt URI (`qemu:///system`, `qemu+tcp://host:65001`,
 * `qemu+ssh://user@host/system`, `test:///default`), `power_id` the domain; empty: the system's name.
 *
 * A reboot is off and on: a domain that is only reset keeps the boot order that it was started with.
 */
import { OrchestraError } from '../../model/errors.ts'
import type { PowerState } from '../../model/power.ts'
import type { PowerSettings } from '../../model/system.ts'
import { type PowerDriver, PowerError, type PowerTarget, type PowerTools } from '../driver.ts'

export const virsh: PowerDriver = {
  type: 'virsh',
  aliases: ['fence_virsh', 'libvirt'],
  can: ['on', 'off', 'state'],
  fault,

  async act(target, action, tools) {
    const verb = action === 'off' ? 'destroy' : 'start'
    try {
      await call(target, verb, tools)
    } catch (error) {
      if (error instanceof AsItIs) return
      throw error
    }
  },

  async state(target, tools) {
    return parseDomainState(await call(target, 'domstate', tools))
  },
}

/** Already on, or already off: no error for whoever wants just that. */
class AsItIs extends Error {}

/** The words of `virsh domstate`, in the C locale. */
export function parseDomainState(answer: string): PowerState {
  const word = answer.trim()
  if (/^(running|idle|blocked|paused|in shutdown|pmsuspended|dying)$/.test(word)) return 'on'
  return /^(shut off|crashed)$/.test(word) ? 'off' : 'unknown'
}

/**
 * libvirt's URIs can name a program to run (`command`, `netcat`, the transport `ext`): whoever may edit a system is not
 * thereby to run programs on this host.
 */
function fault({ address, id }: PowerSettings): string | undefined {
  const [, scheme, rest = ''] = /^([a-z]+(?:\+[a-z0-9]+)?):\/\/(\S*)$/i.exec(address) ?? []
  if (scheme === undefined) return `power_address "${address}" is no libvirt URI, as qemu+tcp://10.0.0.2:65001/system`
  const transport = scheme.split('+')[1] ?? ''
  if (!['', 'unix', 'tcp', 'tls', 'ssh', 'libssh', 'libssh2'].includes(transport)) {
    return `the transport "${transport}" of a libvirt URI is not allowed; use unix, tcp, tls or ssh`
  }
  const query = new URLSearchParams(rest.split('?')[1] ?? '')
  const [foreign] = [...query.keys()].filter((key) => !['socket', 'mode', 'name', 'keyfile', 'no_tty'].includes(key))
  if (foreign !== undefined) return `"${foreign}" in a libvirt URI is not allowed`
  if (/^-|@-|\/\/-/.test(rest)) return `power_address "${address}" has a host that begins with a dash`
  return id.startsWith('-') ? `power_id "${id}" begins with a dash` : undefined
}

/** The original's devenv left the path out. */
function uriOf(address: string): string {
  return /^qemu(\+[a-z0-9]+)?:\/\/[^/?]+$/i.test(address) ? `${address}/system` : address
}

async function call({ name, power }: PowerTarget, verb: string, { exec, signal }: PowerTools): Promise<string> {
  const wrong = fault(power)
  if (wrong !== undefined)
    throw new OrchestraError('power.unsupported', `${name}: ${wrong}`, { field: 'power.address' })
  const domain = power.id || name
  try {
    return await exec('virsh', ['--connect', uriOf(power.address), verb, '--domain', domain], { signal })
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') {
      throw new PowerError('no-program', 'virsh is not installed on this host; install libvirt-clients', { cause })
    }
    if (/already (active|running)|is not running/.test(stderr)) throw new AsItIs()
    const because = (stderr.trim().split('\n').at(-1) ?? '').replace(/^error: /, '')
    throw new PowerError(faultOf(stderr), `libvirt at ${power.address}, domain ${domain}: ${because}`, { cause })
  }
}

function faultOf(stderr: string): PowerError['fault'] {
  if (/failed to get domain|Domain not found|no domain with matching/i.test(stderr)) return 'wrong-id'
  if (/authentication|Permission denied|Host key verification/i.test(stderr)) return 'wrong-password'
  if (/certificate/i.test(stderr)) return 'tls-not-trusted'
  if (/resolve|Name or service not known/i.test(stderr)) return 'wrong-address'
  return /failed to connect|unable to connect|refused|timed out|No such file/i.test(stderr) ? 'no-answer' : 'refused'
}
