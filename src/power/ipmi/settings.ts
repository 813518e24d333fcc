/** Power settings as they are typed, as what the IPMI client takes; or what is wrong with them, in a sentence. Pure. */
import type { PowerSettings } from '../../model/system.ts'
import type { PowerFault } from '../driver.ts'
import { readOptions } from '../options.ts'
import type { IpmiTarget } from './client.ts'
import { PRIVILEGES, type Privilege } from './handshake.ts'

export interface IpmiSettings {
  readonly target: IpmiTarget
  /** Firmware of the machine, where the person says it: the BMC must know which way to boot. */
  readonly firmware: 'efi' | 'bios' | undefined
  /** Off asks the operating system to shut down. */
  readonly soft: boolean
}

export type ParsedSettings =
  | { readonly ok: true; readonly settings: IpmiSettings }
  | { readonly ok: false; readonly because: string; readonly field: string; readonly fault: PowerFault }

const PORT = 623
/** 22.30: twenty bytes for IPMI 2.0, sixteen for 1.5; a longer one would be cut without a word. */
const LONGEST = { user: 16, password: 20 }

const LEVELS: Readonly<Record<string, Privilege>> = {
  user: 'user',
  operator: 'operator',
  administrator: 'administrator',
  admin: 'administrator',
}

/** Words of fence_ipmilan and ipmitool that ask for nothing here, or for what is done anyway. */
const WITHOUT_EFFECT = new Set([
  ...['lanplus', 'auth', 'method', 'timeout', 'power_timeout', 'power_wait', 'shell_timeout', 'login_timeout', 'delay'],
  ...['retry_on', 'ipmitool_path', 'sudo', 'verbose', 'quiet', 'interface'],
])

export function parseSettings(power: PowerSettings): ParsedSettings {
  const place = parseAddress(power.address)
  if (!place) {
    const what = power.address === '' ? 'there is no power address' : `power address "${power.address}" is no host`
    return wrong('wrong-address', 'power.address', `${what}; it is like 10.0.0.5, bmc1.example:623 or [fd00::5]:623`)
  }
  const bytes = Buffer.byteLength(power.pass)
  if (bytes > LONGEST.password) {
    const words = `the power password has ${bytes} bytes, but IPMI takes ${LONGEST.password} at most`
    return wrong('wrong-password', 'power.pass', `${words}; set a shorter one, here and in the BMC`)
  }
  if (Buffer.byteLength(power.user) > LONGEST.user) {
    const words = `the power user "${power.user}" is longer than the ${LONGEST.user} bytes that IPMI takes`
    return wrong('wrong-password', 'power.user', `${words}; choose a shorter name, here and in the BMC`)
  }
  let settings: IpmiSettings = {
    target: { ...place, user: power.user, password: power.pass },
    firmware: undefined,
    soft: false,
  }
  for (const [word, value] of readOptions(asPairs(power.options)).pairs) {
    const parsed = parseOption(settings, word.toLowerCase(), value.toLowerCase())
    if (!parsed) {
      const known = 'cipher=17 or 3, privilege=user, operator or administrator, port=623, efi, bios, soft, lanplus'
      return wrong(
        'refused',
        'power.options',
        `"${word}" in the power options is not known to ipmi; known are ${known}`,
      )
    }
    if (!('target' in parsed)) return parsed
    settings = parsed
  }
  return { ok: true, settings }
}

/** What ipmitool takes as `-C 17`, and fence_ipmilan as `--cipher=17`. */
const FLAGS: Readonly<Record<string, string>> = {
  ...{ I: 'interface', L: 'privilege', C: 'cipher', p: 'port', A: 'auth', N: 'timeout', R: 'retry_on' },
}

function asPairs(options: string): string {
  return options
    .replace(
      /(^|\s)-([ILCpANR])\s*([^\s-]\S*)/g,
      (_, before: string, flag: string, value: string) => `${before}${FLAGS[flag]}=${value}`,
    )
    .replace(/(^|\s)-P(?=\s|$)/g, '$1lanplus')
    .replace(/(^|\s)--(?=[a-z])/g, '$1')
    .replaceAll(/(^|\s)[a-z]+(-[a-z]+)+/g, (word) => word.replaceAll('-', '_'))
}

function parseOption(settings: IpmiSettings, name: string, value: string): IpmiSettings | ParsedSettings | undefined {
  const { target } = settings
  switch (name) {
    case 'cipher':
      return parseCipher(settings, value)
    case 'privilege':
    case 'privlvl': {
      const privilege = LEVELS[value]
      if (privilege) return { ...settings, target: { ...target, privilege } }
      const known = Object.keys(PRIVILEGES).join(', ')
      return wrong('privilege-too-low', 'power.options', `privilege "${value}" is not known; known are ${known}`)
    }
    case 'port':
    case 'ipport': {
      const port = parsePort(value)
      return port === undefined ? undefined : { ...settings, target: { ...target, port } }
    }
    case 'efi':
    case 'bios':
      return { ...settings, firmware: name }
    case 'soft':
      return { ...settings, soft: true }
    default:
      return WITHOUT_EFFECT.has(name) ? settings : undefined
  }
}

function parseCipher(settings: IpmiSettings, value: string): IpmiSettings | ParsedSettings {
  const number = /^\d{1,3}$/.test(value) ? Number(value) : undefined
  if (number === 17 || number === 3) return { ...settings, target: { ...settings.target, suite: number } }
  const why = number === 0 ? 'lets anyone in without a password' : 'does not prove and hide enough'
  const what = number === undefined ? `cipher "${value}" is no number of a suite` : `cipher suite ${number} ${why}`
  return wrong('cipher-refused', 'power.options', `${what}: only 17 and 3 are spoken; take cipher=17, or leave it out`)
}

/** `host`, `host:port`, `[v6]`, `[v6]:port`; a bare IPv6 address too, since it cannot be taken for anything else. */
export function parseAddress(address: string): { host: string; port: number } | undefined {
  const text = address.trim()
  const match =
    /^\[([0-9a-f:.]+(?:%[\w.-]+)?)\](?::(\d+))?$/i.exec(text) ??
    /^([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[\w.-]+)?)$/i.exec(text) ??
    /^([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?)(?::(\d+))?$/i.exec(text)
  const port = match?.[2] === undefined ? PORT : parsePort(match[2])
  return match?.[1] !== undefined && port !== undefined ? { host: match[1], port } : undefined
}

function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port > 0 && port < 65_536 ? port : undefined
}

function wrong(fault: PowerFault, field: string, because: string): ParsedSettings {
  return { ok: false, fault, field, because }
}
