/** Where in the store a URL points, and back. Pure: whether something is there is tree.ts. */
import { Refusal } from './refusal.ts'

/** The store's own folder in URLs. */
export const BASE = '/webdav'

export interface Place {
  /** Names parted by slashes, none at either end; empty: the root. */
  readonly path: string
  /** The URL ended in a slash: it means a folder. */
  readonly slash: boolean
}

/** What file systems hold in one name, in bytes. */
const MAX_NAME = 255
/** Well below the 4096 of Linux, which has to hold the data directory too. */
const MAX_PATH = 2048

/**
 * What a request line or a header points to: an absolute path or an absolute URL (RFC 9112 section 3.2.2), without its
 * query. Slashes in a row are one, as clients join a base URL and a name with care or without.
 * @throws Refusal 400, 404 or 414
 */
export function placeOf(target: string): Place {
  // RFC 9112 section 3.2: none is ever sent. Whoever sends one means less than what is before it.
  if (target.includes('#')) throw new Refusal(400, 'a request has no fragment: write # in a name as %23')
  const raw = rawPathOf(target)
  if (raw !== BASE && !raw.startsWith(`${BASE}/`)) throw new Refusal(404, `the store begins at ${BASE}/`)
  const names = raw
    .slice(BASE.length)
    .split('/')
    .filter((name) => name !== '')
    .map(decodeName)
  const path = names.join('/')
  if (Buffer.byteLength(path) > MAX_PATH) throw new Refusal(414, `a path has at most ${MAX_PATH} bytes`)
  return { path, slash: raw.endsWith('/') }
}

/** Without scheme, host and query; as it was written otherwise. */
export function rawPathOf(target: string): string {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] ?? ''
  return path === '' ? '/' : path
}

function decodeName(raw: string): string {
  let name: string
  try {
    name = decodeURIComponent(raw)
  } catch {
    throw new Refusal(400, 'a name in a URL is UTF-8, with % only before two hexadecimal digits')
  }
  if (name === '.' || name === '..') throw new Refusal(400, `"${name}" is no name in the store`)
  if (/[/\\]/.test(name)) throw new Refusal(400, 'a name has no slash and no backslash in it')
  // What XML 1.0 cannot say is no name either: it could never be listed.
  if (/[\0-\x1f\x7f\ufffe\uffff]/.test(name)) throw new Refusal(400, 'a name has no control characters in it')
  if (Buffer.byteLength(name) > MAX_NAME) throw new Refusal(414, `a name has at most ${MAX_NAME} bytes`)
  return name
}

/** The absolute path that is sent to clients; folders end in a slash (RFC 4918 section 5.2). */
export function hrefOf(path: string, isFolder: boolean): string {
  if (path === '') return `${BASE}/`
  return `${BASE}/${path.split('/').map(encodeURIComponent).join('/')}${isFolder ? '/' : ''}`
}

/**
 * The Destination of a COPY or MOVE (RFC 4918 section 10.3): in this store.
 * @param hosts ours, without ports; none: not known, any will do
 * @throws Refusal 400 or 502
 */
export function destinationOf(header: string | undefined, hosts: readonly string[]): Place {
  if (header === undefined) throw new Refusal(400, 'say where to, in a Destination header')
  const text = header.trim()
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(text)?.[1]
  if (host === undefined && !text.startsWith('/')) throw new Refusal(400, 'Destination is a URL or an absolute path')
  if (host !== undefined && hosts.length > 0 && !hosts.includes(host.toLowerCase())) {
    throw new Refusal(502, `the destination is on another server, ${host}`)
  }
  const raw = rawPathOf(text)
  if (raw !== BASE && !raw.startsWith(`${BASE}/`)) throw new Refusal(502, `the destination is outside of ${BASE}/`)
  return placeOf(text)
}

/** The host of a Host header or a URL, without its port, in lower case. */
export function hostOf(text: string | undefined): string | undefined {
  return /^(?:[a-z]+:\/\/)?(\[[^\]]*\]|[^/:]+)/i.exec(text ?? '')?.[1]?.toLowerCase()
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** True for what is in a folder, at any depth; not for the folder itself. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' ? path !== '' : path.startsWith(`${folder}/`)
}
