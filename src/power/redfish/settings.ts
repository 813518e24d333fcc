/** What `power_address` and `power_options` of a Redfish system say, read once and whole; nothing is asked of anybody. */
import type { PowerSettings } from '../../model/system.ts'
import { readOptions, yesOrNo } from '../http/options.ts'
import { readTrust, TRUST_OPTIONS, type Trust } from '../http/trust.ts'

export interface RedfishSettings {
  /** Scheme, host and port. */
  readonly origin: URL
  /** The system's path where the address names it; otherwise `power_id` tells, or there is only one. */
  readonly system: string | undefined
  readonly auth: 'session' | 'basic'
  readonly trust: Trust
  /** What the next boot is ordered by. */
  readonly boot: 'Pxe' | 'UefiHttp'
  /** The firmware's way to boot, where it is to be set with the order. */
  readonly mode: 'UEFI' | 'Legacy' | undefined
  /** Off and reboot ask the installed system first, and only ask. */
  readonly soft: boolean
}

const OPTIONS = ['auth', 'boot', 'mode', 'soft', ...TRUST_OPTIONS]

/** A string is the sentence on what is wrong. */
export function readSettings({ address, options: words }: PowerSettings): RedfishSettings | string {
  const place = readAddress(address)
  if (typeof place === 'string') return place
  const options = readOptions(words, OPTIONS)
  if (typeof options === 'string') return options
  const trust = readTrust(options)
  if (typeof trust === 'string') return trust

  const auth = options.get('auth') ?? 'session'
  if (auth !== 'session' && auth !== 'basic') return 'auth= takes session or basic'
  const boot = options.get('boot') ?? 'pxe'
  if (boot !== 'pxe' && boot !== 'http') return 'boot= takes pxe or http'
  const mode = options.get('mode')
  if (mode !== undefined && mode !== 'uefi' && mode !== 'legacy') return 'mode= takes uefi or legacy'
  const soft = yesOrNo(options.get('soft'))
  if (soft === undefined) return 'soft= takes yes or no'
  return {
    ...place,
    ...{ auth, trust, soft },
    boot: boot === 'http' ? 'UefiHttp' : 'Pxe',
    mode: mode === undefined ? undefined : mode === 'uefi' ? 'UEFI' : 'Legacy',
  }
}

/** A host, `host:port`, an IPv6 address in brackets, or a URL. https unless http is written out. */
export function readAddress(address: string): Pick<RedfishSettings, 'origin' | 'system'> | string {
  if (address === '') return 'power_address is empty; set it to the controller, like bmc1.example or https://10.0.0.5'
  const wrong = `power_address "${shown(address)}" is no controller's address`
  if (/[\s\\]/.test(address)) return `${wrong}: it has a blank or a backslash`
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(address)
  if (!hasScheme && /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address)) {
    return `${wrong}: write an IPv6 address in brackets, [${address}]`
  }
  let url: URL
  try {
    url = new URL(hasScheme ? address : `https://${address}`)
  } catch {
    return `${wrong}; write a host, host:port, or a URL`
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${wrong}: Redfish is spoken by https or http`
  if (url.username !== '' || url.password !== '') {
    return `${wrong}: user and password belong into power_user and power_pass`
  }
  if (url.search !== '' || url.hash !== '') return `${wrong}: it has a ? or a #`
  const path = url.pathname.replace(/\/+$/, '')
  const origin = new URL(url.origin)
  if (path === '' || path === '/redfish' || path === '/redfish/v1') return { origin, system: undefined }
  if (/^\/redfish\/v1\/Systems\/[^/]+$/.test(path)) return { origin, system: path }
  return `${wrong}: its path is neither /redfish/v1 nor that of a system, /redfish/v1/Systems/…`
}

/** Addresses are shown to people: never with a password that somebody wrote into one. */
function shown(address: string): string {
  return address.replace(/\/\/[^/@]*@/, '//…@')
}
