/**
 * fence: any program of the fence-agents packages, as Cobbler uses them. `power_type` is the program's name
 * (`fence_apc_snmp`) or Cobbler's word for it (`apc_snmp`); `power_address`, `power_user`, `power_pass` and `power_id` go to
 * it as ip, username, password and plug, and `power_options` (`lanplus=1 privlvl=operator`) as they are: all of it on
 * standard input, where no process list shows it.
 */
import { OrchestraError } from '../../model/errors.ts'
import type { PowerState } from '../../model/power.ts'
import type { PowerSettings } from '../../model/system.ts'
import { type PowerDriver, PowerError, type PowerTarget, type PowerTools } from '../driver.ts'
import { clean, withoutSecrets } from '../http/clean.ts'
import { readOptions } from '../options.ts'

/** Of Cobbler's types, those for which there is no driver of our own. */
const COBBLERS = new Set([
  ...['apc', 'bladecenter', 'bullpap', 'drac', 'drac5', 'ilo', 'lpar', 'rsa', 'rsb', 'sanbox2', 'scps'],
  ...['vmware', 'wti', 'rhevm', 'xenapi', 'amt', 'amt_ws', 'cisco_ucs', 'eaton_snmp', 'raritan', 'vmware_rest'],
  // Cobbler 3 takes every agent that is installed.
  ...[
    'alom',
    'brocade',
    'cdu',
    'cisco_mds',
    'cyberpower_ssh',
    'docker',
    'dummy',
    'emerson',
    'eps',
    'hpblade',
    'ibmblade',
  ],
  ...['ibmz', 'ifmib', 'ilo2', 'ilo_moonshot', 'ilo_mp', 'ilo_ssh', 'ilo3_ssh', 'ilo4_ssh', 'ilo5_ssh', 'intelmodular'],
  ...['ipdu', 'ldom', 'lindypdu', 'netio', 'ovh', 'powerman', 'pve', 'raritan_px3', 'rcd_serial', 'tripplite_snmp'],
  ...['vbox', 'vmware_soap', 'vmware_vcloud', 'zvmip'],
])

/** Agents log in, wait for the outlet and look at it, step by step: half a minute is usual. */
const LONGEST = 120_000

export const fence: PowerDriver = {
  type: 'fence',
  can: ['on', 'off', 'reboot', 'state'],
  longest: LONGEST,
  claims: (type) => COBBLERS.has(type) || /^fence_[a-z0-9_]{1,40}$/.test(type),
  fault,

  async act(target, action, tools) {
    await call(target, action, tools)
  },

  state: (target, tools) => call(target, 'status', tools),
}

/** Other agents' programs are named by an option: `fence` alone says nothing. */
function programOf({ type, options }: PowerSettings): string | undefined {
  const word = type === 'fence' ? (readOptions(options).get('agent') ?? '') : type
  const program = word.startsWith('fence_') ? word : `fence_${word}`
  return /^fence_[a-z0-9_]{1,40}$/.test(program) ? program : undefined
}

function fault(power: PowerSettings): string | undefined {
  if (programOf(power) === undefined) return 'power_options must say agent=NAME, as agent=apc_snmp'
  const lines = [power.address, power.user, power.pass, power.id, power.options]
  return lines.some((text) => /[\r\n]/.test(text.trim())) ? 'a line break is in the power settings' : undefined
}

/** What an agent reads: a name and a value a line; an empty line or a `#` has no meaning that we need. */
export function agentInput(power: PowerSettings, action: string): string {
  const [, six, host = six, port] = /^(?:\[([0-9a-f:.]+)\]|([^:\s/]+)):(\d{1,5})$/i.exec(power.address.trim()) ?? []
  const own: [string, string][] = [
    ['action', action],
    ['ip', host ?? power.address.trim()],
    ['ipport', port ?? ''],
    ['username', power.user],
    ['password', power.pass],
    ['plug', power.id],
  ]
  const more = [...readOptions(power.options).pairs].filter(([name]) => name !== 'agent' && name !== 'action')
  return [...own, ...more]
    .filter(([, value], index) => value !== '' || index >= own.length)
    .map(([name, value]) => `${name}=${value === '' ? '1' : value}\n`)
    .join('')
}

async function call(target: PowerTarget, action: string, { exec, signal }: PowerTools): Promise<PowerState> {
  const { name, power } = target
  const wrong = fault(power)
  const program = programOf(power)
  if (wrong !== undefined || program === undefined) throw new OrchestraError('power.unsupported', `${name}: ${wrong}`)
  try {
    await exec(program, [], { stdin: agentInput(power, action), signal, timeout: LONGEST })
    return action === 'status' ? 'on' : 'unknown'
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string }
    // fence-agents: 0 is on, 2 is off, anything else is a fault.
    if (action === 'status' && code === 2) return 'off'
    if (code === 'ENOENT') {
      throw new PowerError('no-program', `${program} is not installed on this host; install fence-agents`, { cause })
    }
    const missing = /not found or was not executable: (\S+?)\.?$/m.exec(stderr)?.[1]
    if (missing !== undefined) {
      throw new PowerError(
        'no-program',
        `${program} runs ${missing}, which is not installed on this host; install it`,
        {
          cause,
        },
      )
    }
    const what = action === 'status' ? `see the state of ${name}` : `turn ${name} ${WORDS[action] ?? action}`
    const fault = faultOf(stderr)
    const sentence = `${program} cannot ${what}: ${reasonOf(stderr, power)}${ADVICE[fault] ?? ''}`
    throw new PowerError(fault, sentence, { cause })
  }
}

function faultOf(stderr: string): PowerError['fault'] {
  if (/Unable to connect\/login|Login (incorrect|failed)|authentication/i.test(stderr)) return 'wrong-password'
  if (/Connection timed out|timed out|refused|unreachable/i.test(stderr)) return 'no-answer'
  return /plug|port/i.test(stderr) && /not (found|exist)|Failed: You have to enter/i.test(stderr)
    ? 'wrong-id'
    : 'refused'
}

const ADVICE: Partial<Record<PowerError['fault'], string>> = {
  'wrong-password': '; see whether power_address, power_user and power_pass are right',
  'wrong-id': '; see whether power_id is right',
}
const WORDS: Readonly<Record<string, string>> = { reboot: 'off and on' }

/** The last line that says something: agents tell their options when they fail, and a password may be among them. */
function reasonOf(stderr: string, { pass }: PowerSettings): string {
  const lines = stderr.split('\n').map((line) => line.replace(/^[\d-]+ [\d:,]+ (ERROR|WARNING|INFO): /, '').trim())
  const reason = lines.filter((line) => line !== '' && !line.includes("Please use '-h'")).at(-1)
  return withoutSecrets(clean(reason ?? 'it gave no reason'), [pass])
}
