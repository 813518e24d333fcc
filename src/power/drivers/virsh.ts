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
import { connectTo } from '../socket.ts'
import { ESCAPE_OPTION, openVirshConsole } from '../virsh-console.ts'

export const virsh: PowerDriver = {
  type: 'virsh',
  aliases: ['fence_virsh', 'libvirt'],
  can: ['on', 'off', 'state', 'console', 'screen'],
  fault,

  async act(target, action, tools) {
    const verb = action === 'off' ? 'destroy' : 'start'
    try {
      await call(target, [verb], tools)
    } catch (error) {
      if (error instanceof AsItIs) return
      throw error
    }
  },

  async state(target, tools) {
    return parseDomainState(await call(target, ['domstate'], tools))
  },

  async console(target, tools) {
    const { openTerminal, signal } = tools
    if (!openTerminal) throw new PowerError('no-program', 'there is no terminal to run virsh on')
    // Who is not there, and what is off, is told in better words than by a console that ends.
    await checkOn(target, 'console', tools)
    const { address, domain } = placeOf(target)
    // --force: a session that was broken off would keep all others out.
    const args = ['--connect', address, ...ESCAPE_OPTION, 'console', '--domain', domain, '--force']
    const stream = await openVirshConsole({
      ...{ openTerminal, args, signal },
      failure: (said) => failureOf(target, said),
    })
    // libvirt names the line's device so; it has no call of its own for a break.
    const sendBreak = async () => void (await call(target, ['qemu-monitor-command', '--hmp', BREAK], tools))
    return Object.assign(stream, { sendBreak })
  },

  async screen(target, tools) {
    await checkOn(target, 'screen', tools)
    const { name } = target
    const answer = await call(target, ['domdisplay', '--type', 'vnc'], tools).catch((error: PowerError) => {
      if (error.message.includes('No graphical display')) return ''
      throw error
    })
    const display = parseDisplay(answer)
    if (!display) {
      throw new PowerError('refused', `the domain of ${name} has no VNC display; add <graphics type='vnc'/> to it`)
    }
    return await connectTo(display, tools.signal).catch((cause: Error) => {
      const where = 'path' in display ? display.path : `${display.host}:${display.port}`
      const because = `the VNC display of ${name} at ${where} cannot be reached (${cause.message}); let it listen where this host gets to`
      throw new PowerError('no-answer', because, { cause })
    })
  },
}

const BREAK = 'chardev-send-break charserial0'

/** `vnc://127.0.0.1:3`, a display's number and no port; `vnc+unix:///path`; `vnc://:secret@host:0`. */
export function parseDisplay(answer: string): { host: string; port: number } | { path: string } | undefined {
  const path = /^vnc\+unix:\/\/(\/\S+)$/m.exec(answer)?.[1]
  if (path !== undefined) return { path }
  const [, bracketed, plain, display] =
    /^vnc:\/\/(?:[^@\s]*@)?(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})\b/m.exec(answer) ?? []
  const host = bracketed ?? plain
  if (host === undefined || display === undefined) return undefined
  // Display 0 is port 5900; libvirt says the port itself where it is lower.
  return { host, port: Number(display) < 5900 ? 5900 + Number(display) : Number(display) }
}

async function checkOn(target: PowerTarget, what: 'console' | 'screen', tools: PowerTools): Promise<void> {
  if (parseDomainState(await call(target, ['domstate'], tools)) !== 'off') return
  throw new PowerError('refused', `${target.name} is off; its ${what} is there when it is on`)
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

/** @throws OrchestraError power.unsupported when it is no place that virsh is sent to */
function placeOf({ name, power }: PowerTarget): { readonly address: string; readonly domain: string } {
  const wrong = fault(power)
  if (wrong !== undefined)
    throw new OrchestraError('power.unsupported', `${name}: ${wrong}`, { field: 'power.address' })
  return { address: uriOf(power.address), domain: power.id || name }
}

/** @param words the verb, and what follows the domain */
async function call(target: PowerTarget, [verb = '', ...rest]: string[], tools: PowerTools): Promise<string> {
  const { address, domain } = placeOf(target)
  try {
    const args = ['--connect', address, verb, '--domain', domain, ...rest]
    return await tools.exec('virsh', args, { signal: tools.signal })
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') {
      throw new PowerError('no-program', 'virsh is not installed on this host; install libvirt-clients', { cause })
    }
    if (/already (active|running)|is not running/.test(stderr)) throw new AsItIs()
    throw failureOf(target, stderr, cause)
  }
}

function failureOf({ name, power }: PowerTarget, said: string, cause?: unknown): PowerError {
  const because = (said.trim().split(/\r?\n/).at(-1) ?? '').replace(/^error: /, '')
  const sentence = `libvirt at ${power.address}, domain ${power.id || name}: ${because || 'it ended without a word'}`
  return new PowerError(faultOf(said), sentence, { cause })
}

function faultOf(stderr: string): PowerError['fault'] {
  if (/failed to get domain|Domain not found|no domain with matching/i.test(stderr)) return 'wrong-id'
  if (/authentication|Permission denied|Host key verification/i.test(stderr)) return 'wrong-password'
  if (/certificate/i.test(stderr)) return 'tls-not-trusted'
  if (/resolve|Name or service not known/i.test(stderr)) return 'wrong-address'
  return /failed to connect|unable to connect|refused|timed out|No such file/i.test(stderr) ? 'no-answer' : 'refused'
}
