/**
 * Whom we take for the controller when TLS is spoken: the words of `power_options` on it, and the judgement of a peer's
 * certificate. Verification is on unless it is turned off in so many words.
 */
import type { buildConnector } from 'undici'
import { parseOptions } from '../../model/options.ts'
import { PowerError, type PowerTools } from '../driver.ts'
import { clean } from './clean.ts'

export type Trust =
  /** Certificates of the authorities that Node comes with. */
  | { readonly trust: 'authorities' }
  /** Those signed by the certificates of a file below the data folder, and no others. */
  | { readonly trust: 'file'; readonly path: string }
  /** Exactly one certificate, whoever signed it and whatever names and dates are in it. */
  | { readonly trust: 'fingerprint'; readonly sha256: string }
  | { readonly trust: 'anyone' }

/** The options of `power_options` that are read here. */
export const TRUST_OPTIONS = ['fingerprint', 'ca', 'insecure', 'ssl_insecure'] as const

/** What the options say; a string is the sentence on what is wrong with them. */
export function readTrust(options: ReadonlyMap<string, string>): Trust | string {
  const [fingerprint, ca] = [options.get('fingerprint'), options.get('ca')]
  // fence agents say ssl_insecure=1 for the same, and systems come over from Cobbler with it.
  const insecure = options.get('insecure') ?? options.get('ssl_insecure')
  if ([fingerprint, ca, insecure].filter((one) => one !== undefined).length > 1) {
    return 'only one of fingerprint=, ca= and insecure=yes can be in power_options'
  }
  if (fingerprint !== undefined) {
    const sha256 = fingerprint
      .replace(/^sha-?256:/i, '')
      .replaceAll(':', '')
      .toLowerCase()
    if (/^[0-9a-f]{64}$/.test(sha256)) return { trust: 'fingerprint', sha256 }
    return 'fingerprint= takes the SHA-256 of a certificate: sha256: and 64 hexadecimal digits'
  }
  if (ca !== undefined) {
    if (/^[\w.-]+(\/[\w.-]+)*\.(pem|crt)$/.test(ca) && !ca.includes('..')) return { trust: 'file', path: ca }
    return 'ca= takes the name of a .pem or .crt file below the data folder'
  }
  if (insecure === undefined || /^(no|0|false)$/i.test(insecure)) return { trust: 'authorities' }
  if (/^(yes|1|true|)$/i.test(insecure)) return { trust: 'anyone' }
  return 'insecure= takes yes or no'
}

/** These options turn verification off: whoever stands in between hears the password. */
export function trustsAnyone(powerOptions: string): boolean {
  const options = Object.entries(parseOptions(powerOptions)).map(([name, value]): [string, string] => [
    name,
    value === null ? '' : String(value),
  ])
  const trust = readTrust(new Map(options))
  return typeof trust !== 'string' && trust.trust === 'anyone'
}

/** The text of the file that the trust names; undefined when it names none. @throws PowerError */
export function authorityOf(trust: Trust, { readFile }: Pick<PowerTools, 'readFile'>): string | undefined {
  if (trust.trust !== 'file') return undefined
  const text = readFile?.(trust.path)
  if (text !== undefined && /-----BEGIN CERTIFICATE-----/.test(text)) return text
  const fault = text === undefined ? 'is not there' : 'holds no certificate in PEM form'
  throw new PowerError(
    'tls-not-trusted',
    `ca=${trust.path} ${fault}; put the authority's certificate below the data folder`,
  )
}

type Peer = NonNullable<Parameters<buildConnector.Callback>[1]>

/**
 * Why this peer is not to be spoken with; undefined: go on. It is asked when the handshake is over and before the first
 * byte of HTTP, so a stranger sees neither password nor order. A connection without TLS is what the address asked for.
 */
export function distrustOf(trust: Trust, socket: Peer, host: string): string | undefined {
  if (!('getPeerCertificate' in socket) || trust.trust === 'anyone') return undefined
  const { fingerprint256 = '', valid_from, valid_to, subjectaltname } = socket.getPeerCertificate()
  const seen = fingerprint256.replaceAll(':', '').toLowerCase()
  if (trust.trust === 'fingerprint') {
    if (seen !== '' && seen === trust.sha256) return undefined
    return `${host} has another certificate than the pinned one: ${pinning(seen)}`
  }
  if (socket.authorized === true) return undefined
  const error = String(socket.authorizationError)
  const why = /EXPIRED/.test(error)
    ? `has expired (${valid_to})`
    : /NOT_YET/.test(error)
      ? `is not valid before ${valid_from}`
      : /ALTNAME/.test(error)
        ? `is for ${clean(subjectaltname ?? 'no name at all', 200)} and not for ${host}`
        : `is signed by nobody that we trust (${clean(error, 100)})`
  return `the certificate of ${host} ${why}: ${pinning(seen)}`
}

function pinning(seen: string): string {
  return `its SHA-256 fingerprint is ${seen || 'not told'}; compare it on the controller itself, then put fingerprint=sha256:${seen || '…'} into power_options`
}
