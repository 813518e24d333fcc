/** The host name and the domain that an installed machine gets, and the server that it is told of. */
import type { Blend, ToldServer } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { System } from '../model/system.ts'

export interface HostName {
  readonly host: string
  readonly domain: string
}

/** A system's host name (its name, when it has none), cut into host and domain; letters, digits and dashes (RFC 1123). */
export function hostNameOf(system: System | undefined, domain: string): HostName {
  const [host = '', ...rest] = (system?.hostname || system?.name || 'new-machine').split('.')
  return {
    host: label(host) || 'new-machine',
    domain:
      rest
        .map(label)
        .filter((part) => part !== '')
        .join('.') || domain,
  }
}

function label(text: string): string {
  return text
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
}

/** A name or address, with a port or without: it goes into URLs, kernel lines and shells. @throws OrchestraError */
export function checkedServer(server: string): string {
  if (/^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/.test(server)) return server
  throw new OrchestraError('item.invalid', `server "${server}" is no host or host:port`, { field: 'server' })
}

/** Where an installer sends its syslog; undefined: nowhere. */
export function syslogOf({ syslog, server }: Blend): { host: string; port: number } | undefined {
  return syslog && { host: hostOf(syslog, server), port: syslog.port }
}

/** Through what an installer fetches packages, `http://10.77.0.1:8000/`; empty: through nothing. */
export function proxyUrlOf({ proxy = '', server }: Blend): string {
  if (typeof proxy === 'string') return proxy
  return `http://${hostOf(proxy, server)}:${proxy.port}/`
}

function hostOf({ host }: ToldServer, server: string): string {
  return checkedServer(host ?? server.replace(/:\d+$/, ''))
}

/** Where a boot reads its metadata; no slash at the end. */
export function metadataUrlOf({ server }: Pick<Blend, 'server'>, token: string): string {
  return `http://${checkedServer(server)}/metadata/${token}`
}
