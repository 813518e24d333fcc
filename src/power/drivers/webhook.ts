/**
 * webhook: a program of the site's own turns the machine on and off. `power_address` is its URL, http or https.
 *
 * Every question is `POST URL`, `Content-Type: application/json`, with the body
 *
 *     {"system":"node1","action":"on","id":"outlet 7","timestamp":1767225600}
 *
 * `action` is on, off, reboot or status; `id` is `power_id`; `timestamp` is in seconds since 1970 and stands in the header
 * `X-Orchestra-Timestamp` too. With a `power_pass` the body is signed: `X-Orchestra-Signature: sha256=HEX`, the
 * HMAC-SHA-256 (RFC 2104) of the body's bytes with the password as key. A hook compares that first, then refuses a
 * timestamp that is minutes old, so that a recorded question cannot be used again.
 *
 * Any 2xx means that the order was taken. `status` is answered with `{"state":"on"}` or `{"state":"off"}`; 404, 405 or 501
 * says that the hook cannot see, and any other state that it cannot tell now. An error may tell a sentence:
 * `{"because":"outlet 7 is locked"}`.
 *
 * Redirects are not followed and answers are bounded. `power_options`: `state=no` for a hook that can never see, so that
 * nobody waits for it to; fingerprint=sha256:…, ca=FILE or insecure=yes, as for redfish. `power_user` is not used.
 */
import { createHmac } from 'node:crypto'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { isJsonObject } from '../../lib/json.ts'
import { parseOptions } from '../../model/options.ts'
import type { PowerAction } from '../../model/power.ts'
import type { PowerSettings } from '../../model/system.ts'
import { type PowerAbility, type PowerDriver, PowerError, type PowerTarget, type PowerTools } from '../driver.ts'
import { clean, withoutSecrets } from '../http/clean.ts'
import { type Answer, openExchange, parseJson } from '../http/exchange.ts'
import { readOptions } from '../http/options.ts'
import { authorityOf, readTrust, TRUST_OPTIONS, type Trust } from '../http/trust.ts'

const CAN: readonly PowerAbility[] = ['on', 'off', 'reboot', 'state']
const CANNOT_SEE = new Set([404, 405, 501])

export function createWebhook({ clock = systemClock }: { readonly clock?: Clock } = {}): PowerDriver {
  /** One question on a connection of its own: a hook is asked seldom. */
  async function ask(target: PowerTarget, action: PowerAction | 'status', tools: PowerTools): Promise<Answer> {
    const settings = readHook(target.power)
    if (typeof settings === 'string') throw new PowerError('wrong-address', settings)
    const { url, trust } = settings
    const timestamp = Math.floor(clock.now() / 1000)
    const body = JSON.stringify({ system: target.name, action, id: target.power.id, timestamp })
    const exchange = openExchange(url, trust, authorityOf(trust, tools))
    try {
      const headers = {
        'content-type': 'application/json',
        'x-orchestra-timestamp': String(timestamp),
        ...(target.power.pass !== '' && { 'x-orchestra-signature': signatureOf(body, target.power.pass) }),
      }
      return await exchange.ask({ method: 'POST', path: url.pathname + url.search, headers, body }, tools.signal)
    } finally {
      await exchange.close()
    }
  }

  return {
    type: 'webhook',
    can: CAN,
    abilities: ({ options }) => (parseOptions(options)['state'] === 'no' ? CAN.filter((one) => one !== 'state') : CAN),

    fault(power) {
      const settings = readHook(power)
      return typeof settings === 'string' ? settings : undefined
    },

    async act(target, action, tools) {
      const answer = await ask(target, action, tools)
      if (answer.status < 200 || answer.status > 299) throw refusalOf(answer, action, target.power)
    },

    async state(target, tools) {
      const answer = await ask(target, 'status', tools)
      if (CANNOT_SEE.has(answer.status)) return 'unknown'
      if (answer.status < 200 || answer.status > 299) throw refusalOf(answer, 'status', target.power)
      const json = parseJson(answer.text)
      const state = isJsonObject(json) ? json['state'] : undefined
      return state === 'on' || state === 'off' ? state : 'unknown'
    },
  }
}

export const webhook: PowerDriver = createWebhook()

/** What a hook checks: `sha256=` and the HMAC of the body in hexadecimal digits. */
export function signatureOf(body: string, key: string): string {
  return `sha256=${createHmac('sha256', key).update(body, 'utf8').digest('hex')}`
}

/** A string is the sentence on what is wrong. */
function readHook({ address, options: words }: PowerSettings): { readonly url: URL; readonly trust: Trust } | string {
  const url = URL.parse(address)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return 'power_address of a webhook is a URL, like https://hooks.example/power'
  }
  if (url.username !== '' || url.password !== '') {
    return 'power_address holds a password; a webhook is signed with power_pass instead'
  }
  const options = readOptions(words, [...TRUST_OPTIONS, 'state'])
  if (typeof options === 'string') return options
  const trust = readTrust(options)
  return typeof trust === 'string' ? trust : { url, trust }
}

function refusalOf({ status, headers, text }: Answer, action: string, { address, pass }: PowerSettings): PowerError {
  const hook = `the hook at ${URL.parse(address)?.host ?? 'power_address'}`
  const json = parseJson(text)
  const because = isJsonObject(json) && typeof json['because'] === 'string' ? clean(json['because']) : ''
  const says = because === '' ? '' : `. It says: ${withoutSecrets(because, [pass])}`
  if (status >= 300 && status < 400) {
    const place = clean(withoutSecrets(headers.get('location') ?? 'nowhere', [pass]), 200)
    const advice = 'redirects are not followed, so set power_address to where it really is'
    return new PowerError('wrong-address', `${hook} sends us on to ${place}; ${advice}`)
  }
  if (status === 401)
    return new PowerError('wrong-password', `${hook} does not accept our signature; check power_pass${says}`)
  if (status === 403) return new PowerError('privilege-too-low', `${hook} does not let us do "${action}"${says}`)
  if (status === 404 && because === '') {
    return new PowerError('wrong-address', `${hook} is not there: it answers 404; check the path in power_address`)
  }
  if (status === 404) return new PowerError('wrong-id', `${hook} does not know this machine; check power_id${says}`)
  return new PowerError('refused', `${hook} refuses "${action}" (${status})${says}`)
}
