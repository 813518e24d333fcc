/** The host name and the domain that an installed machine gets, and the server that it is told of. */
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
  if (/^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(server)) return server
  throw new OrchestraError('item.invalid', `server "${server}" is no host or host:port`, { field: 'server' })
}
